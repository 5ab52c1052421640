"""What is Prefect's: recording, guards, tags, artifacts, forms, logs, credentials."""
