"""The Order's registry, asked over HTTP: a port that a host writes."""
