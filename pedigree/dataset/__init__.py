"""The way from a folder or archive of images to a validated, content-addressed dataset in S3."""
