"""What a person types, and what is sent to them, stands nowhere that it can be read."""
