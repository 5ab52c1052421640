"""A training on EC2 is stopped: its instance goes, and its record says that it did not end by itself."""

from datetime import UTC, datetime

from botocore.exceptions import ClientError

from pedigree.aws.clients import client
from pedigree.aws.errors import is_missing
from pedigree.aws.naming import FLOW_RUN_TAG, PROJECT_TAG
from pedigree.aws.resources.ec2 import LIVING, instances_with, tags_of, terminate
from pedigree.training.ec2.records import STARTED, Records
from pedigree.training.ec2.state import billed_seconds, stopped
from pedigree.values import Account


def stop_trainings_of(account: Account, flow_run_id: str) -> list[str]:
    """Names of the trainings on EC2 that this run started and that went on until now."""
    wanted = {f"tag:{PROJECT_TAG}": [account.project], f"tag:{FLOW_RUN_TAG}": [flow_run_id], "instance-state-name": LIVING}
    found = {tags_of(each)["Name"]: each["InstanceId"] for each in instances_with(client(account.credentials, "ec2"), wanted)}
    for name, instance_id in found.items():
        stop_training(account, name, instance_id)
    return list(found)


def stop_training(account: Account, name: str, instance_id: str) -> None:
    """Returns when the instance has been asked to go; one whose training was not recorded yet goes too."""
    terminate(client(account.credentials, "ec2"), instance_id)
    records = Records(client(account.credentials, "s3"), account)
    try:
        job = records.read(name)
    except ClientError as error:
        if not is_missing(error):
            raise
        return
    if "TrainingJobStatus" not in job:
        records.end(name, {**stopped("Stopped"), "BillableTimeInSeconds": billed_seconds(job[STARTED], datetime.now(UTC))})
