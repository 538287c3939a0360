"""The parts that the journeys are made of, one by one."""
