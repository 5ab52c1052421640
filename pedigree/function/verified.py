"""The tags of a function that say which version was proven last, and how it was kept warm: they outlive a killed run."""

from dataclasses import dataclass

from pedigree.aws.clients import LambdaClient
from pedigree.aws.resources.kind import gone_is_fine
from pedigree.function.alias import version_behind
from pedigree.function.concurrency import provisioned_of, reserved_of
from pedigree.settings import Function

VERIFIED_TAG, RESERVED_TAG, WARM_TAG = "pedigree:verified-version", "pedigree:verified-reserved", "pedigree:verified-warm"
NONE_YET = "none"


@dataclass(frozen=True)
class Verified:
    """The version that was proven last, with its reserved concurrency and its warm environments; `NONE_YET` for a new function."""

    version: str
    reserved: int = 0
    warm: int = 0

    @property
    def is_new(self) -> bool:
        return self.version == NONE_YET


def verified_of(aws_lambda: LambdaClient, name: str) -> Verified | None:
    """The tags of the function; None where there is no function, or no run of ours has tagged it."""
    with gone_is_fine():
        tags = aws_lambda.list_tags(Resource=arn_of(aws_lambda, name))["Tags"]
        if VERIFIED_TAG in tags:
            return Verified(tags[VERIFIED_TAG], int(tags.get(RESERVED_TAG, 0)), int(tags.get(WARM_TAG, 0)))
    return None


def remember(aws_lambda: LambdaClient, name: str, verified: Verified) -> None:
    """This version is the way back from now on."""
    if verified_of(aws_lambda, name) != verified:
        marks = {VERIFIED_TAG: verified.version, RESERVED_TAG: str(verified.reserved), WARM_TAG: str(verified.warm)}
        aws_lambda.tag_resource(Resource=arn_of(aws_lambda, name), Tags=marks)


def way_back(aws_lambda: LambdaClient, name: str, version: str, function: Function) -> str | None:
    """The version to go back to if `version` is none; remembered at the function before anything changes."""
    live, verified = version_behind(aws_lambda, name), verified_of(aws_lambda, name)
    if live not in (None, version) and (verified is None or verified.is_new):  # what serves is better than nothing
        config = provisioned_of(aws_lambda, name, live)
        warm = config["RequestedProvisionedConcurrentExecutions"] if config else 0
        verified = Verified(live, reserved_of(aws_lambda, name) or function.reserved_concurrency, warm)
        remember(aws_lambda, name, verified)
    return verified.version if verified and not verified.is_new and verified.version != version else None


def arn_of(aws_lambda: LambdaClient, name: str) -> str:
    return aws_lambda.get_function_configuration(FunctionName=name)["FunctionArn"]
