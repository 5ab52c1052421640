"""The dataset of a run: looked through on this machine, then uploaded to S3."""

from pedigree.dataset import inspect, upload
from pedigree.dataset.inspect import Inspected
from pedigree.values import Account, Dataset
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("inspect", of="{uri}", **AWS_TASK)
def inspect_dataset(account: Account, uri: str, weights: str = "") -> Inspected:
    """Bring the dataset at `uri` (folder, .zip, .tar.gz, https:// or s3://) to this machine and look through it; upload nothing.

    The file of weights to start from too, where one is named.
    """
    return inspect.inspect_dataset(account, uri, weights)


@stage("dataset", of="{inspected.uri}", **AWS_TASK)
def upload_dataset(account: Account, inspected: Inspected) -> Dataset:
    """Upload the dataset under its key into the account's bucket, and the weights to start from."""
    return upload.upload_dataset(account, inspected)
