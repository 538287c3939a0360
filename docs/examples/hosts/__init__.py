"""Hosts that embed the journeys at ``/compte``, or elsewhere: each has a page for members."""
