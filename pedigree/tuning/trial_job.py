"""The request for a trial's training job: like the request of a training, with another entrypoint and without the test split."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pedigree.aws.naming import key_of
from pedigree.settings import Training, Tuning
from pedigree.training.training_job import PREPARATION, JobParts, training_job_request, training_key

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import AlgorithmSpecificationTypeDef, CreateTrainingJobRequestTypeDef

ENTRYPOINT = f"{PREPARATION} && exec python -m model.trial"


def study_key(request: Mapping[str, Any], training: Training, tuning: Tuning) -> str:
    """The hash of everything that decides the proposals; `request` is the request of a trial.

    The number of trials and the way to run them are not part of it, so that more trials continue the study.
    """
    space = tuning.model_dump(mode="json", exclude={"trials", "parallel", "prune"})
    return key_of(training=training_key(request, training), space=space)


def trial_job_request(name: str, parts: JobParts) -> "CreateTrainingJobRequestTypeDef":
    """The CreateTrainingJob request of a trial; without its channel the job cannot read the test split."""
    request = training_job_request(name, parts)
    algorithm: AlgorithmSpecificationTypeDef = {**request["AlgorithmSpecification"], "ContainerEntrypoint": ["bash", "-c", ENTRYPOINT]}
    channels = [channel for channel in request["InputDataConfig"] if channel["ChannelName"] != "test"]
    return {**request, "AlgorithmSpecification": algorithm, "InputDataConfig": channels}
