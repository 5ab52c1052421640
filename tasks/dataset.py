"""The dataset of a run, in S3."""

from pedigree.dataset import upload
from pedigree.values import Account, Dataset
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("dataset", of="{uri}", **AWS_TASK)
def upload_dataset(account: Account, uri: str) -> Dataset:
    """Upload the dataset at `uri` (folder, .zip, .tar.gz, https:// or s3://) under its key into the account's bucket."""
    return upload.upload_dataset(account, uri)
