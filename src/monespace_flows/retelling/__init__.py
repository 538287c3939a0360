"""Telling a journey again from its journal: no port, nothing sent, nothing written."""
