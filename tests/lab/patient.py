"""A flow that works until a file is there, and sends a heartbeat every second: so a watch that hurries may judge it."""

import time
from pathlib import Path

from prefect import flow_engine

from tasks.runs.parameters import flow

flow_engine.MINIMUM_HEARTBEAT_INTERVAL = 1
flow_engine.BaseFlowRunEngine.heartbeat_seconds = property(lambda _self: 1)  # type: ignore[method-assign,assignment]


@flow(name="patient")
def patient(file: str) -> None:
    while not Path(file).exists():
        time.sleep(0.2)
