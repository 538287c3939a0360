"""Support's replay: what happened to someone, told from the journal alone.

Everything here is pure: it reads journal lines and the charts, asks no port, and can neither
send nor write.
"""
