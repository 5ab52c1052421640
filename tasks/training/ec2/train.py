"""The task that trains on EC2: one instance, started for it, told over SSM what to run, and terminated whatever happens."""

from dataclasses import replace
from functools import partial

from prefect import task

from tasks.aws.clients import client
from tasks.aws.errors import InvalidInput
from tasks.aws.naming import job_name
from tasks.aws.tasking import AWS_TASK
from tasks.cost.ec2 import ec2_budget_watch
from tasks.cost.watch import watch_all
from tasks.settings import Ec2, Training
from tasks.trained_model import TrainedModel
from tasks.training.code import key_of_files, package_files, upload_code
from tasks.training.ec2.job import Ec2Jobs
from tasks.training.ec2.machine import STEP
from tasks.training.ec2.request import SPARE, job_of, on_one_instance
from tasks.training.ec2.stop import stop_training
from tasks.training.live import LiveEpochs
from tasks.training.request import training_key
from tasks.training.result import read_result
from tasks.values import Account, Dataset


@task(name="train on EC2", **AWS_TASK)
def train_on_ec2(account: Account, dataset: Dataset, training: Training, ec2: Ec2, budget_usd: float | None = None) -> TrainedModel:
    """The model that these images, this code and these settings give on one EC2 instance: trained now, or before by any other run.

    Raises JobFailed with the script's own reason, JobStopped, OutOfAttempts after three that AWS itself wasted, BudgetExceeded, and
    InvalidInput where the account lacks what an instance needs. Whichever it is, the instance is terminated then.
    """
    require_profile(account)
    s3, files = client(account.credentials, "s3"), package_files("model")
    training, code_key = on_one_instance(training, ec2), key_of_files(files)
    key = training_key(dataset.key, code_key, training)
    code = upload_code(s3, account.bucket, files)
    epochs = LiveEpochs(training.epochs, dataset.counts["valid"])
    budget = ec2_budget_watch(account, training, budget_usd, lambda job: stop_training(account, job["TrainingJobName"], job["InstanceId"]))
    seconds = training.max_runtime_seconds + SPARE.total_seconds()
    jobs = Ec2Jobs(account, key=key, max_seconds=seconds, watch=watch_all(epochs, budget))
    attempt = jobs.follow(
        partial(job_name, account.project, "ec2", key),
        partial(job_of, account=account, dataset=dataset, code=code, training=training),
        retry_failed=training.retry_failed,
    )
    model = replace(read_result(s3, key, code_key, attempt), kind="ec2")
    epochs.seen(model.job_name, model.history)
    return model


def require_profile(account: Account) -> None:
    if not account.instance_profile:
        cause = "the bootstrap stack has no instance profile, it is of an earlier version"
        raise InvalidInput(STEP, account.project, cause, "make bootstrap, or run without ec2.enabled")
