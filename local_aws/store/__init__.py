"""S3 on disk: bodies of objects as files, and the records that name them."""
