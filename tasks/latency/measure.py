"""The task that measures the live model, because a person asked for it: on an endpoint of its own, which no autoscaling changes."""

from collections.abc import Iterator
from datetime import UTC, datetime

from prefect import get_run_logger, task

from tasks.aws.clients import client
from tasks.aws.errors import InvalidInput
from tasks.aws.tasking import AWS_TASK
from tasks.deployment.golden import read_golden
from tasks.deployment.requests import endpoint_name
from tasks.deployment.rollout import Rollout, instances_of
from tasks.deployment.stand_in import stand_in
from tasks.latency.levels import ONCE, measure_levels
from tasks.latency.live import LiveModel, find_live
from tasks.latency.records import put_curve
from tasks.planning.curve import LatencyCurve, Level
from tasks.settings import Serving
from tasks.values import Account

LEVEL_SECONDS = 10.0


def measured_name(account: Account, serving: Serving) -> str:
    """Of the endpoint that is measured."""
    return f"{endpoint_name(account.project, serving)}-measured"


@task(name="measure latency", **AWS_TASK)
def measure_latency(account: Account, serving: Serving, *, level_seconds: float = LEVEL_SECONDS) -> LatencyCurve:
    """Puts what is live on an endpoint of its own, asks it for golden images at rising concurrency, and records the curve.

    InvalidInput where nothing is live, and where it does not start there or not even answers single callers. Once at a time.
    """
    live = find_live(account, serving)
    with stand_in(account, live.config, measured_name(account, serving)) as measured:
        if problems := measured.problems(live.config):
            raise unfit(live, "; ".join(problems))
        instances = instances_of(measured.present() or {})
        levels = tuple(levels_of(account, live, measured, instances, level_seconds))
    if not levels or levels[0].errors:
        raise unfit(live, "it answered single callers with errors, or not at all")
    curve = LatencyCurve(
        endpoint=live.endpoint,
        model=live.model,
        image=live.image,
        instance_type=live.instance_type,
        instances=instances,
        measured_at=datetime.now(UTC),
        levels=levels,
    )
    get_run_logger().info(f"Recorded as {put_curve(account, curve)}")
    return curve


def levels_of(account: Account, live: LiveModel, measured: Rollout, instances: int, seconds: float) -> Iterator[Level]:
    images = [image.content for image in read_golden(client(account.credentials, "s3"), live.artifact).images]
    runtime = client(account.credentials, "sagemaker-runtime", config=ONCE)
    for level in measure_levels(runtime, measured.name, images, instances=instances, seconds=seconds):
        get_run_logger().info(f"{level.concurrency} callers: {level.throughput:.1f} requests per second, p99 {level.p99_ms:.0f} ms")
        yield level


def unfit(live: LiveModel, cause: str) -> InvalidInput:
    return InvalidInput("measure latency", live.endpoint, cause, "look at its log, mend it, measure again")
