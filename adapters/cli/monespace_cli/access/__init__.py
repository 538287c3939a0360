"""What must be known before journeys are read: which service, whose, and why."""
