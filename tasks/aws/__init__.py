"""The gateway the tasks share: clients, names and tags, adoption, waiting, errors."""
