"""Bodies of S3 objects on disk."""
