"""Latency curves and traffic for the tests of the planner."""

from datetime import UTC, datetime

from pedigree.planning.curve import LatencyCurve, Level
from pedigree.planning.simulation import Hosting


def curve(*, rps: float = 10.0, latency_ms: float = 100.0, callers: int = 16, instance_type: str = "ml.m5.large") -> LatencyCurve:
    """Of one instance that answers one request after the other, `rps` at most, and held so many callers at once."""
    return LatencyCurve(
        endpoint="dogs",
        model="arn:aws:sagemaker:us-east-1:123456789012:model-package/dogs/1",
        image="local/pytorch-inference:1",
        instance_type=instance_type,
        instances=1,
        measured_at=datetime(2026, 11, 21, tzinfo=UTC),
        levels=(
            Level(concurrency=1, throughput=rps * 0.99, p50_ms=latency_ms, p99_ms=latency_ms * 1.1),
            Level(concurrency=callers, throughput=rps, p50_ms=latency_ms * callers, p99_ms=latency_ms * callers * 1.2),
        ),
    )


def hosting(startup: float = 120.0, **made_of: float) -> Hosting:
    return Hosting(curve(**made_of).service, startup)  # type: ignore[arg-type]
