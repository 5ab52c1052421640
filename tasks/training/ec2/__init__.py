"""Training on an EC2 instance, driven over SSM."""
