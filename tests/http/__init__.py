"""The HTTP adapter, on memory ports."""
