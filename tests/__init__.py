"""Tests ask the Prefect server that they start, never the one that prefect.toml or the shell names: in the environment there is none."""

import os
import sys

# here, because Prefect reads its settings when it is imported; a process that a test starts keeps the server that the test names
if "pytest" in sys.modules:
    os.environ.update({"PREFECT_API_URL": "", "PREFECT_API_AUTH_STRING": ""})
