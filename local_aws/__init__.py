"""The embedded AWS: the calls a flow makes reach this process, and what they ask for really runs.

moto keeps the books; this package executes. `python -m local_aws --help` starts it.
"""
