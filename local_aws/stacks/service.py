"""CreateStack, UpdateStack and ExecuteChangeSet; moto answers the other calls about stacks."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from local_aws.call import Call, Operations
from local_aws.cloud import Cloud

if TYPE_CHECKING:
    from local_aws.stacks.changes import StackChanges


class Stacks:
    """The stack calls; moto's CloudFormation is loaded on first use, because it imports every service and doubles the start time."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def operations(self) -> Operations:
        return {
            ("cloudformation", "CreateStack"): self.create_stack,
            ("cloudformation", "UpdateStack"): self.update_stack,
            ("cloudformation", "ExecuteChangeSet"): self.execute_change_set,
        }

    def close(self) -> None:
        return

    def create_stack(self, call: Call) -> dict[str, Any]:
        return self._changes.create_stack(call)

    def update_stack(self, call: Call) -> dict[str, Any]:
        return self._changes.update_stack(call)

    def execute_change_set(self, call: Call) -> dict[str, Any]:
        return self._changes.execute_change_set(call)

    @cached_property
    def _changes(self) -> "StackChanges":
        from local_aws.stacks.changes import StackChanges

        return StackChanges(self._cloud)
