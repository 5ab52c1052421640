"""The embedded AWS: it receives the AWS calls of a flow, and really runs the jobs, endpoints and functions.

moto keeps the records of resources, and this package executes them. `python -m local_aws --help` lists the options.
"""
