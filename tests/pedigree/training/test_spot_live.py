"""The real training on spot instances that are taken away in the middle of it."""

import io
import tarfile
from typing import Any

import pytest

from pedigree.settings import Training
from pedigree.trained_model import TrainedModel
from pedigree.training.jobs import train_model
from pedigree.values import Dataset
from tests.lab.live_account import LiveAccount
from tests.model.containers import COLOURS, coloured, write_shard

EPOCHS = 5
TRAINING = Training(
    image="local/pytorch-training:1",
    architecture="small_cnn",
    pretrained=False,
    freeze_backbone=False,
    image_size=96,
    epochs=EPOCHS,
    batch_size=8,
    learning_rate=0.003,
    instance_type="ml.m5.large",
    spot=True,
)


@pytest.fixture
def dataset(live: LiveAccount, tmp_path: Any) -> Dataset:
    for number, (split, count) in enumerate({"train": 40, "valid": 8, "test": 8}.items()):
        write_shard(tmp_path / split, coloured(count, seed=100 * number))
        live.put(f"datasets/d1/{split}/00000.tar", (tmp_path / split).read_bytes())
    counts = {"train": 120, "valid": 24, "test": 24}
    return Dataset("d1", f"s3://{live.account.bucket}/datasets/d1/", tuple(COLOURS), counts, "created")


def lines(live: LiveAccount, job: str) -> list[str]:
    """What all launches of the job have printed."""
    logs, group = live.client("logs"), "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/")["logStreams"]
    found = [logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True) for stream in streams]
    return [event["message"] for events in found for event in events["events"]]


def weights(live: LiveAccount, model: TrainedModel) -> bytes:
    key = model.artifact.removeprefix(f"s3://{live.account.bucket}/")
    body = live.client("s3").get_object(Bucket=live.account.bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        file = archive.extractfile("model.safetensors")
        assert file is not None
        return file.read()


def test_interrupted_in_the_second_of_five_epochs_it_trains_the_rest_and_ends_with_the_same_model(
    live: LiveAccount, dataset: Dataset
) -> None:
    live.aws.control("POST", "interruptions", {"job": live.account.project, "line": "^epoch=1 ", "seconds": 0.5})
    interrupted = train_model(live.account, dataset, TRAINING)
    said = lines(live, interrupted.job_name)
    assert sorted(line.split()[0] for line in said if line.startswith("epoch=")) == [f"epoch={epoch}" for epoch in range(1, EPOCHS + 1)]
    assert [line[: line.index(" epochs")] for line in said if "checkpoint" in line] == ["resumed from a checkpoint: 1"]
    job = live.client("sagemaker").describe_training_job(TrainingJobName=interrupted.job_name)
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]].count("Interrupted") == 1
    assert (interrupted.spot, interrupted.billable_seconds < interrupted.training_seconds) == (True, True)

    whole = train_model(live.account, dataset, TRAINING.model_copy(update={"fresh": "again", "spot": False}))
    assert (whole.outcome, whole.spot) == ("created", False)
    assert whole.history == interrupted.history
    assert weights(live, whole) == weights(live, interrupted)
    assert whole.evaluation.confusion == interrupted.evaluation.confusion
