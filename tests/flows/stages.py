"""Stages without any cloud: what the flows ask for, in which order, and what they take back."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from prefect import Task

from pedigree.values import Account, Endpoint, ModelVersion
from tasks.runs.stage import stage
from tests.lab.inspected import inspected

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")
ENDPOINT = Endpoint("pets", "pets--config-b", "AllTraffic", "pets--model-b", "updated", "pets--config-a")


class Stages:
    """In place of a flow's tasks: each gives the value named here or its own name, unless it is the one to fail."""

    def __init__(self, failing: str = "", error: BaseException | None = None, **values: Any) -> None:
        self.failing, self.error = failing, error
        self.values: dict[str, Any] = {
            "find account": ACCOUNT,
            "inspect": inspected(),
            "endpoint": ENDPOINT,
            "gate": SimpleNamespace(score="96.7% on 240 test images"),
            "registry": ModelVersion("arn:b", "key", "s3://b", "created"),
            **values,
        }
        self.reached: list[str] = []

    def replace(self, flow: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every task that the module of a flow imports, and the function `train`."""
        for name, value in vars(flow).copy().items():
            if isinstance(value, Task):
                monkeypatch.setattr(flow, name, self.stand_in(value.name))
            elif name == "train":
                monkeypatch.setattr(flow, name, self.stand_in("training"))

    def asking(self, decision: Any) -> Callable[..., Any]:
        """In place of the suspension: a person is asked and decides."""

        def suspend(*_: Any, **__: Any) -> Any:
            self.reached.append("a person")
            return decision

        return suspend

    def stand_in(self, name: str) -> Callable[..., Any]:
        def run(*_arguments: Any, **_more: Any) -> Any:
            if name == self.failing:
                assert self.error is not None
                raise self.error
            return self.values.get(name, name)

        recorded = stage(name, of="")(run).fn

        def reach(*arguments: Any, **more: Any) -> Any:
            self.reached.append(name)
            return recorded(*arguments, **more)

        return reach if name not in ("find account", "compare instances", "check package") else run
