"""CloudFormation: moto's stacks, with the resources and refusals that it leaves out."""
