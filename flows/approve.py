"""A person decides about a model that waits for approval; approved, it goes live.

prefect deployment run approve/local --param package=arn:aws:sagemaker:...
"""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.states import Completed
from pydantic import Field

from flows.promotion import GOING_LIVE, promote, reported
from tasks.aws.account import find_account
from tasks.registry import decide_on_model
from tasks.report.approval import describe_for_approval
from tasks.settings import Autoscaling, Environment, Function, Serving

STAGES = ("approval", *GOING_LIVE)
PATIENCE = 14 * 24 * 3600  # seconds for a person to answer


class Decision(RunInput):
    """The form; `reason` stays with the model package, as does the name."""

    approve: Annotated[bool, Field(title="Put this model live?")] = False
    approver: Annotated[str, Field(min_length=1, title="Your name")]
    reason: Annotated[str, Field(title="Why")] = ""


@flow(name="approve", flow_run_name="{package}")
def approve(
    package: Annotated[str, Field(pattern="^arn:", title="Model package", description="ARN of the version that waits.")],
    serving: Serving = Serving(),
    autoscaling: Autoscaling = Autoscaling(),
    function: Function = Function(),
    environment: Environment = Environment(),
) -> State[Any]:
    """Suspend until a person has decided, then put the model live or reject it; nothing bills meanwhile."""
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
