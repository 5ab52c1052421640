"""The task that publishes: code, settings, version, concurrency, and last of all the alias."""

from pedigree.aws.clients import client
from pedigree.aws.naming import tags
from pedigree.function.alias import ALIAS, point_alias
from pedigree.function.canary import proven
from pedigree.function.concurrency import ensure_concurrency, release_others
from pedigree.function.package import code_sha256, zip_files
from pedigree.function.scaling import ScaledFunction
from pedigree.function.url import ensure_url
from pedigree.function.version import Release, ensure_version, function_key, function_settings
from pedigree.settings import Function
from pedigree.training.code import package_files
from pedigree.values import Account, Endpoint, FunctionVersion, ModelVersion, Outcome


def publish_function(account: Account, endpoint: Endpoint, function: Function, model: ModelVersion) -> FunctionVersion:
    """A version of the handler with its concurrency in place, and the alias `live` pointing to it; it is called as its endpoint.

    Where a canary is wanted, the golden images of `model` and its callers' errors decide whether it comes to that.
    """
    aws_lambda, name = client(account.credentials, "lambda"), endpoint.name
    archive = zip_files(package_files("lambda_handler"))
    settings = function_settings(account, endpoint, function)
    key = function_key(code_sha256(archive), settings)
    version, version_outcome = ensure_version(aws_lambda, Release(key, archive, settings), tags(account, key))
    scaled = ScaledFunction(account, name)
    with proven(account, name, version, function, model):
        limits = scaled.hand_over(version)
        concurrency = ensure_concurrency(aws_lambda, name, version, function)
        before, alias_outcome = point_alias(aws_lambda, name, version)
    release_others(aws_lambda, name, version)
    scaling_outcome = scaled.ensure(version, function, limits)
    url, url_outcome = ensure_url(aws_lambda, name, function)
    unchanged = {alias_outcome, scaling_outcome, url_outcome, *concurrency} == {"adopted"}
    outcome: Outcome = version_outcome if version_outcome != "adopted" or unchanged else "updated"
    return FunctionVersion(
        name=name,
        key=key,
        version=version,
        alias=ALIAS,
        reserved=function.reserved_concurrency,
        provisioned=function.provisioned_concurrency,
        outcome=outcome,
        previous_version=before,
        url=url,
        most_provisioned=function.provisioned_range[1] if function.scales_provisioned else None,
    )


def restore_function(account: Account, function: FunctionVersion) -> None:
    """Point the alias back to where it was before this run moved it; what was never right is not kept warm.

    The version before answers with cold starts until the next run warms it again.
    """
    aws_lambda = client(account.credentials, "lambda")
    if function.previous_version:
        point_alias(aws_lambda, function.name, function.previous_version)
    if function.previous_version or function.outcome == "created":
        ScaledFunction(account, function.name).hand_over(function.previous_version)
        release_others(aws_lambda, function.name, function.previous_version)
