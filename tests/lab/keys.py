"""Keys of trainings, trials and studies, from the requests that an account without anything in it would send."""

from pedigree.settings import Training, Tuning
from pedigree.training.training_job import JobParts, training_job_request, training_key
from pedigree.tuning.trial_job import study_key, trial_job_request
from pedigree.values import Account, Dataset

PETS = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n", "profile", "arn:score")


def parts(dataset: str, code: str, training: Training) -> JobParts:
    """What the requests of a job are made of, but for its name."""
    uri = f"s3://bucket/datasets/{dataset}/"
    images = Dataset(dataset, uri, ("a", "b"), {"train": 4, "valid": 2, "test": 2}, "created")
    return JobParts(PETS, images, f"s3://bucket/code/{code}/", training, "image")


def key_of_training(dataset: str, code: str, training: Training) -> str:
    return training_key(training_job_request("", parts(dataset, code, training)), training)


def key_of_trial(dataset: str, code: str, training: Training) -> str:
    return training_key(trial_job_request("", parts(dataset, code, training)), training)


def key_of_study(dataset: str, code: str, training: Training, tuning: Tuning) -> str:
    return study_key(trial_job_request("", parts(dataset, code, training)), training, tuning)
