"""The cost of a training on EC2: the on-demand instance and its disk."""

from collections.abc import Iterator
from typing import Any

from pedigree.aws.clients import client
from pedigree.aws.naming import job_name
from pedigree.cost.history import LOOKED_AT, Expected, expected_from
from pedigree.cost.lines import ec2_usd_per_hour
from pedigree.cost.watch import BudgetWatch
from pedigree.prices.prices import read_prices
from pedigree.settings import Training
from pedigree.training.ec2.records import Records
from pedigree.training.ec2.stop import stop_training
from pedigree.training.watch import Job, Watch, just_look
from pedigree.values import Account


def expected_on_ec2(account: Account, training: Training) -> Expected:
    """Expect the epoch time of the newest similar training on EC2; without one, expect all of `max_runtime_seconds`."""
    return expected_from(newest_completed(account), training)


def newest_completed(account: Account) -> Iterator[dict[str, Any]]:
    s3 = client(account.credentials, "s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=account.bucket, Prefix=f"training/{job_name(account.project, 'ec2', '')}")
    ends = [entry for page in pages for entry in page.get("Contents", []) if entry["Key"].endswith("/ended.json")]
    for entry in sorted(ends, key=lambda entry: entry["LastModified"], reverse=True)[:LOOKED_AT]:
        job = Records(s3, account).read(entry["Key"].split("/")[1])
        if job["TrainingJobStatus"] == "Completed":
            yield job


def ec2_budget_watch(account: Account, training: Training, budget_usd: float | None) -> Watch:
    """The same as `budget_watch`, for EC2; `training` is the one made by `request.on_one_instance`."""
    if budget_usd is None:
        return just_look
    prices = read_prices(account, [training.instance_type])

    def stop(job: Job) -> None:
        stop_training(account, job["TrainingJobName"], job["InstanceId"])

    return BudgetWatch(stop, {training.instance_type: ec2_usd_per_hour(prices, training)}, training.epochs, budget_usd)
