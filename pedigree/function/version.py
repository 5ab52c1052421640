"""The function's code and settings, and the published version that carries their key."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.clients import LambdaClient
from pedigree.aws.errors import SpecDiffers, is_taken
from pedigree.aws.extra import with_extra
from pedigree.aws.waiting import wait_until
from pedigree.function.package import code_sha256
from pedigree.settings import Function
from pedigree.values import Account, Endpoint, Outcome

READY_SECONDS = 300


def function_settings(account: Account, endpoint: Endpoint, function: Function) -> dict[str, Any]:
    settings = {
        "FunctionName": endpoint.name,
        "Runtime": "python3.12",
        "Role": account.function_role,
        "Handler": "lambda_handler.handler.handler",
        "Timeout": function.timeout_seconds,
        "MemorySize": function.memory_mb,
        "Environment": {"Variables": {"ENDPOINT_NAME": endpoint.name}},
    }
    asked = with_extra(settings, function.extra, "function.extra")
    return {member: value for member, value in asked.items() if member != "FunctionName"}  # the calls take it by itself


@dataclass(frozen=True)
class Release:
    """The code and settings of a version, with the key that they give."""

    key: str
    archive: bytes
    settings: dict[str, Any]


def ensure_version(aws_lambda: LambdaClient, name: str, release: Release, tags: dict[str, str]) -> tuple[str, Outcome]:
    """The version published from exactly this zip and these settings; `$LATEST` is only touched where there is none."""
    found = find_version(aws_lambda, name, release.key)
    if found:
        return found, "adopted"
    outcome = ensure_latest(aws_lambda, name, release, tags)
    published = aws_lambda.publish_version(FunctionName=name, CodeSha256=code_sha256(release.archive), Description=release.key)
    return str(published["Version"]), outcome


def find_version(aws_lambda: LambdaClient, name: str, key: str) -> str | None:
    try:
        pages = list(aws_lambda.get_paginator("list_versions_by_function").paginate(FunctionName=name))
    except aws_lambda.exceptions.ResourceNotFoundException:
        return None
    versions = [version for page in pages for version in page["Versions"] if version["Version"] != "$LATEST"]
    return next((str(version["Version"]) for version in reversed(versions) if version.get("Description") == key), None)


def ensure_latest(aws_lambda: LambdaClient, name: str, release: Release, tags: dict[str, str]) -> Outcome:
    created = create_function(aws_lambda, name, release, tags)
    wait_until_ready(aws_lambda, name)
    if created:
        return "created"
    require_ours(aws_lambda, name, release.settings)
    aws_lambda.update_function_code(FunctionName=name, ZipFile=release.archive)
    wait_until_ready(aws_lambda, name)
    aws_lambda.update_function_configuration(FunctionName=name, **release.settings)
    wait_until_ready(aws_lambda, name)
    return "updated"


def create_function(aws_lambda: LambdaClient, name: str, release: Release, tags: dict[str, str]) -> bool:
    """Whether there was no such function before."""
    try:
        aws_lambda.create_function(FunctionName=name, Code={"ZipFile": release.archive}, Tags=tags, **release.settings)
    except ClientError as error:
        if is_taken(error):
            return False
        raise
    return True


def require_ours(aws_lambda: LambdaClient, name: str, settings: dict[str, Any]) -> None:
    """SpecDiffers for a function that somebody else made under our name: its code must not be replaced."""
    role = aws_lambda.get_function_configuration(FunctionName=name)["Role"]
    if role != settings["Role"]:
        cause = f"it runs under {role}, which is not this project's role"
        raise SpecDiffers("function", name, cause, "delete it if it is not needed, or choose another environment.project")


def wait_until_ready(aws_lambda: LambdaClient, name: str) -> None:
    """Active and its last update successful: before that the next change is refused."""
    wait_until(
        lambda: aws_lambda.get_function_configuration(FunctionName=name),
        lambda found: found["State"] == "Active" and found["LastUpdateStatus"] == "Successful",
        step="function",
        resource=name,
        seconds=READY_SECONDS,
    )
