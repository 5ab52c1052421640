"""What a run needs of an account, looked at before the first one: each thing is OK, MISSING with what mends it, or UNKNOWN with why."""
