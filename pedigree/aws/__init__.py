"""The gateway to AWS: clients, names and tags, identity, adoption, waiting, errors, logs, quotas, and the table of resource kinds."""
