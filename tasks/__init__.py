"""Every Prefect task, one file a capability; `tasks/runs/` holds what is Prefect's."""
