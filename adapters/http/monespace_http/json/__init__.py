"""The same journeys for programs: JSON, its OpenAPI document, health."""
