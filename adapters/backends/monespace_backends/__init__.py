"""The ports on real things: SQL storage, registries, e-mail, SMS, password hashing, keys."""
