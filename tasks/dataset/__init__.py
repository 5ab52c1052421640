"""From a folder, archive or address to labelled images in S3."""
