"""The data that all checks share: the account, the parameters of the run, and answers of AWS that are asked for once."""

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
    """The flow parameters of the run; parameters that need nothing from the account are ignored."""

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
    """The account and the plan of the run; `repair` is the command that makes the stack equal the template."""

    access: Access
    caller: Caller
    project: str
    plan: Plan
    repair: str

    @cached_property
    def stack(self) -> dict[str, Any] | None:
        return find_stack(self.access.client("cloudformation"), self.project)

    def output(self, name: str) -> str:
        """An output of the stack. Raises Unanswerable when the stack has no such output."""
        found = outputs(self.stack or {}).get(name)
        if found is None:
            raise Unanswerable(f"the stack {self.project} has no output {name}, which would name it")
        return found

    @cached_property
    def acts_as_orchestrator(self) -> bool:
        return f":assumed-role/{self.project}-orchestrator/" in self.caller.arn

    @cached_property
    def quotas(self) -> dict[str, Quota]:
        """SageMaker's quotas by name."""
        listed = list_quotas(self.access.client("service-quotas"))
        return {name: Quota(quota["QuotaCode"], int(quota["Value"])) for name, quota in listed.items()}
