"""`python -m server.cli`: the console script, where it is not on the path."""

from server.cli import app

app()
