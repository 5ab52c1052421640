"""The measurement of the live model on a separate endpoint without autoscaling, at a person's request."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

from pedigree.artifact.contents import read_golden
from pedigree.aws.clients import client
from pedigree.aws.errors import InvalidInput
from pedigree.aws.naming import endpoint_name, within
from pedigree.endpoint.rollout import Rollout, instances_of
from pedigree.endpoint.stand_in import stand_in
from pedigree.planning.curve import LatencyCurve, Level
from pedigree.planning.levels import ONCE, measure_levels
from pedigree.planning.live import LiveModel, find_live
from pedigree.planning.records import put_curve
from pedigree.settings import Serving
from pedigree.settings.serving import MEASURED
from pedigree.values import Account

LOG = logging.getLogger(__name__)
LEVEL_SECONDS = 10.0


def measured_name(account: Account, serving: Serving) -> str:
    """The name of the separate endpoint for the measurement."""
    return within(endpoint_name(account.project, serving), MEASURED)


def measure_latency(account: Account, serving: Serving, *, level_seconds: float = LEVEL_SECONDS) -> LatencyCurve:
    """Deploy the live model on a separate endpoint, send golden images at rising concurrency, and record the latency curve.

    InvalidInput when no model is live, or when the model does not start there or does not answer single callers. Run one at a time.
    """
    live = find_live(account, serving)
    with stand_in(account, live.config, measured_name(account, serving)) as measured:
        if problems := measured.problems(live.config):
            raise unfit(live, "; ".join(problems))
        instances = instances_of(measured.present() or {})
        levels = tuple(levels_of(account, live, measured, instances, level_seconds))
    if not levels or levels[0].errors:
        raise unfit(live, "it answered single callers with errors, or gave no answer")
    curve = LatencyCurve(
        endpoint=live.endpoint,
        model=live.model,
        image=live.image,
        instance_type=live.instance_type,
        instances=instances,
        measured_at=datetime.now(UTC),
        levels=levels,
    )
    LOG.info(f"The latency curve is recorded as {put_curve(account, curve)}")
    return curve


def levels_of(account: Account, live: LiveModel, measured: Rollout, instances: int, seconds: float) -> Iterator[Level]:
    images = [image.content for image in read_golden(client(account.credentials, "s3"), live.artifact).images]
    runtime = client(account.credentials, "sagemaker-runtime", config=ONCE)
    for level in measure_levels(runtime, measured.name, images, instances=instances, seconds=seconds):
        LOG.info(f"{level.concurrency} callers: {level.throughput:.1f} requests per second, p99 {level.p99_ms:.0f} ms")
        yield level


def unfit(live: LiveModel, cause: str) -> InvalidInput:
    return InvalidInput("measure latency", live.endpoint, cause, "read its log, repair it, then measure again")
