"""The model registry."""

from prefect import task
from prefect.utilities.urls import url_for

from pedigree.registry import versions
from pedigree.report import approval
from pedigree.settings import Mission, Serving
from pedigree.trained_model import Candidate
from pedigree.values import Account, ModelVersion
from tasks.runs.announce import announce
from tasks.runs.beside import beside
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("registry", of="{candidate.model.job_name}", **AWS_TASK)
def register_model(account: Account, candidate: Candidate, serving: Serving, *, wait_for_approval: bool = False) -> ModelVersion:
    """Register this candidate as a model package with its container image, approved or waiting for a person's decision."""
    return versions.register_model(account, candidate, serving, wait_for_approval=wait_for_approval)


@task(name="describe for approval", **AWS_TASK)
def describe_for_approval(account: Account, package_arn: str) -> str:
    """Describe the model package for a person's decision, as short markdown."""
    return approval.describe_for_approval(account, package_arn, lambda run: url_for("flow-run", obj_id=run))


def ask_a_person(account: Account, version: ModelVersion, mission: Mission) -> str:
    """Announce the model with the parameters for `approve`, so that it goes live with the settings of this run; tell what it waits for.

    Where it cannot be announced the model waits all the same, and the sentence says how a person begins.
    """
    settings = {"serving": mission.serving, "autoscaling": mission.autoscaling, "function": mission.function}
    chosen = {name: group.model_dump() for name, group in settings.items()}
    parameters = {"package": version.arn, "classes": mission.gate.classes, **chosen}
    message = f"{version.arn} has passed the gate. A run of the flow approve waits for your decision."
    with beside("the announcement"):
        announce(account, "approval-wanted", subject=f"{account.project}: a model waits for approval", message=message, approve=parameters)
        return f"{version.arn} waits for a person's decision"
    return f"{version.arn} waits for a person's decision, and nobody was told: start the flow approve with it and the settings of this run"


@stage("approval", of="{package_arn}", **AWS_TASK)
def decide_on_model(account: Account, package_arn: str, *, approved: bool, approver: str, reason: str) -> ModelVersion:
    """Record a person's decision on the model version, with name and reason."""
    return versions.decide_on_model(account, package_arn, approved=approved, approver=approver, reason=reason)
