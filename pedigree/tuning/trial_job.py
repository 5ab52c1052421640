"""A trial's training job as SageMaker is asked for it: that of a training, with another entrypoint and without the test split."""

from collections.abc import Mapping
from typing import Any

from pedigree.aws.naming import key_of
from pedigree.settings import Training, Tuning
from pedigree.training.training_job import PREPARATION, JobParts, training_job_request, training_key

ENTRYPOINT = f"{PREPARATION} && exec python -m model.trial"


def study_key(request: Mapping[str, Any], training: Training, tuning: Tuning) -> str:
    """Hash of what decides the proposals; `request` is that of a trial.

    How many trials there are and how they are run is not part of it: more of them go on with the study.
    """
    space = tuning.model_dump(mode="json", exclude={"trials", "parallel", "prune"})
    return key_of(training=training_key(request, training), space=space)


def trial_job_request(name: str, parts: JobParts) -> dict[str, Any]:
    """CreateTrainingJob of a trial, which has no channel of the test split and so cannot read it."""
    request = training_job_request(name, parts)
    algorithm = request["AlgorithmSpecification"] | {"ContainerEntrypoint": ["bash", "-c", ENTRYPOINT]}
    channels = [channel for channel in request["InputDataConfig"] if channel["ChannelName"] != "test"]
    return request | {"AlgorithmSpecification": algorithm, "InputDataConfig": channels}
