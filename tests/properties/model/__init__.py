"""What the library must do, written a second time, in the plainest Python.

The model knows people, accounts, sessions, links, and where each journey stands.  It reads nothing
of the library: its numbers are those of the guide and of the requirements, typed again here.
"""

from .world import Account, Link, Run, Session, World

__all__ = ["Account", "Link", "Run", "Session", "World"]
