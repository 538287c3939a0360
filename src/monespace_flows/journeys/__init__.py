"""The journeys of the guide, one file each."""
