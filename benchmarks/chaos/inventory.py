"""All that stands in an account, asked of AWS's own lists and counted by what does not differ from run to run."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks.chaos.strikes import CHANGING
from pedigree.aws.naming import belongs_to
from tests.lab.live_account import LiveAccount

Inventory = Counter[str]
GONE = ("terminated", "shutting-down")
REPORTS = re.compile(r"^(runs|events)/")  # one for each run, so that their number says nothing
SAGEMAKER = {  # paginator, list, member of the name, member of the status
    "training job": ("list_training_jobs", "TrainingJobSummaries", "TrainingJobName", "TrainingJobStatus"),
    "transform job": ("list_transform_jobs", "TransformJobSummaries", "TransformJobName", "TransformJobStatus"),
    "model": ("list_models", "Models", "ModelName", ""),
    "endpoint config": ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", ""),
    "endpoint": ("list_endpoints", "Endpoints", "EndpointName", "EndpointStatus"),
    "package group": ("list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName", ""),
}


def take_inventory(live: LiveAccount) -> Inventory:
    """Count the resources of the account's project, one line for each kind, name and status."""
    parts = (sagemaker_of, packages_of, function_of, scaling_of, alarms_of, instances_of, objects_of)
    return Counter(CHANGING.sub("*", line.replace(live.account.project, "project")) for part in parts for line in part(live))


def pages(live: LiveAccount, service: str, operation: str, of: str, **parameters: Any) -> Iterator[Any]:
    for page in live.client(service).get_paginator(operation).paginate(**parameters):
        yield from page.get(of, ())


def sagemaker_of(live: LiveAccount) -> Iterator[str]:
    for kind, (operation, of, name, status) in SAGEMAKER.items():
        for found in pages(live, "sagemaker", operation, of, NameContains=live.account.project):
            yield f"{kind} {found[name]} {found.get(status, '')}"


def packages_of(live: LiveAccount) -> Iterator[str]:
    groups = pages(live, "sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", NameContains=live.account.project)
    for group in [each["ModelPackageGroupName"] for each in groups]:
        for found in pages(live, "sagemaker", "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=group):
            yield f"package of {group} {found['ModelApprovalStatus']}"


def function_of(live: LiveAccount) -> Iterator[str]:
    aws_lambda = live.client("lambda")
    for function in pages(live, "lambda", "list_functions", "Functions"):
        name = function["FunctionName"]
        if not belongs_to(live.account.project, name):
            continue
        yield from (f"version of {name}" for _ in pages(live, "lambda", "list_versions_by_function", "Versions", FunctionName=name))
        for alias in pages(live, "lambda", "list_aliases", "Aliases", FunctionName=name):
            yield f"alias {name} {alias['Name']} {alias.get('RoutingConfig', '')}"
        for warm in pages(live, "lambda", "list_provisioned_concurrency_configs", "ProvisionedConcurrencyConfigs", FunctionName=name):
            yield f"provisioned {name} {warm['RequestedProvisionedConcurrentExecutions']} {warm['Status']}"
        yield f"reserved {name} {aws_lambda.get_function_concurrency(FunctionName=name).get('ReservedConcurrentExecutions')}"
        yield from (
            f"url {each['AuthType']}"
            for each in pages(live, "lambda", "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name)
        )


def scaling_of(live: LiveAccount) -> Iterator[str]:
    lists = {
        "target": ("describe_scalable_targets", "ScalableTargets"),
        "policy": ("describe_scaling_policies", "ScalingPolicies"),
        "schedule": ("describe_scheduled_actions", "ScheduledActions"),
    }
    for namespace in ("sagemaker", "lambda"):
        for kind, (operation, of) in lists.items():
            for found in pages(live, "application-autoscaling", operation, of, ServiceNamespace=namespace):
                if live.account.project in found["ResourceId"]:
                    yield f"{kind} {found['ResourceId']} {found.get('PolicyName', '')} {found.get('ScheduledActionName', '')}"


def alarms_of(live: LiveAccount) -> Iterator[str]:
    for alarm in pages(live, "cloudwatch", "describe_alarms", "MetricAlarms"):
        if live.account.project in alarm["AlarmName"]:
            yield f"alarm {alarm['AlarmName']} of {len(alarm['AlarmActions'])} actions"


def instances_of(live: LiveAccount) -> Iterator[str]:
    wanted = [{"Name": "tag:pedigree:project", "Values": [live.account.project]}]
    for reservation in pages(live, "ec2", "describe_instances", "Reservations", Filters=wanted):
        for instance in reservation["Instances"]:
            yield f"instance {'gone' if instance['State']['Name'] in GONE else instance['State']['Name']}"
    for group in pages(live, "ec2", "describe_security_groups", "SecurityGroups", Filters=wanted):
        yield f"security group {group['GroupName']}"


def objects_of(live: LiveAccount) -> Iterator[str]:
    for found in pages(live, "s3", "list_objects_v2", "Contents", Bucket=live.account.bucket):
        if not REPORTS.match(found["Key"]):
            yield f"object {found['Key']}"
    for upload in pages(live, "s3", "list_multipart_uploads", "Uploads", Bucket=live.account.bucket):
        yield f"unfinished upload {upload['Key']}"
