"""Yes or no on plain values."""
