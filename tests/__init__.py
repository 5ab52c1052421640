"""Tests ask the Prefect server that they start, never the one that prefect.toml or the shell names: in the environment there is none."""

import os

os.environ.update({"PREFECT_API_URL": "", "PREFECT_API_AUTH_STRING": ""})  # here, because Prefect reads its settings when it is imported
