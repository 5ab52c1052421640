"""Training on an EC2 instance, told over SSM what to run: a job in the words of SageMaker, with S3 for its records."""
