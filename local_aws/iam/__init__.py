"""IAM: who calls, what a call needs, and whether the caller has it."""
