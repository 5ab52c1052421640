"""Reads the result of a completed training job from S3."""

from typing import Any

from pedigree.aws.adoption import Attempt
from pedigree.aws.clients import S3Client
from pedigree.trained_model import TrainedModel
from pedigree.training.capacity import gaps
from pedigree.training.output import OUTPUT, read_evaluation, read_history, read_output, read_proof, readable

MODEL = "model.tar.gz"


def read_result(s3: S3Client, key: str, code_key: str, attempt: Attempt) -> TrainedModel:
    """The trained model with the history and evaluation that its job wrote to `output/data`."""
    job = attempt.description
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
    uri = product_uri(job, OUTPUT)
    output = read_output(s3, uri)
    with readable(uri):
        history, evaluation, proof = read_history(output), read_evaluation(output), read_proof(output)
    instances = job["ResourceConfig"]["InstanceCount"]
    return TrainedModel(
        key=key,
        job_name=attempt.name,
        attempt=attempt.number,
        artifact=artifact,
        code_key=code_key,
        dataset_key=job["Environment"]["PEDIGREE_DATASET"],
        billable_seconds=job.get("BillableTimeInSeconds", 0),
        history=history,
        evaluation=evaluation,
        outcome=attempt.outcome,
        kind="multi-instance" if instances > 1 else "single-instance",
        instances=instances,
        proof=proof,
        instance_type=job["ResourceConfig"]["InstanceType"],
        training_seconds=job.get("TrainingTimeInSeconds", 0),
        spot=job.get("EnableManagedSpotTraining", False),
        no_capacity=gaps(attempt.earlier),
    )


def product_uri(job: dict[str, Any], product: str) -> str:
    """Where SageMaker puts MODEL and OUTPUT of a job."""
    return f"{job['OutputDataConfig']['S3OutputPath']}/{job['TrainingJobName']}/output/{product}"
