"""A canary: a new version first answers a share of the alias's requests, and gets the rest once it has done so without a fault.

A killed run leaves the alias with its weights. The next one begins the watch anew, or without a canary moves the alias at once.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from pedigree.artifact.contents import read_golden
from pedigree.artifact.golden import Golden
from pedigree.aws.clients import CloudWatchClient, LambdaClient, client
from pedigree.aws.errors import AwsFailed, DeploymentFailed
from pedigree.aws.waiting import wait_until
from pedigree.function.alias import ALIAS, version_behind
from pedigree.function.smoke import ask
from pedigree.settings import Function
from pedigree.values import Account, ModelVersion

LOG = logging.getLogger(__name__)
SPARE_SECONDS = 600  # beside the watch: for what its own requests take


@contextmanager
def proven(account: Account, name: str, version: str, function: Function, model: ModelVersion) -> Iterator[None]:
    """Inside, the version may be given all requests; DeploymentFailed where it must not. Whatever fails, the share is taken back.

    It is judged by golden images, asked of it alone and through the alias, and by the errors that CloudWatch counts of it.
    """
    aws_lambda = client(account.credentials, "lambda")
    before = version_behind(aws_lambda, name)
    with ExitStack() as back:
        if before not in (None, version) and function.canary_percent:
            golden = read_golden(client(account.credentials, "s3"), model.artifact)
            problems = wrong_answers(aws_lambda, name, version, golden, through=version)
            if not problems:
                put = partial(aws_lambda.update_alias, FunctionName=name, Name=ALIAS, FunctionVersion=before)
                back.callback(put, RoutingConfig={"AdditionalVersionWeights": {}})
                put(RoutingConfig={"AdditionalVersionWeights": {version: function.canary_percent / 100}})
                problems = watch(account, name, version, function, golden)
            if problems:
                cause = f"{'; '.join(problems)}; version {before} serves on"
                raise DeploymentFailed("function", f"{name}:{version}", cause, "see the function's log")
        yield
        back.pop_all()


def watch(account: Account, name: str, version: str, function: Function, golden: Golden) -> list[str]:
    """The first faults that the version shows, none after `canary_seconds` without any.

    It is asked at both ends only: a request every few seconds would make the endpoint scale out.
    """
    aws_lambda, cloudwatch = client(account.credentials, "lambda"), client(account.credentials, "cloudwatch")
    began, end = datetime.now(UTC), time.monotonic() + function.canary_seconds
    LOG.info(f"Version {version} answers {function.canary_percent}% for {function.canary_seconds} s")

    def asked() -> list[str]:
        throughs = (version, ALIAS)
        return [problem for through in throughs for problem in wrong_answers(aws_lambda, name, version, golden, through=through)]

    def counted() -> list[str]:
        return wait_until(
            lambda: list(counted_errors(cloudwatch, name, version, began)),
            lambda problems: bool(problems) or time.monotonic() > end,
            step="function",
            resource=f"{name}:{version}",
            seconds=function.canary_seconds + SPARE_SECONDS,
        )

    return asked() or counted() or asked()


def wrong_answers(aws_lambda: LambdaClient, name: str, version: str, golden: Golden, *, through: str) -> list[str]:
    """Ask for all golden images through a qualifier and return the errors of this version, and of requests that no version answered.

    Raises AwsFailed where the caller, the network or AWS itself is why nothing answered: that says nothing about the version.
    """
    answers = [ask(aws_lambda, name, through, golden, image) for image in golden.images]
    for answer in answers:
        if isinstance(refusal := answer.get("refusal"), AwsFailed):
            raise refusal
    return [answer["problem"] for answer in answers if answer["problem"] and answer["version"] in (version, None)]


def counted_errors(cloudwatch: CloudWatchClient, name: str, version: str, since: datetime) -> Iterator[str]:
    """Errors of real callers: crashes and timeouts of this version, as Lambda counts them while the alias has weights."""
    dimensions = {"FunctionName": name, "Resource": f"{name}:{ALIAS}", "ExecutedVersion": version}
    found = cloudwatch.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": dimension, "Value": value} for dimension, value in dimensions.items()],
        StartTime=since,
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    errors = sum(point["Sum"] for point in found["Datapoints"])
    if errors:
        yield f"{errors:.0f} errors of its callers"
