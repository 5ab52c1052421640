"""The cost of a score, before anything is created."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pedigree.aws.clients import SageMakerClient, client
from pedigree.aws.errors import BudgetExceeded
from pedigree.aws.naming import job_name
from pedigree.aws.objects import head
from pedigree.aws.quotas import require_quotas
from pedigree.aws.resources.kind import may_be_ours
from pedigree.prices.prices import read_prices
from pedigree.scoring.transform_job import COUNT, Chunk, folder_of
from pedigree.settings import Scoring
from pedigree.text import dollars, duration
from pedigree.values import Account

LOG = logging.getLogger(__name__)
ASSUMED_SECONDS, ASSUMED_START = 0.3, 300.0  # for an image, and for the start of a job: used until a job has run
LOOKED_AT = 10  # newest jobs


@dataclass(frozen=True)
class ScoringPlan:
    """The cost plan of a score; `jobs` is the number of jobs to run, and `usd` is None when the price is not known."""

    jobs: int
    seconds: float
    basis: str
    usd_per_hour: float | None
    budget_usd: float | None

    @property
    def usd(self) -> float | None:
        return None if self.usd_per_hour is None else self.usd_per_hour * self.seconds / 3600

    @property
    def resource(self) -> str:
        price = "a price that is not known" if self.usd is None else dollars(self.usd)
        return f"{price} for {duration(self.seconds)} of instances in transform jobs, {self.jobs} in all ({self.basis})"


def plan_scoring(account: Account, chunks: Sequence[Chunk], scoring: Scoring, budget_usd: float | None) -> ScoringPlan:
    """Plan the cost of the remaining jobs; raises QuotaTooLow, BudgetExceeded, and InvalidInput for a budget without a price."""
    s3, sagemaker = client(account.credentials, "s3"), client(account.credentials, "sagemaker")
    left = [chunk for chunk in chunks if head(s3, account.bucket, folder_of(chunk.name(account.project)) + "done.json") is None]
    prices = read_prices(account, [scoring.instance_type])
    if budget_usd is not None:
        prices.require("transform", scoring.instance_type)
    seconds, basis = expected(sagemaker, account, left, scoring.instance_type)
    plan = ScoringPlan(len(left), seconds, basis, prices.instance("transform", scoring.instance_type), budget_usd)
    LOG.info(f"{len(left)} of {len(chunks)} transform jobs remain; their cost is {plan.resource}")
    require_quotas(account, Counter({f"{scoring.instance_type} for transform job usage": min(len(left), scoring.parallel)}))
    if budget_usd is not None and (plan.usd or 0) > budget_usd:
        cause = f"it may cost {plan.resource}, and the budget is {dollars(budget_usd)}"
        raise BudgetExceeded("plan scoring", account.project, cause, "raise budget_usd, or score fewer images; nothing was created")
    return plan


def expected(sagemaker: SageMakerClient, account: Account, left: Sequence[Chunk], instance_type: str) -> tuple[float, str]:
    """The (seconds of all these jobs together, basis), from the largest of the newest jobs on this instance type."""
    images = sum(len(chunk.images) for chunk in left)
    measured = max(measurements(sagemaker, account, instance_type), default=None)
    if measured is None:
        return ASSUMED_START * len(left) + ASSUMED_SECONDS * images, f"assumed: {ASSUMED_SECONDS} s an image, {ASSUMED_START:.0f} s a job"
    count, seconds, name = measured
    return images * seconds / count, f"as {count:,} images took {duration(seconds)} in {name}"


def measurements(sagemaker: SageMakerClient, account: Account, instance_type: str) -> list[tuple[int, float, str]]:
    """The (images, seconds, job) of the newest completed jobs on this instance type."""
    newest = sagemaker.list_transform_jobs(
        NameContains=job_name(account.project, "score", ""),
        StatusEquals="Completed",
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=LOOKED_AT,
    )["TransformJobSummaries"]
    names = [job["TransformJobName"] for job in newest if may_be_ours(account, job["TransformJobName"])]
    jobs = [sagemaker.describe_transform_job(TransformJobName=name) for name in names]
    return [
        (int(job["Environment"][COUNT]), seconds_of(job), job["TransformJobName"])
        for job in jobs
        if job["TransformResources"]["InstanceType"] == instance_type and COUNT in job.get("Environment", {})
    ]


def seconds_of(job: Mapping[str, Any]) -> float:
    """The seconds that AWS bills for an ended job."""
    if "TransformStartTime" not in job:
        return 0.0
    return float((job["TransformEndTime"] - job["TransformStartTime"]).total_seconds())
