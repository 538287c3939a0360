"""Signing in from outside: ProSanté Connect, or any OpenID provider that names an RPPS number."""
