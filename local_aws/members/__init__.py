"""The members of the requests that local_aws executes: which are acted on, which are ignored on purpose; every other one is refused."""
