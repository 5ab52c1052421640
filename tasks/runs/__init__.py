"""The code around Prefect runs: recording, guards, tags, artifacts, forms, logs, credentials."""
