"""The commands that serve: `serve`, `relay` and `demo`."""
