"""A person decides about a model that waits for approval; approved, it goes live.

prefect deployment run approve/local --param package=arn:aws:sagemaker:...
"""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from flows.promotion import GOING_LIVE, promote, reported
from tasks.aws.account import find_account
from tasks.deployment.requests import endpoint_name
from tasks.form import shown
from tasks.registry import decide_on_model
from tasks.report.approval import describe_for_approval
from tasks.report.lineage import short_package
from tasks.settings import Autoscaling, Environment, Function, Serving

STAGES = ("approval", *GOING_LIVE)
PATIENCE = 14 * 24 * 3600  # seconds for a person to answer


class Decision(RunInput):
    """The form; name and reason stay with the model package."""

    approve: bool = Field(default=False, description="On: the model goes live. Off: it is rejected, and stays so.")
    approver: str = Field(min_length=1, description="Your name.")
    reason: str = Field("", description="Why you decided so.")


def run_name() -> str:
    return f"approve {short_package(flow_run.get_parameters()['package'])}"


@flow(name="approve", flow_run_name=run_name)
def approve(
    package: Annotated[str, shown("Model package", "ARN of the version that waits.", pattern="^arn:")],
    *,
    serving: Serving = Serving(),
    autoscaling: Autoscaling = Autoscaling(),
    function: Function = Function(),
    environment: Environment = Environment(),
) -> State[Any]:
    """Suspend until a person has decided, then put the model live or reject it; nothing of it costs meanwhile."""
    endpoint_name(environment.project, serving)
    account = find_account(environment)
    form = Decision.with_initial_data(description=describe_for_approval(account, package))
    decision = suspend_flow_run(wait_for_input=form, timeout=PATIENCE)
    with reported(account, STAGES) as record:
        version = record.run(
            "approval", decide_on_model, account, package, approved=decision.approve, approver=decision.approver, reason=decision.reason
        )
        if not version.approved:
            return Completed(name="Rejected", message=f"{decision.approver} rejected {package}: {decision.reason or 'no reason given'}")
        promote(account, record, version, serving, autoscaling, function)
    return Completed(message=f"{version.arn} is live")
