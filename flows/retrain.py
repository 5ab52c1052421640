"""Train again on what the data is now, and put the challenger live if it beats the champion.

prefect deployment run retrain/local
"""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.operationalize import run_name, stages_of
from flows.promotion import promote, qualify, reported
from tasks.announce import announce
from tasks.aws.account import find_account
from tasks.aws.errors import GateRefused
from tasks.deployment.requests import endpoint_name
from tasks.form import shown
from tasks.guards.resume import refuse_endless_resume
from tasks.guards.tick import superseded_tick
from tasks.registry import register_model
from tasks.settings import Autoscaling, Ec2, Environment, Function, Gate, Serving, Training
from tasks.training.cancel import stop_what_was_started
from tasks.values import Account, ModelVersion


@flow(name="retrain", flow_run_name=run_name, on_cancellation=[stop_what_was_started])
def retrain(
    dataset: Annotated[str, shown("Dataset", "Where the pictures are now: a folder, .zip, .tar.gz, https:// or s3://")],
    *,
    training: Training = Training(),
    ec2: Ec2 = Ec2(),
    gate: Gate = Gate(against_champion="better"),
    serving: Serving = Serving(),
    autoscaling: Autoscaling = Autoscaling(),
    function: Function = Function(),
    budget_usd: Annotated[float | None, shown("Budget", "US dollars that this run may cost at most; empty for no limit.", gt=0)] = None,
    approval: Annotated[bool, shown("Ask a person", "A person decides on the challenger before it goes live.")] = False,
    environment: Environment = Environment(),
) -> State[Any]:
    """Challenger against champion on the same test images; with nothing new there is nothing to do, and nothing is created."""
    if reason := superseded_tick():
        return Completed(name="Skipped", message=reason)
    refuse_endless_resume()
    endpoint_name(environment.project, serving)
    account = find_account(environment)
    with reported(account, stages_of(training, ec2)) as record:
        try:
            candidate = qualify(account, record, dataset, training, ec2, gate, serving, autoscaling, function, budget_usd)
            if record.values["comparison"].already_live:
                return Completed(name="NothingToDo", message=f"Nothing to do: {candidate.model.job_name} is live")
            version = record.run("registry", register_model, account, candidate, serving, wait_for_approval=approval)
        except GateRefused as refusal:
            return Completed(name="Refused", message=refusal.cause)
        if version.approved:
            promote(account, record, version, serving, autoscaling, function)
            return Completed(message=f"{version.arn} is live")
    ask_a_person(account, version, serving, autoscaling, function)
    return Completed(name="WaitsForApproval", message=f"{version.arn} waits for a person's decision")


def ask_a_person(account: Account, version: ModelVersion, serving: Serving, autoscaling: Autoscaling, function: Function) -> None:
    """Announce it with the parameters for `approve`, so that the model goes live as this run would have put it."""
    settings = {"serving": serving, "autoscaling": autoscaling, "function": function}
    parameters = {"package": version.arn, **{name: group.model_dump() for name, group in settings.items()}}
    message = f"{version.arn} beats what is live. Its run of the flow approve waits for your decision."
    announce(account, "approval-wanted", subject=f"{account.project}: a model waits for approval", message=message, approve=parameters)
