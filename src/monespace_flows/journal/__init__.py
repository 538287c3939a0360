"""The journal: what was decided, on which facts, line by line; and its files."""
