"""The line of an endpoint, followed through a real account, and what is said where it is broken."""

import json
from dataclasses import replace
from typing import Any

import pytest
from prefect.artifacts import Artifact

from flows.explain import explain
from pedigree.aws.naming import FLOW_RUN_TAG
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.lineage.trace import Lineage, trace_lineage
from pedigree.registry.versions import decide_on_model, register_model
from pedigree.settings import Environment
from pedigree.values import Endpoint, ModelVersion
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.small_models import SERVING, candidate, registered, trained

IMAGE = "local/pytorch-training:1"


def trace(live: LiveAccount, endpoint: str | None = None) -> Lineage:
    return trace_lineage(live.account, endpoint or live.account.project)


def deployed(live: LiveAccount) -> tuple[ModelVersion, Endpoint]:
    version = registered(live)
    return version, deploy_endpoint(live.account, version, SERVING)


def run_a_job(live: LiveAccount, name: str, flow_run: str) -> None:
    """A training job of this name, whose end nobody waits for."""
    live.client("sagemaker").create_training_job(
        TrainingJobName=name,
        RoleArn=live.account.training_role,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File", "ContainerEntrypoint": ["true"]},
        OutputDataConfig={"S3OutputPath": f"s3://{live.account.bucket}/training"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
        Tags=[{"Key": FLOW_RUN_TAG, "Value": flow_run}],
    )


def test_of_a_training_on_ec2_the_records_in_s3_say_who_started_it(live: LiveAccount) -> None:
    job = f"{live.account.project}--ec2-77"
    tags = [{"Key": FLOW_RUN_TAG, "Value": "5ca1ab1e"}]
    live.put(f"training/{job}/job.json", json.dumps({"TrainingStartTime": "2026-01-05T02:00:00+00:00", "Tags": tags}).encode())
    version = register_model(live.account, candidate(live, replace(trained(live), job_name=job)), SERVING)
    deploy_endpoint(live.account, version, SERVING)
    assert trace(live).trained_by == "5ca1ab1e"


def test_the_line_goes_from_the_endpoint_to_data_code_run_and_approver(live: LiveAccount) -> None:
    job = f"{live.account.project}--train-77"
    model = replace(trained(live), job_name=job)
    run_a_job(live, job, "5ca1ab1e")
    live.put("datasets/da7a/manifest.json", b'{"counts": {"train": 8, "test": 4}}')
    waiting = register_model(live.account, candidate(live, model), SERVING, wait_for_approval=True)
    version = decide_on_model(live.account, waiting.arn, approved=True, approver="Ada", reason="it knows its boxers")
    endpoint = deploy_endpoint(live.account, version, SERVING)
    assert trace(live) == Lineage(
        endpoint=live.account.project,
        status="InService",
        config=endpoint.config,
        model=endpoint.model,
        model_package_arn=version.arn,
        approval="Approved",
        approver="Ada",
        reason="Ada: it knows its boxers",
        accuracy="0.9500",
        training_job=job,
        artifact=version.artifact,
        dataset_digest="da7a",
        images={"train": 8, "test": 4},
        code_digest="c0de",
        trained_by="5ca1ab1e",
        registered_by=None,
        deployed_by=None,
        missing=(),
    )


def test_reading_the_line_changes_nothing(live: LiveAccount) -> None:
    deployed(live)
    before = live.writes()
    trace(live)
    assert live.writes() == before


def test_what_was_deleted_is_said_and_the_rest_is_still_told(live: LiveAccount) -> None:
    version, endpoint = deployed(live)
    lineage = trace(live)
    assert (lineage.config, lineage.model_package_arn, lineage.code_digest) == (endpoint.config, version.arn, "c0de")
    assert [missing.partition(":")[0] for missing in lineage.missing] == [f"training job {lineage.training_job}", "dataset da7a"]


def test_without_its_package_the_line_ends_there(live: LiveAccount) -> None:
    version, endpoint = deployed(live)
    live.client("sagemaker").delete_model_package(ModelPackageName=version.arn)
    lineage = trace(live)
    assert (lineage.model, lineage.model_package_arn, lineage.training_job) == (endpoint.model, None, None)
    assert lineage.missing == (f"model package {version.arn}: there is none (any more)",)


def test_a_model_made_by_hand_has_no_line(live: LiveAccount) -> None:
    name, sagemaker = f"{live.account.project}--by-hand", live.client("sagemaker")
    container: dict[str, Any] = {"Image": SERVING.image, "ModelDataUrl": registered(live).artifact}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=live.account.serving_role, PrimaryContainer=container)
    variant = {"VariantName": "x", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    wait_until(lambda: trace(live, name).status == "InService", "the endpoint is not in service")
    lineage = trace(live, name)
    assert (lineage.config, lineage.model, lineage.model_package_arn) == (name, name, None)
    assert lineage.missing == (f"model package of {name}: the model was made by hand, so nobody knows what it came from",)


@pytest.mark.parametrize(("name", "why"), [("{}--gone", "there is none (any more)"), ("strangers-{}", "it is not the project's")])
def test_an_endpoint_that_is_not_there_or_not_ours_is_said(live: LiveAccount, name: str, why: str) -> None:
    endpoint = name.format(live.account.project)
    lineage = trace(live, endpoint)
    assert (lineage.status, lineage.config) == (None, None)
    (missing,) = lineage.missing
    assert missing.startswith(f"endpoint {endpoint}: {why}")


@pytest.mark.usefixtures("prefect_server")
def test_the_flow_gives_the_line_as_data_and_as_an_artifact(live: LiveAccount) -> None:
    version, endpoint = deployed(live)
    data = explain(environment=Environment(credentials=live.account.project, project=live.account.project))
    assert (data["model_package_arn"], data["config"], data["approval"]) == (version.arn, endpoint.config, "Approved")
    artifact: Any = Artifact.get(f"{live.account.project}-lineage")
    assert f"| Model package | `{version.arn}` |" in artifact.data
    assert "### Not found" in artifact.data  # the training job of a model made by hand
