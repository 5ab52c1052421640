"""What all looks share: the account, what a run is going to ask for, and what AWS said once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict

from deployments.access import Access, Caller
from deployments.bootstrap import find_stack, outputs
from deployments.preflight.check import Unanswerable
from pedigree.aws.quotas import list_quotas
from pedigree.settings import Autoscaling, Function, Serving, Training


class Plan(BaseModel):
    """The parameters of the run that is to come; those that ask nothing of an account are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    training: Training = Training()
    serving: Serving = Serving()
    autoscaling: Autoscaling = Autoscaling()
    function: Function = Function()


@dataclass(frozen=True)
class Quota:
    code: str
    value: int


@dataclass
class Survey:
    """`repair` is the command that makes the stack what it should be."""

    access: Access
    caller: Caller
    project: str
    plan: Plan
    repair: str

    @cached_property
    def stack(self) -> dict[str, Any] | None:
        return find_stack(self.access.client("cloudformation"), self.project)

    def output(self, name: str) -> str:
        """An output of the stack. Raises Unanswerable where there is none."""
        found = outputs(self.stack or {}).get(name)
        if found is None:
            raise Unanswerable(f"the stack {self.project}, which would name it, has no output {name}")
        return found

    @cached_property
    def acts_as_orchestrator(self) -> bool:
        return f":assumed-role/{self.project}-orchestrator/" in self.caller.arn

    @cached_property
    def quotas(self) -> dict[str, Quota]:
        """SageMaker's quotas by their names."""
        listed = list_quotas(self.access.client("service-quotas"))
        return {name: Quota(quota["QuotaCode"], int(quota["Value"])) for name, quota in listed.items()}
