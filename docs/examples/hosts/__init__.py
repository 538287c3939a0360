"""Hosts that embed the journeys at ``/compte``: each has a page of its own for members."""
