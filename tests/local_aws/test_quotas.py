"""Service quotas are listed as AWS lists them, can be set from outside, and are kept by the services they speak of."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from local_aws.call import Call, Principal
from local_aws.cloud import Cloud
from local_aws.quotas import CONCURRENCY, INSTANCES, Quotas
from tests.lab.running_aws import RunningAws, allow
from tests.lab.sagemaker_hosting import error_of, make_hosted
from tests.lab.sagemaker_training import make_jobs

GPU = "ml.p3.2xlarge"  # no other test asks for one
GPU_TRAINING, GPU_SERVING = f"{GPU} for training job usage", f"{GPU} for endpoint usage"


@pytest.fixture
def limited_aws(aws: RunningAws) -> Iterator[RunningAws]:
    """The session's server for tests that set quotas: none is left behind."""
    yield aws
    aws.control("DELETE", "quotas")


def limit(aws: RunningAws, name: str, value: float, service: str = "sagemaker") -> None:
    aws.control("POST", "quotas", {"service": service, "name": name, "value": value})


def quotas_of(aws: RunningAws, service: str) -> dict[str, dict[str, Any]]:
    pages = aws.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode=service)
    return {quota["QuotaName"]: quota for page in pages for quota in page["Quotas"]}


def test_the_quotas_of_a_service_come_in_pages_under_the_names_of_aws(aws: RunningAws) -> None:
    client = aws.client("service-quotas")
    first = client.list_service_quotas(ServiceCode="sagemaker", MaxResults=10)
    assert (len(first["Quotas"]), first["NextToken"]) == (10, "10")
    listed = quotas_of(aws, "sagemaker")
    assert listed["ml.g4dn.xlarge for training job usage"]["QuotaCode"] == "L-3F53BF0F"
    assert listed["ml.m5.large for endpoint usage"]["Value"] == INSTANCES
    assert len({quota["QuotaCode"] for quota in listed.values()}) == len(listed) > 400


def test_one_quota_is_found_by_its_code(aws: RunningAws) -> None:
    client = aws.client("service-quotas")
    quota = client.get_service_quota(ServiceCode="lambda", QuotaCode="L-B99A9384")["Quota"]
    assert (quota["QuotaName"], quota["Value"]) == ("Concurrent executions", 1000)
    assert quota["QuotaArn"] == "arn:aws:servicequotas:us-east-1:123456789012:lambda/L-B99A9384"
    assert client.list_service_quotas(ServiceCode="lambda", QuotaCode="L-B99A9384")["Quotas"] == [quota]


@pytest.mark.parametrize(("service", "code"), [("sagemaker", "L-00000000"), ("braket", "L-00000000")])
def test_an_unknown_quota_is_not_found(aws: RunningAws, service: str, code: str) -> None:
    error = error_of(lambda: aws.client("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=code))
    assert error["Error"]["Code"] == "NoSuchResourceException"


def test_quotas_are_read_with_the_permissions_that_aws_asks_for(aws: RunningAws) -> None:
    allowed = aws.client("service-quotas", aws.as_role(allow("servicequotas:ListServiceQuotas", "*")))
    assert allowed.list_service_quotas(ServiceCode="lambda")["Quotas"]
    error = error_of(lambda: allowed.get_service_quota(ServiceCode="lambda", QuotaCode="L-B99A9384"))
    assert error["Error"]["Code"] == "AccessDeniedException"
    assert "servicequotas:GetServiceQuota" in error["Error"]["Message"]


def test_a_training_job_above_the_quota_is_refused_in_the_words_of_aws(limited_aws: RunningAws) -> None:
    limit(limited_aws, GPU_TRAINING, 1)
    jobs = make_jobs(limited_aws)
    two = {"InstanceType": GPU, "InstanceCount": 2, "VolumeSizeInGB": 10}
    error = error_of(lambda: jobs.start("", ResourceConfig=two))["Error"]
    assert error["Code"] == "ResourceLimitExceeded"
    assert error["Message"].startswith(
        f"The account-level service limit '{GPU_TRAINING}' is 1 Instances, with current utilization of 0 Instances and a request delta of "
        "2 Instances."
    )
    one = jobs.start("import time; time.sleep(600)", ResourceConfig={**two, "InstanceCount": 1})
    error = error_of(lambda: jobs.start("", ResourceConfig={**two, "InstanceCount": 1}))["Error"]
    assert "current utilization of 1 Instances and a request delta of 1" in error["Message"]
    jobs.client.stop_training_job(TrainingJobName=one)
    jobs.wait(one)
    assert jobs.run("", ResourceConfig={**two, "InstanceCount": 1})["TrainingJobStatus"] == "Completed"


def test_an_update_of_an_endpoint_needs_quota_for_both_fleets(limited_aws: RunningAws) -> None:
    hosted = make_hosted(limited_aws)
    config = hosted.config_of(InstanceType=GPU)
    limit(limited_aws, GPU_SERVING, 0)
    assert error_of(lambda: hosted.start(config))["Error"]["Code"] == "ResourceLimitExceeded"
    limit(limited_aws, GPU_SERVING, 1)
    endpoint = hosted.endpoint(config)
    error = error_of(lambda: hosted.update(endpoint, hosted.config_of("two", InstanceType=GPU)))["Error"]
    assert "current utilization of 1 Instances and a request delta of 1" in error["Message"]
    assert hosted.describe(endpoint)["EndpointStatus"] == "InService"
    more = [{"VariantName": "main", "DesiredInstanceCount": 2}]
    scale = hosted.client.update_endpoint_weights_and_capacities
    assert error_of(lambda: scale(EndpointName=endpoint, DesiredWeightsAndCapacities=more))["Error"]["Code"] == "ResourceLimitExceeded"
    limit(limited_aws, GPU_SERVING, 2)
    assert hosted.update(endpoint, hosted.config_of("two", InstanceType=GPU))["EndpointStatus"] == "InService"
    hosted.delete(endpoint)


def test_a_new_accounts_concurrency_shows_in_its_settings(limited_aws: RunningAws) -> None:
    limit(limited_aws, "Concurrent executions", 10, "lambda")
    assert limited_aws.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 10
    assert quotas_of(limited_aws, "lambda")["Concurrent executions"]["Value"] == 10
    limited_aws.control("DELETE", "quotas")
    assert limited_aws.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 1000


def test_what_was_set_is_shown(limited_aws: RunningAws) -> None:
    limit(limited_aws, GPU_TRAINING, 3)
    assert limited_aws.control("GET", "quotas") == [{"service": "sagemaker", "name": GPU_TRAINING, "value": 3}]


@pytest.mark.parametrize(
    ("specification", "reason"),
    [
        ([], "a quota is a JSON object"),
        ({"service": "sagemaker", "name": GPU_TRAINING}, "a quota is a JSON object"),
        ({"service": "sagemaker", "name": GPU_TRAINING, "value": -1}, "must be a number of at least 0"),
        ({"service": "sagemaker", "name": GPU_TRAINING, "value": True}, "must be a number of at least 0"),
        ({"service": "sagemaker", "name": "ml.m5.large", "value": 1}, "sagemaker has no quota 'ml.m5.large'"),
    ],
)
def test_a_wrong_quota_is_refused_with_the_reason(aws: RunningAws, specification: Any, reason: str) -> None:
    with pytest.raises(HTTPError) as raised:
        aws.control("POST", "quotas", specification)
    assert raised.value.code == 400
    assert reason in json.load(raised.value)["error"]


def test_an_account_may_start_with_quotas_of_its_own(tmp_path: Path) -> None:
    quotas = Quotas(Cloud("http://127.0.0.1:9", tmp_path), {CONCURRENCY: 10})
    listed = quotas.list_quotas(Call("service-quotas", "ListServiceQuotas", Principal("tests"), {"ServiceCode": "lambda"}))
    assert [quota["Value"] for quota in listed["Quotas"]] == [10]
