"""The rivals, each as its own manual sets it up; they run in .venv-peers, not in .venv."""
