"""The function's code and settings, and the published version that carries their key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from pedigree.aws.adoption import settled_by
from pedigree.aws.clients import LambdaClient
from pedigree.aws.errors import SpecDiffers
from pedigree.aws.extra import with_extra
from pedigree.aws.naming import key_of
from pedigree.aws.resources.kind import gone_is_fine
from pedigree.aws.waiting import wait_until
from pedigree.function.package import code_sha256
from pedigree.settings import Function
from pedigree.values import Account, Endpoint, Outcome

if TYPE_CHECKING:
    from mypy_boto3_lambda.literals import RuntimeType
    from mypy_boto3_lambda.type_defs import EnvironmentTypeDef

READY_SECONDS = 300


class FunctionSettings(TypedDict):
    """The members that CreateFunction and UpdateFunctionConfiguration share; `function.extra` brings further ones."""

    FunctionName: str
    Runtime: "RuntimeType"
    Role: str
    Handler: str
    Timeout: int
    MemorySize: int
    Environment: "EnvironmentTypeDef"


def function_settings(account: Account, endpoint: Endpoint, function: Function) -> FunctionSettings:
    settings: FunctionSettings = {
        "FunctionName": endpoint.name,
        "Runtime": "python3.12",
        "Role": account.function_role,
        "Handler": "lambda_handler.handler.handler",
        "Timeout": function.timeout_seconds,
        "MemorySize": function.memory_mb,
        "Environment": {"Variables": {"ENDPOINT_NAME": endpoint.name}},
    }
    return with_extra(settings, function.extra, "function.extra")


def function_key(code: str, settings: FunctionSettings) -> str:
    """Hash of the zip's SHA-256 (`code`) and of all settings but the function's name, which its environment holds."""
    return key_of(code=code, settings={member: value for member, value in settings.items() if member != "FunctionName"})


@dataclass(frozen=True)
class Release:
    """The code and settings of a version, with the key that they give."""

    key: str
    archive: bytes
    settings: FunctionSettings


def ensure_version(aws_lambda: LambdaClient, release: Release, tags: dict[str, str]) -> tuple[str, Outcome]:
    """The version published from exactly this zip and these settings; `$LATEST` is only touched where there is none."""
    name = release.settings["FunctionName"]
    found = find_version(aws_lambda, name, release.key)
    if found:
        return found, "adopted"
    outcome = ensure_latest(aws_lambda, release, tags)
    published = aws_lambda.publish_version(FunctionName=name, CodeSha256=code_sha256(release.archive), Description=release.key)
    return str(published["Version"]), outcome


def find_version(aws_lambda: LambdaClient, name: str, key: str) -> str | None:
    try:
        pages = list(aws_lambda.get_paginator("list_versions_by_function").paginate(FunctionName=name))
    except aws_lambda.exceptions.ResourceNotFoundException:
        return None
    versions = [version for page in pages for version in page["Versions"] if version["Version"] != "$LATEST"]
    return next((str(version["Version"]) for version in reversed(versions) if version.get("Description") == key), None)


def ensure_latest(aws_lambda: LambdaClient, release: Release, tags: dict[str, str]) -> Outcome:
    name = release.settings["FunctionName"]
    created = create_function(aws_lambda, release, tags)
    wait_until_ready(aws_lambda, name)
    if created:
        return "created"
    require_ours(aws_lambda, name, release.settings["Role"])
    change(aws_lambda, name, lambda: aws_lambda.update_function_code(FunctionName=name, ZipFile=release.archive))
    change(aws_lambda, name, lambda: aws_lambda.update_function_configuration(**release.settings))
    return "updated"


def change(aws_lambda: LambdaClient, name: str, make: Callable[[], object]) -> None:
    """Make the change and wait for it; when it meets another one under way, such as itself after a lost answer, make it once more."""
    try:
        make()
    except aws_lambda.exceptions.ResourceConflictException:
        wait_until_ready(aws_lambda, name)
        make()
    wait_until_ready(aws_lambda, name)


def create_function(aws_lambda: LambdaClient, release: Release, tags: dict[str, str]) -> bool:
    """Whether there was no such function before."""
    with settled_by(lambda: is_there(aws_lambda, release.settings["FunctionName"])):
        aws_lambda.create_function(Code={"ZipFile": release.archive}, Tags=tags, **release.settings)
        return True
    return False


def is_there(aws_lambda: LambdaClient, name: str) -> bool:
    with gone_is_fine():
        return bool(aws_lambda.get_function_configuration(FunctionName=name))
    return False


def require_ours(aws_lambda: LambdaClient, name: str, ours: str) -> None:
    """SpecDiffers for a function that does not run under our role: somebody else made it, so its code must not be replaced."""
    role = aws_lambda.get_function_configuration(FunctionName=name)["Role"]
    if role != ours:
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
