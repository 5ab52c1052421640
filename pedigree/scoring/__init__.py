"""The scoring of many images: found in S3, predicted in transform jobs, gathered into one file of predictions."""
