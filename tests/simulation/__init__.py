"""A world run by one seed: people, relays, an operator and failures, interleaved at every call."""
