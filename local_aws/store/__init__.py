"""S3's bodies on disk."""
