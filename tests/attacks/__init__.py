"""The attacks of the table in ``docs/reference/attacks.md`` that only a real store can settle."""
