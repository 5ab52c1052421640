"""Stages without any cloud: what the flows ask for, in which order, and what they take back."""

from collections.abc import Mapping
from typing import Any

from tasks.values import Endpoint, ModelVersion

ENDPOINT = Endpoint("pets", "pets-config-b", "AllTraffic", "pets-model-b", "updated", "pets-config-a")


class Stages:
    """In place of the record: each stage gives the value named here or its own name, unless it is the one to fail."""

    def __init__(self, failing: str = "", error: BaseException | None = None, **values: Any) -> None:
        self.failing, self.error = failing, error
        self.values: dict[str, Any] = {"endpoint": ENDPOINT, "registry": ModelVersion("arn:b", "key", "s3://b", "created"), **values}
        self.reached: list[str] = []

    def run_together(self, calls: Mapping[str, Any], **_more: Any) -> dict[str, Any]:
        """In place of the function of this name."""
        return {name: self.run(name) for name in calls}

    def run(self, name: str, *_task_and_arguments: Any, **_more: Any) -> Any:
        self.reached.append(name)
        if name == self.failing:
            assert self.error is not None
            raise self.error
        return self.values.get(name, name)
