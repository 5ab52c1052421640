"""The task that publishes: code, settings, version, concurrency, and last of all the alias."""

from typing import Any

from prefect import task

from tasks.aws.adoption import Kind, ensure
from tasks.aws.clients import client
from tasks.aws.naming import key_of, tags
from tasks.aws.tasking import AWS_TASK
from tasks.function.concurrency import ensure_concurrency, release_others
from tasks.function.package import code_sha256, zip_files
from tasks.function.version import ensure_version, function_settings
from tasks.settings import Function
from tasks.training.code import package_files
from tasks.values import Account, Endpoint, FunctionVersion, Outcome

ALIAS = "live"


@task(name="publish function", **AWS_TASK)
def publish_function(account: Account, endpoint: Endpoint, function: Function) -> FunctionVersion:
    """A version of the handler with its concurrency in place, and the alias `live` pointing to it."""
    aws_lambda = client(account.credentials, "lambda")
    archive = zip_files(package_files("lambda_handler"))
    settings = function_settings(account, endpoint, function)
    key = key_of(code=code_sha256(archive), settings=settings)
    version, version_outcome = ensure_version(aws_lambda, account.project, key, archive, settings, tags(account.project, key))
    concurrency = ensure_concurrency(aws_lambda, account.project, version, function)
    before, alias_outcome = point_alias(aws_lambda, account.project, version)
    release_others(aws_lambda, account.project, version)
    unchanged = {alias_outcome, *concurrency} == {"adopted"}
    outcome: Outcome = version_outcome if version_outcome != "adopted" or unchanged else "updated"
    return FunctionVersion(
        name=account.project,
        key=key,
        version=version,
        alias=ALIAS,
        reserved=function.reserved_concurrency,
        provisioned=function.provisioned_concurrency,
        outcome=outcome,
        previous_version=before,
    )


def point_alias(aws_lambda: Any, name: str, version: str) -> tuple[str | None, Outcome]:
    """(version the alias pointed to before, what was done)."""
    kind = Kind(
        "alias",
        describe=lambda alias: dict(aws_lambda.get_alias(FunctionName=name, Name=alias)),
        create=lambda request: aws_lambda.create_alias(**request),
        compared=(),
    )
    found, outcome = ensure(kind, ALIAS, {"FunctionName": name, "Name": ALIAS, "FunctionVersion": version})
    if found["FunctionVersion"] == version:
        return None, outcome
    aws_lambda.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
    return str(found["FunctionVersion"]), "updated"


def restore_function(account: Account, function: FunctionVersion) -> None:
    """Point the alias back to where it was before this run moved it; what was never right is not kept warm.

    The version before answers with cold starts until the next run warms it again.
    """
    aws_lambda = client(account.credentials, "lambda")
    if function.previous_version:
        point_alias(aws_lambda, function.name, function.previous_version)
    if function.previous_version or function.outcome == "created":
        release_others(aws_lambda, function.name, function.previous_version)
