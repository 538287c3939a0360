"""Real threads and processes on every engine, and storage that fails at each of its calls."""
