"""Yes or no on plain values: no port, no clock, no chance."""
