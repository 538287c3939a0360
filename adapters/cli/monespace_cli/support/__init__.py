"""The commands of support staff: they read journeys, and write nothing but access records."""
