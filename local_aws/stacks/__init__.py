"""CloudFormation: moto's stacks, with the resource properties and refusals that moto lacks."""
