"""Settings: the records of a service and of support, and where they are read from."""
