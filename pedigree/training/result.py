"""Reads the result of a completed training job from S3."""

import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

from pedigree.aws.adoption import Attempt
from pedigree.aws.clients import S3Client
from pedigree.aws.objects import read_member, split_uri
from pedigree.trained_model import Evaluation, Proof, TrainedModel
from pedigree.training.capacity import gaps

MODEL, OUTPUT = "model.tar.gz", "output.tar.gz"


def read_result(s3: S3Client, key: str, code_key: str, attempt: Attempt) -> TrainedModel:
    """The trained model with the history and evaluation that its job wrote to `output/data`."""
    job = attempt.description
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
    output = read_output(s3, artifact)
    evaluation = json.loads(output["evaluation.json"])
    instances = job["ResourceConfig"]["InstanceCount"]
    return TrainedModel(
        key=key,
        job_name=attempt.name,
        attempt=attempt.number,
        artifact=artifact,
        code_key=code_key,
        dataset_key=job["Environment"]["PEDIGREE_DATASET"],
        billable_seconds=job.get("BillableTimeInSeconds", 0),
        history=json.loads(output["history.json"]),
        evaluation=Evaluation(
            tuple(evaluation["classes"]), evaluation["confusion"], evaluation["samples"], tuple(evaluation.get("pairs", ()))
        ),
        outcome=attempt.outcome,
        kind="multi-instance" if instances > 1 else "single-instance",
        instances=instances,
        proof=read_proof(output),
        instance_type=job["ResourceConfig"]["InstanceType"],
        training_seconds=job.get("TrainingTimeInSeconds", 0),
        spot=job.get("EnableManagedSpotTraining", False),
        no_capacity=gaps(attempt.earlier),
    )


def read_proof(output: Mapping[str, bytes]) -> Proof | None:
    """The proof that all processes trained one model; None for a training of one process."""
    if "distributed.json" not in output:
        return None
    found = json.loads(output["distributed.json"])
    return Proof(found["disjoint"], found["covered"], found["equal_hashes"])


def product_uri(job: dict[str, Any], product: str) -> str:
    """Where SageMaker puts MODEL and OUTPUT of a job."""
    return f"{job['OutputDataConfig']['S3OutputPath']}/{job['TrainingJobName']}/output/{product}"


def read_output(s3: S3Client, artifact: str) -> dict[str, bytes]:
    """{name: content} of the job's output.tar.gz, which SageMaker puts beside the model artifact."""
    bucket, key = split_uri(artifact)
    body = s3.get_object(Bucket=bucket, Key=key.removesuffix(MODEL) + OUTPUT)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return {member.name.removeprefix("./"): read_member(archive, member) for member in archive if member.isfile()}
