"""The generated pages of the manual: each module writes what it names."""
