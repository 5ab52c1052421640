"""The account around the flows, the stack of a laptop, and the registration with a Prefect server."""

LAPTOP, CLOUD = "local", "aws"  # names of the deployments in prefect.yaml
BLOCK = "pedigree-aws"  # the credentials block that those for AWS name
