"""What puts facts, tables and effects in order."""
