"""IAM: the identity of the caller, the permissions that a call needs, and the decision."""
