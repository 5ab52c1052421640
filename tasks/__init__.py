"""All Prefect tasks, one file for each capability; `tasks/runs/` holds the code around Prefect runs."""
