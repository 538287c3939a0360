"""What any HTTP service needs, whatever it serves: bodies, headers, origins, brake, workers."""
