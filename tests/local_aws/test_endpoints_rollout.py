"""Endpoints come up, change under traffic, roll back and end."""

import threading
import uuid
from typing import Any

import pytest

from tests.lab.processes import alive, wait_until
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import BROKEN, IMAGE, SCRIPT, Hosted, archive, make_hosted, refusal_of


@pytest.fixture(scope="module")
def hosted(aws: RunningAws) -> Hosted:
    return make_hosted(aws)


@pytest.fixture(scope="module")
def broken(hosted: Hosted) -> str:
    """A configuration whose model does not load."""
    return hosted.config_of(script=BROKEN)


def pids_of(hosted: Hosted, name: str, count: int) -> set[int]:
    """Process ids that answer, asked until there are `count`."""
    seen: set[int] = set()

    def all_seen() -> bool:
        threads = [threading.Thread(target=lambda: seen.add(hosted.ask(name, {"sleep": 0.2})["process"])) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(seen) >= count

    wait_until(all_seen)
    return seen


def test_an_endpoint_serves_its_artifact(hosted: Hosted) -> None:
    config = hosted.config_of("three", InitialInstanceCount=2)
    name = hosted.start(config)
    assert hosted.describe(name)["EndpointStatus"] in {"Creating", "InService"}
    described = hosted.settled(name)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", config)
    variant = described["ProductionVariants"][0]
    assert (variant["VariantName"], variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == ("main", 2, 2)
    assert variant["DeployedImages"][0]["SpecifiedImage"] == IMAGE
    assert hosted.ask(name)["model"] == "three"
    pids = pids_of(hosted, name, 2)
    hosted.delete(name)
    assert not any(alive(pid) for pid in pids)


def test_a_script_sees_its_artifact_and_not_this_repository(hosted: Hosted) -> None:
    name = hosted.start(hosted.config_of(script="import local_aws"))
    assert hosted.settled(name)["EndpointStatus"] == "Failed"
    assert any("No module named 'local_aws'" in line for line in hosted.log(name))
    hosted.delete(name)


def test_the_script_sees_neither_the_toolkits_folder_nor_the_servers_environment(hosted: Hosted) -> None:
    script = """
import json, os, sys
def model_fn(folder): return {"path": sys.path, "environment": sorted(os.environ), "home": os.environ["HOME"]}
def input_fn(body, content_type): return body
def predict_fn(sent, model): return model
def output_fn(prediction, accept): return json.dumps(prediction)
"""
    name = hosted.endpoint(hosted.config(hosted.variant(hosted.model(script=script, Environment={"LABELS": "yes"}))))
    seen = hosted.ask(name)
    foreign = [folder for folder in seen["path"] if "/images/pytorch/" not in folder]
    assert not [folder for folder in foreign if folder.endswith(("local_aws", "/main", "site-packages"))]
    assert {"LABELS", "AWS_ACCESS_KEY_ID", "SAGEMAKER_BASE_DIR", "SAGEMAKER_BIND_TO_PORT"} <= set(seen["environment"])
    assert not {"VIRTUAL_ENV", "PYTEST_CURRENT_TEST", "USER"} & set(seen["environment"])
    hosted.delete(name)


def test_a_model_that_does_not_load_fails_the_endpoint(hosted: Hosted, broken: str) -> None:
    name = hosted.start(broken)
    described = hosted.settled(name)
    assert described["EndpointStatus"] == "Failed"
    assert "production variant main did not pass the ping health check" in described["FailureReason"]
    assert any("these weights do not fit" in line for line in hosted.log(name))
    assert "can only be deleted" in refusal_of(lambda: hosted.client.update_endpoint(EndpointName=name, EndpointConfigName=broken))
    hosted.delete(name)


def test_an_image_that_is_not_there_fails_the_endpoint(hosted: Hosted) -> None:
    model = hosted.model(Image="123456789012.dkr.ecr.us-east-1.amazonaws.com/nobodys:1")
    name = hosted.start(hosted.config(hosted.variant(model)))
    assert "nobodys:1" in hosted.settled(name)["FailureReason"]
    hosted.delete(name)


def test_an_update_under_traffic_loses_no_request(hosted: Hosted) -> None:
    name, config = hosted.endpoint(hosted.config_of("old")), hosted.config_of("new")
    answers: list[str] = []
    failures: list[Exception] = []
    over = threading.Event()

    def keep_asking() -> None:
        while not over.is_set():
            try:
                answers.append(hosted.ask(name, {"sleep": 0.01})["model"])
            except Exception as error:  # the test asserts below that there was none, whatever its kind
                failures.append(error)

    threads = [threading.Thread(target=keep_asking) for _ in range(3)]
    for thread in threads:
        thread.start()
    described = hosted.update(name, config)
    wait_until(lambda: answers[-1] == "new")
    over.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert described["EndpointConfigName"] == config
    assert "FailureReason" not in described
    assert (answers[0], answers[-1]) == ("old", "new")
    hosted.delete(name)


def test_a_bad_configuration_rolls_back_in_silence(hosted: Hosted, broken: str) -> None:
    old = hosted.config_of("good")
    name = hosted.endpoint(old)
    described = hosted.update(name, broken)
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", old)
    assert "did not pass the ping health check" in described["FailureReason"]
    assert hosted.ask(name)["model"] == "good"
    hosted.delete(name)


def test_only_one_change_at_a_time(hosted: Hosted) -> None:
    slow = "import time\ntime.sleep(3)\n" + BROKEN
    name, config = hosted.endpoint(hosted.config_of()), hosted.config_of(script=slow)
    hosted.client.update_endpoint(EndpointName=name, EndpointConfigName=config)
    in_progress = f'Cannot update in-progress endpoint "{hosted.describe(name)["EndpointArn"]}".'
    assert hosted.describe(name)["PendingDeploymentSummary"]["EndpointConfigName"] == config
    assert refusal_of(lambda: hosted.client.update_endpoint(EndpointName=name, EndpointConfigName=config)) == in_progress
    assert refusal_of(lambda: hosted.client.delete_endpoint(EndpointName=name)) == in_progress
    hosted.settled(name)
    hosted.delete(name)


def test_instances_come_and_go_with_the_desired_count(hosted: Hosted) -> None:
    name = hosted.endpoint(hosted.config_of())
    for count in (3, 1):
        variant = scale(hosted, name, count)["ProductionVariants"][0]
        assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (count, count)
        assert len(pids_of(hosted, name, count)) == count
    nobody = [{"VariantName": "nobody", "DesiredInstanceCount": 1}]
    refused = refusal_of(
        lambda: hosted.client.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=nobody)
    )
    assert refused.startswith('The variant name(s) "nobody" is/are not present within endpoint configuration "config-')
    hosted.delete(name)


def test_each_new_instance_loads_what_lies_in_s3_then(hosted: Hosted) -> None:
    artifact = hosted.artifact("one")
    name = hosted.endpoint(hosted.config(hosted.variant(hosted.model(ModelDataUrl=artifact))))
    hosted.aws.client("s3").put_object(
        Bucket=hosted.bucket, Key=artifact.split("/", 3)[3], Body=archive({"weight": "two", "code/inference.py": SCRIPT})
    )
    assert hosted.ask(name)["model"] == "one"
    scale(hosted, name, 2)
    wait_until(lambda: {hosted.ask(name)["model"] for _ in range(10)} == {"one", "two"})
    hosted.delete(name)


def test_an_instance_whose_artifact_is_gone_is_not_added(hosted: Hosted) -> None:
    artifact = hosted.artifact("one")
    name = hosted.endpoint(hosted.config(hosted.variant(hosted.model(ModelDataUrl=artifact))))
    hosted.aws.client("s3").delete_object(Bucket=hosted.bucket, Key=artifact.split("/", 3)[3])
    described = scale(hosted, name, 2)
    assert "Failed to download model data" in described["FailureReason"]
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == described["ProductionVariants"][0]["DesiredInstanceCount"] == 1
    assert hosted.ask(name)["model"] == "one"
    hosted.delete(name)


def scale(hosted: Hosted, name: str, count: int) -> dict[str, Any]:
    wanted = [{"VariantName": "main", "DesiredInstanceCount": count}]
    hosted.client.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=wanted)
    return hosted.settled(name)


def test_an_update_keeps_the_live_count_when_asked(hosted: Hosted) -> None:
    name = hosted.endpoint(hosted.config_of())
    hosted.client.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": 2, "DesiredWeight": 3.0}]
    )
    hosted.settled(name)
    kept = hosted.update(name, hosted.config_of(), RetainAllVariantProperties=True)["ProductionVariants"][0]
    assert (kept["CurrentInstanceCount"], kept["CurrentWeight"]) == (2, 3.0)
    reset = hosted.update(name, hosted.config_of())["ProductionVariants"][0]
    assert (reset["CurrentInstanceCount"], reset["CurrentWeight"]) == (1, 1.0)
    hosted.delete(name)


def test_endpoints_exist_once_and_are_not_found_when_deleted(hosted: Hosted) -> None:
    config = hosted.config_of()
    name = hosted.endpoint(config)
    arn = hosted.describe(name)["EndpointArn"]
    again = refusal_of(lambda: hosted.client.create_endpoint(EndpointName=name, EndpointConfigName=config))
    assert again == f'Cannot create already existing endpoint "{arn}".'
    hosted.delete(name)
    assert refusal_of(lambda: hosted.describe(name)) == f'Could not find endpoint "{arn}".'
    assert refusal_of(lambda: hosted.client.delete_endpoint(EndpointName=name)) == f'Could not find endpoint "{arn}".'
    assert "Could not find endpoint configuration" in refusal_of(lambda: hosted.start("nothing"))


def test_only_an_approved_package_is_deployed(hosted: Hosted) -> None:
    group = f"group-{uuid.uuid4().hex[:8]}"
    hosted.client.create_model_package_group(ModelPackageGroupName=group)
    specification = {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": hosted.artifact("packaged")}],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    arn = hosted.client.create_model_package(
        ModelPackageGroupName=group, InferenceSpecification=specification, ModelApprovalStatus="PendingManualApproval"
    )["ModelPackageArn"]
    model = {"ModelName": group, "ExecutionRoleArn": hosted.role, "PrimaryContainer": {"ModelPackageName": arn}}
    assert "not Approved" in refusal_of(lambda: hosted.client.create_model(**model))
    hosted.client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    hosted.client.create_model(**model)
    name = hosted.endpoint(hosted.config(hosted.variant(group)))
    assert hosted.ask(name)["model"] == "packaged"
    hosted.delete(name)
