"""Training on an EC2 instance over SSM: a job in the terms of SageMaker, with S3 for its records."""
