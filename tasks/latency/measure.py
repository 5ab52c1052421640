"""The task that measures the live endpoint, because a person asked for it: whoever else asks the endpoint meanwhile waits longer."""

from datetime import UTC, datetime

from prefect import get_run_logger, task

from tasks.aws.clients import client
from tasks.aws.errors import InvalidInput
from tasks.aws.tasking import AWS_TASK
from tasks.deployment.golden import read_golden
from tasks.latency.levels import ONCE, measure_levels
from tasks.latency.live import LiveModel, find_live
from tasks.latency.records import put_curve
from tasks.planning.curve import LatencyCurve
from tasks.settings import Serving
from tasks.values import Account

LEVEL_SECONDS = 10.0


@task(name="measure latency", **AWS_TASK)
def measure_latency(account: Account, serving: Serving, *, level_seconds: float = LEVEL_SECONDS) -> LatencyCurve:
    """Asks for golden images at rising concurrency, and records the curve beside the run's other records.

    InvalidInput where nothing is live, where not even single callers were answered, or where instances came or went meanwhile.
    """
    live = find_live(account, serving)
    images = [image.content for image in read_golden(client(account.credentials, "s3"), live.artifact).images]
    runtime = client(account.credentials, "sagemaker-runtime", config=ONCE)
    levels = []
    for level in measure_levels(runtime, live.endpoint, images, instances=live.instances, seconds=level_seconds):
        get_run_logger().info(f"{level.concurrency} callers: {level.throughput:.1f} requests per second, p99 {level.p99_ms:.0f} ms")
        levels.append(level)
    after = find_live(account, serving)
    if not levels or levels[0].errors:
        raise unfit(live, "it answered single callers with errors, or not at all", "look at its log, mend it, measure again")
    if after != live:
        raise unfit(live, f"{live.instances} instances became {after.instances}, or the model changed", "measure again once it is at rest")
    curve = LatencyCurve(
        endpoint=live.endpoint,
        model=live.model,
        image=live.image,
        instance_type=live.instance_type,
        instances=live.instances,
        measured_at=datetime.now(UTC),
        levels=tuple(levels),
    )
    get_run_logger().info(f"Recorded as {put_curve(account, curve)}")
    return curve


def unfit(live: LiveModel, cause: str, action: str) -> InvalidInput:
    return InvalidInput("measure latency", live.endpoint, cause, action)
