"""`python -m monespace_cli`, for where scripts are not on the path."""

from .main import main

main()
