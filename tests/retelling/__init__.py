"""Journals told again: by the table, by the flows kept as data."""
