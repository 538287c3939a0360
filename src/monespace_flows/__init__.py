"""Account journeys as explicit state machines."""
