"""Many images through a model: found in S3, asked in transform jobs, gathered into one file of predictions."""
