"""Small mistakes, each of which some test of what people see must notice."""
