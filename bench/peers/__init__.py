"""We beside our rivals, one client and one run for all: `python -m bench peers --help`."""
