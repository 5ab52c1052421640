"""Training on EC2: one instance, started for it, told over SSM what to run, and terminated whatever happens."""

from dataclasses import replace
from functools import partial

from pedigree.aws.clients import client
from pedigree.aws.errors import InvalidInput
from pedigree.aws.naming import job_name
from pedigree.settings import Ec2, Training
from pedigree.trained_model import TrainedModel
from pedigree.training.code import key_of_files, package_files, upload_code
from pedigree.training.ec2.jobs import Ec2Jobs
from pedigree.training.ec2.launch import FAMILY, SPARE, instance_key, job_of, on_one_instance
from pedigree.training.ec2.machine import STEP
from pedigree.training.result import read_result
from pedigree.training.training_job import JobParts
from pedigree.training.watch import Watch, just_look
from pedigree.values import Account, Dataset


def train_on_ec2(account: Account, dataset: Dataset, training: Training, ec2: Ec2, watch: Watch = just_look) -> TrainedModel:
    """The model that these images, this code and these settings give on one EC2 instance: trained now, or before by any other run.

    Raises JobFailed with the script's own reason, JobStopped, OutOfAttempts after three attempts that AWS wasted, and what `watch` raises.
    Raises InvalidInput when the account lacks what an instance needs. The instance is terminated in every case.
    """
    require_profile(account)
    s3, files = client(account.credentials, "s3"), package_files("model")
    training, code_key = on_one_instance(training, ec2), key_of_files(files)
    parts = JobParts(account, dataset, upload_code(s3, account.bucket, files), training, image=FAMILY)
    request_of = partial(job_of, parts=parts)
    key = instance_key(request_of(""), training, account)
    seconds = training.max_runtime_seconds + SPARE.total_seconds()
    jobs = Ec2Jobs(account, key=key, max_seconds=seconds, watch=watch)
    attempt = jobs.follow(partial(job_name, account.project, "ec2", key), request_of, retry_failed=training.retry_failed)
    return replace(read_result(s3, key, code_key, attempt), kind="ec2")


def require_profile(account: Account) -> None:
    if not account.instance_profile:
        cause = "the bootstrap stack has no instance profile, it is of an earlier version"
        raise InvalidInput(STEP, account.project, cause, "make bootstrap, or run without ec2.enabled")
