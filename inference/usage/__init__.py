"""Requests and tokens, counted by key, model and day."""
