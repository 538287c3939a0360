"""What holds for every test."""

from hypothesis import settings

# Machines differ and are shared: a slow example is no failure.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")
