"""Checks of an account before the first run: each result is OK, MISSING with a repair, or UNKNOWN with a reason."""
