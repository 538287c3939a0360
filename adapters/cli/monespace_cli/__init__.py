"""The `monespace` program: serve, demo, and the commands of support staff."""
