"""The task that trains on EC2: one instance, started for it, told over SSM what to run, and terminated whatever happens."""

from prefect import task

from tasks.aws.tasking import AWS_TASK
from tasks.settings import Ec2, Training
from tasks.values import Account, Dataset, TrainedModel


@task(name="train on EC2", **AWS_TASK)
def train_on_ec2(account: Account, dataset: Dataset, training: Training, ec2: Ec2, budget_usd: float | None = None) -> TrainedModel:
    """The model that these images, this code and these settings give on one EC2 instance: trained now, or before by any other run."""
    raise NotImplementedError("the signature is agreed first; the work follows")
