"""The task that publishes: code, settings, version, concurrency, and last of all the alias."""

from pedigree.aws.clients import LambdaClient, client
from pedigree.aws.logs import limit_logs
from pedigree.aws.naming import tags
from pedigree.function.alias import ALIAS, point_alias, version_behind
from pedigree.function.canary import proven
from pedigree.function.concurrency import ensure_concurrency, provisioned_of, release_others
from pedigree.function.package import code_sha256, zip_files
from pedigree.function.scaling import ScaledFunction
from pedigree.function.url import ensure_url
from pedigree.function.verified import NONE_YET, VERIFIED_TAG, Verified, remember, verified_of, way_back
from pedigree.function.version import Release, ensure_version, function_key, function_settings
from pedigree.settings import Function
from pedigree.training.code import package_files
from pedigree.values import Account, Endpoint, FunctionVersion, ModelVersion, Outcome


def publish_function(account: Account, endpoint: Endpoint, function: Function, model: ModelVersion) -> FunctionVersion:
    """A version of the handler with its concurrency in place, and the alias `live` pointing to it; it is called as its endpoint.

    Where a canary is wanted, the golden images of `model` and its callers' errors decide whether it comes to that.
    """
    aws_lambda, name = client(account.credentials, "lambda"), endpoint.name
    limit_logs(account, f"/aws/lambda/{name}")
    archive = zip_files(package_files("lambda_handler"))
    settings = function_settings(account, endpoint, function)
    key = function_key(code_sha256(archive), settings)
    marks = {**tags(account, key), VERIFIED_TAG: NONE_YET}
    version, version_outcome = ensure_version(aws_lambda, Release(key, archive, settings), marks)
    scaled = ScaledFunction(account, name)
    kept = way_back(aws_lambda, name, version, function)
    with proven(account, name, version, function, model):
        limits = scaled.hand_over(version, keep=kept)
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


def confirm_function(account: Account, function: FunctionVersion) -> None:
    """The version is proven: from now on it is what a later run goes back to, and nothing else is kept for that."""
    aws_lambda, name = client(account.credentials, "lambda"), function.name
    if version_behind(aws_lambda, name) == function.version:
        remember(aws_lambda, name, Verified(function.version, function.reserved, function.provisioned))
        ScaledFunction(account, name).hand_over(function.version)


def restore_function(account: Account, name: str) -> None:
    """Back to the version that was proven last, and return when it is as warm and scaled as before.

    It is read from the function, so that this works after a killed run too. The alias goes first: cold answers are better than wrong ones.
    What was never proven is not kept warm.
    """
    aws_lambda, scaled = client(account.credentials, "lambda"), ScaledFunction(account, name)
    verified = verified_of(aws_lambda, name)
    if verified is None:
        return
    version = None if verified.is_new else verified.version
    if version:
        point_alias(aws_lambda, name, version)
    scaled.hand_over(version)
    release_others(aws_lambda, name, version)
    if version:
        warm = warm_before(aws_lambda, name, verified, scaled.lowest(version))
        before = Function(reserved_concurrency=verified.reserved, provisioned_concurrency=warm)
        ensure_concurrency(aws_lambda, name, version, before)
        scaled.resume(version)


def warm_before(aws_lambda: LambdaClient, name: str, verified: Verified, lowest: int) -> int:
    """The environments of a proven version; where autoscaling keeps at least `lowest`, what it has reached since is not undone."""
    config = provisioned_of(aws_lambda, name, verified.version) if lowest else None
    reached = config["RequestedProvisionedConcurrentExecutions"] if config else 0
    return min(max(verified.warm, lowest, reached), verified.reserved)
