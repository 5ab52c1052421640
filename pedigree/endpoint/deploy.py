"""The task that deploys: blue/green, and done only when the wanted config is live and golden images come back right."""

from dataclasses import dataclass
from typing import Any

from pedigree.artifact.check import check_artifact
from pedigree.artifact.golden import Golden, wrong_answers
from pedigree.autoscaling.variant import deregister_autoscaling
from pedigree.aws.alarms import ensure_alarms
from pedigree.aws.chain import walk
from pedigree.aws.clients import client
from pedigree.aws.errors import DeploymentFailed
from pedigree.aws.logs import endpoint_log, limit_logs
from pedigree.aws.naming import endpoint_name, tag_list
from pedigree.aws.resources.table import ENDPOINT_CONFIG, MODEL
from pedigree.endpoint.alarms import alarm_requests, delete_alarms, quiet_alarms
from pedigree.endpoint.config import VARIANT, endpoint_config_request, model_request
from pedigree.endpoint.guardrails import deployment_config
from pedigree.endpoint.rehearsal import rehearse
from pedigree.endpoint.rollout import NONE_YET, VERIFIED_TAG, Rollout, instances_of, proven_package
from pedigree.registry.versions import version_of
from pedigree.settings import Guardrails, Serving
from pedigree.values import Account, Endpoint, ModelVersion, Outcome

NEXT = "see the endpoint's log in CloudWatch"


def deploy_endpoint(account: Account, version: ModelVersion, serving: Serving) -> Endpoint:
    """The endpoint serving this version, verified by its golden images.

    Raises DeploymentFailed when it does not; what was proven before serves on, and only what this call made is removed. The endpoint
    counts as proven once `confirm_endpoint` has said so.
    """
    sagemaker = client(account.credentials, "sagemaker")
    rollout = Rollout(sagemaker, account, endpoint_name(account.project, serving))
    limit_logs(account, endpoint_log(rollout.name))
    found = rollout.present()
    golden, problems = check_artifact(account, version)
    if golden is None:
        raise failed(rollout.name, problems, restore(account, rollout, None), "train or register it again")
    made = make_config(account, version, serving)
    before = way_back(rollout, found, made.config, serving)
    outcome, problems = bring_live(rollout, found, made.config, golden, serving.guardrails)
    if problems:
        state = restore(account, rollout, made.config)
        if made.new:
            ENDPOINT_CONFIG.delete(account, made.config)
            MODEL.delete(account, made.model)
        raise failed(rollout.name, problems, state, NEXT)
    return Endpoint(rollout.name, made.config, VARIANT, made.model, outcome, previous_config=before, package=version.arn)


def confirm_endpoint(account: Account, endpoint: Endpoint) -> bool:
    """The config is proven: from now on it is what a later deployment goes back to.

    True while the config has to be announced, until `announced` says that it was: also in a run after one that died before it did.
    """
    rollout = Rollout(client(account.credentials, "sagemaker"), account, endpoint.name)
    found = rollout.settled()
    if found is None or found["EndpointConfigName"] != endpoint.config:
        return False
    if rollout.verified(found) != endpoint.config:
        rollout.promote(found, endpoint.config, endpoint.package)
        return True
    rollout.remember(found, endpoint.config, endpoint.package)
    return rollout.unannounced(found) == endpoint.config


def announced(account: Account, endpoint: Endpoint) -> None:
    """The config was announced, and will not be again."""
    rollout = Rollout(client(account.credentials, "sagemaker"), account, endpoint.name)
    if found := rollout.settled():
        rollout.announced(found)


@dataclass(frozen=True)
class Made:
    """A model and its endpoint config; `new` when neither was there before."""

    model: str
    config: str
    new: bool


def make_config(account: Account, version: ModelVersion, serving: Serving) -> Made:
    """Create or adopt the model of a package and its endpoint config."""
    sagemaker = client(account.credentials, "sagemaker")
    model, model_outcome = MODEL.ensure(sagemaker, model_request(account, version, serving, tag_list(account, version.key)))
    wanted = endpoint_config_request(account, model, serving, tag_list(account, model))
    config, config_outcome = ENDPOINT_CONFIG.ensure(sagemaker, wanted)
    return Made(model, config, new=model_outcome == config_outcome == "created")


def restore_endpoint(account: Account, endpoint: Endpoint) -> None:
    """Back to the config that was proven last; an endpoint that never was is deleted."""
    restore(account, Rollout(client(account.credentials, "sagemaker"), account, endpoint.name), endpoint.config)


def restore(account: Account, rollout: Rollout, refused: str | None) -> str:
    """Roll back and say what is live now; the previous config is read from the endpoint, so that this works after a killed run too.

    An endpoint that never passed its checks and serves the `refused` config is deleted: there was nothing before it.
    """
    found = rollout.present()
    if found is None:
        return "nothing is deployed"
    verified = rollout.verified(found)
    if verified == NONE_YET and found["EndpointConfigName"] == refused:
        deregister_autoscaling(account, Endpoint(rollout.name, found["EndpointConfigName"], VARIANT, "", "created"))
        delete_alarms(account, rollout.name)
        rollout.delete()
        return "nothing is deployed"
    if verified in (None, NONE_YET, found["EndpointConfigName"]):
        return f"{found['EndpointConfigName']} serves on"
    rollout.update(str(verified))
    if problems := rollout.problems(str(verified)):
        return f"{verified} could not be brought back ({'; '.join(problems)})"
    return f"{verified} serves on"


def way_back(rollout: Rollout, found: dict[str, Any] | None, config: str, serving: Serving) -> str | None:
    """The config to go back to if `config` is none; remembered at the endpoint before anything changes.

    Where somebody deleted it or its model, both are made again from the package that the endpoint's tag names, with these settings.
    """
    if found is None:
        return None
    account, marks = rollout.account, rollout.tags(found)
    verified = marks.get(VERIFIED_TAG, NONE_YET)
    back = str(found["EndpointConfigName"]) if verified == NONE_YET else verified  # what serves is better than nothing
    if back == config:
        return None
    chain = walk(client(account.credentials, "sagemaker"), rollout.name, config=back, package=proven_package(marks))
    if chain.missing and chain.package:
        back = make_config(account, version_of(dict(chain.package), "adopted"), serving).config
    rollout.remember(found, back, chain.package.get("ModelPackageArn"))
    return back


def bring_live(
    rollout: Rollout, found: dict[str, Any] | None, config: str, golden: Golden, guardrails: Guardrails
) -> tuple[Outcome, list[str]]:
    """(what was done, why the config does not serve); a live endpoint changes only after a rehearsal, and under its alarms."""
    account = rollout.account
    outcome: Outcome = "adopted"
    instances, problems = 1, list[str]()
    if found is None:
        outcome = rollout.create(config)
    elif found["EndpointConfigName"] != config:
        outcome = "updated"
        problems = rehearse(account, config, golden, endpoint=rollout.name)
        if not problems:
            ensure_alarms(account, rollout.name, alarm_requests(rollout.name, guardrails))
            quiet = quiet_alarms(account, rollout.name)
            instances = instances_of(rollout.settled() or found)  # autoscaling may have been at work since
            rollout.update(config, deployment_config(guardrails, instances, quiet))
    runtime = client(account.credentials, "sagemaker-runtime")
    problems = problems or rollout.problems(config, instances) or wrong_answers(runtime, rollout.name, golden)
    if not problems:
        ensure_alarms(account, rollout.name, alarm_requests(rollout.name, guardrails))
    return outcome, problems


def failed(endpoint: str, problems: list[str], state: str, action: str) -> DeploymentFailed:
    return DeploymentFailed("endpoint", endpoint, f"{'; '.join(problems)}; {state}", action)
