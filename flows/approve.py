"""A person approves or rejects a model package that waits for approval; an approved model goes live.

prefect deployment run approve/local --param package=arn:aws:sagemaker:...
"""

from typing import Annotated, Any, Literal

from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from flows.operationalize import GOING_LIVE
from pedigree.settings import Autoscaling, Environment, Function, Gate, Mission, Serving
from pedigree.text import short_package
from tasks.account import find_account
from tasks.admission import admit_package, check_package
from tasks.autoscaling import register_autoscaling
from tasks.endpoint import confirm_endpoint, deploy_endpoint
from tasks.function import publish_function
from tasks.registry import decide_on_model, describe_for_approval
from tasks.report import run_record
from tasks.rollback import restored_on_failure
from tasks.runs.forms import AutoscalingGroup, EnvironmentGroup, FunctionGroup, ServingGroup, shown
from tasks.runs.parameters import flow
from tasks.runs.slot import endpoint_slot
from tasks.smoke_test import smoke_test
from tasks.watching import watch_live

STAGES = (decide_on_model, admit_package, *GOING_LIVE)
PATIENCE = 14 * 24 * 3600  # seconds for a person to answer


class Decision(RunInput):
    """The form of the decision; the model package keeps the name and the reason."""

    approve: bool = Field(default=False, description="On: the model goes live. Off: the model is rejected for good.")
    approver: str = Field(min_length=1, description="Your name.")
    reason: str = Field("", description="The reason for your decision.")


def run_name() -> str:
    return f"approve {short_package(flow_run.get_parameters()['package'])}"


@flow(name="approve", flow_run_name=run_name)
def approve(  # noqa: PLR0913  the form
    package: Annotated[str, shown("Model package", "ARN of the model package that waits for approval.")],
    *,
    serving: ServingGroup = Serving(),
    autoscaling: AutoscalingGroup = Autoscaling(),
    function: FunctionGroup = Function(),
    classes: Annotated[
        Literal["keep", "replace"],
        shown("Classes", "keep: a model that lacks a class of the live model is refused; replace: it is allowed."),
    ] = "keep",
    environment: EnvironmentGroup = Environment(),
) -> State[Any]:
    """Wait until a person has decided about a model package, then deploy the model or reject it.

    A package that could not go live is refused before the person is asked, and again before it is deployed. The run is suspended while it
    waits, so waiting costs nothing.
    """
    mission = Mission(gate=Gate(classes=classes), serving=serving, autoscaling=autoscaling, function=function)
    account = find_account(environment)
    if flow_run.run_count <= 1:  # a resumed run has its decision, and nothing keeps a person from a rejection
        check_package(account, mission, package)
    form = Decision.with_initial_data(description=describe_for_approval(account, package))
    decision = suspend_flow_run(wait_for_input=form, timeout=PATIENCE)
    with run_record(account, STAGES, mission):
        version = decide_on_model(account, package, approved=decision.approve, approver=decision.approver, reason=decision.reason)
        if not version.approved:
            return Completed(name="Rejected", message=f"{decision.approver} rejected {package}: {decision.reason or 'no reason given'}")
        with endpoint_slot(account, mission.serving):
            admit_package(account, mission, package)
            with restored_on_failure(account, mission.serving):
                endpoint = deploy_endpoint(account, version, mission.serving)
                register_autoscaling(account, endpoint, mission.autoscaling)
                published = publish_function(account, endpoint, mission.function, version)
                smoke_test(account, published, version)
            confirm_endpoint(account, endpoint, published, version)
            watch_live(account, endpoint, published, mission)
    return Completed(message=f"{version.arn} is live")
