"""The commands of those who run the service: its tables, its registry, its accounts, its health."""
