"""The task that deploys: blue/green, and done only when the wanted config is live and golden images come back right."""

from typing import Any

from botocore.exceptions import ClientError
from prefect import get_run_logger, task

from tasks.autoscaling import deregister_autoscaling
from tasks.aws.clients import client
from tasks.aws.errors import DeploymentFailed, SpecDiffers
from tasks.aws.naming import tag_list
from tasks.aws.tasking import AWS_TASK
from tasks.deployment.golden import read_golden, wrong_answers
from tasks.deployment.requests import VARIANT, endpoint_config_request, endpoint_name, model_request
from tasks.kinds.table import ENDPOINT, ENDPOINT_CONFIG, MODEL
from tasks.settings import Serving
from tasks.values import Account, Endpoint, ModelVersion, Outcome


@task(name="deploy endpoint", **AWS_TASK)
def deploy_endpoint(account: Account, version: ModelVersion, serving: Serving) -> Endpoint:
    """The endpoint serving this version, verified by its golden images.

    Raises DeploymentFailed when it does not; what served before serves on, and only what this call made is removed.
    """
    sagemaker = client(account.credentials, "sagemaker")
    name = endpoint_name(account.project, serving)
    model, model_outcome = MODEL.ensure(sagemaker, model_request(account, version, tag_list(account.project, version.key)))
    config_wanted = endpoint_config_request(account, model, serving, tag_list(account.project, model))
    config, config_outcome = ENDPOINT_CONFIG.ensure(sagemaker, config_wanted)
    rollout = Rollout(sagemaker, account, name)
    before, outcome = rollout.bring_live(config)
    endpoint = Endpoint(name, config, VARIANT, model, outcome, previous_config=before)
    problems = rollout.problems(config) or wrong_answers(
        client(account.credentials, "sagemaker-runtime"), name, read_golden(client(account.credentials, "s3"), version.artifact)
    )
    if problems:
        restore_endpoint(account, endpoint)
        if model_outcome == config_outcome == "created":
            ENDPOINT_CONFIG.delete(account, config)
            MODEL.delete(account, model)
        kept = f"{before} serves on" if before else "nothing is deployed" if outcome == "created" else "it was not changed"
        raise DeploymentFailed("endpoint", name, f"{'; '.join(problems)}; {kept}", "see the endpoint's log in CloudWatch")
    return endpoint


class Rollout:
    """One endpoint on its way to a config."""

    def __init__(self, sagemaker: Any, account: Account, name: str) -> None:
        self._sagemaker, self._account, self._name = sagemaker, account, name

    def bring_live(self, config: str) -> tuple[str | None, Outcome]:
        """(config that was live before, what was done); waits for whatever was under way, then for this."""
        found = self.settled()
        if found:
            self.require_ours(found)
        if found and found["EndpointStatus"] == "Failed":  # such an endpoint can only be deleted
            self.delete()
            found = None
        if found is None:
            request = {"EndpointName": self._name, "EndpointConfigName": config, "Tags": tag_list(self._account.project, self._name)}
            _, outcome = ENDPOINT.ensure(self._sagemaker, request)
            self.settled()
            return None, outcome
        live: str = found["EndpointConfigName"]
        if live == config:
            return None, "adopted"
        self.update(config)
        return live, "updated"

    def update(self, config: str) -> None:
        try:
            self._sagemaker.update_endpoint(EndpointName=self._name, EndpointConfigName=config, RetainAllVariantProperties=True)
        except ClientError as error:
            if "in-progress" not in str(error):  # our own call, whose answer was lost: `problems` tells what came of it
                raise
        self.settled()

    def delete(self) -> None:
        ENDPOINT.delete_with(self._sagemaker, self._name)

    def settled(self) -> dict[str, Any] | None:
        """The endpoint once nothing is under way, None when there is none."""
        get_run_logger().info(f"Waiting for endpoint {self._name}")
        return ENDPOINT.settled(self._sagemaker, self._name)

    def require_ours(self, found: dict[str, Any]) -> None:
        """SpecDiffers for an endpoint that somebody else made under our name: it must be neither updated nor deleted."""
        config = str(found["EndpointConfigName"])
        if not config.startswith(f"{self._account.project}-"):
            cause = f"it serves the config {config}, which is none of this project"
            raise SpecDiffers("endpoint", self._name, cause, "choose another serving.endpoint_name, or delete it if it is not needed")

    def problems(self, config: str) -> list[str]:
        """Why the wanted config is not live; SageMaker rolls a bad update back in silence, so InService alone says nothing."""
        found = ENDPOINT.on(self._sagemaker).describe(self._name)
        if found["EndpointStatus"] == "InService" and found["EndpointConfigName"] == config:
            return []
        return [found.get("FailureReason") or f"status {found['EndpointStatus']} with config {found.get('EndpointConfigName')}"]


def restore_endpoint(account: Account, endpoint: Endpoint) -> None:
    """Back to the config that was live before; an endpoint that this run created is deleted, an adopted one left alone."""
    sagemaker = client(account.credentials, "sagemaker")
    rollout = Rollout(sagemaker, account, endpoint.name)
    if endpoint.outcome == "created":
        deregister_autoscaling(account, endpoint)
        rollout.delete()
    elif endpoint.previous_config and not rollout.problems(endpoint.config):
        rollout.update(endpoint.previous_config)
