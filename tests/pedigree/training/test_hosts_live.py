"""The code of the model on two hosts of one training job that really runs."""

import io
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import psutil
import pytest

from pedigree.aws.errors import JobFailed
from pedigree.settings import Training
from pedigree.trained_model import Proof, TrainedModel
from pedigree.training.jobs import train_model
from pedigree.values import Dataset
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.model.containers import COLOURS, add, coloured

COUNTS = {"train": 24, "valid": 8, "test": 8}  # pictures of each colour

Train = Callable[..., TrainedModel]


@pytest.fixture
def train(live: LiveAccount) -> Train:
    """Trains the small network on two instances, with these settings."""
    for seed, (split, count) in enumerate(COUNTS.items()):
        live.put(f"datasets/d1/{split}/00000.tar", shard(count, seed=1000 * seed))
    uri = f"s3://{live.account.bucket}/datasets/d1/"
    dataset = Dataset("d1", uri, tuple(sorted(COLOURS)), {split: 3 * count for split, count in COUNTS.items()}, "created")
    small: dict[str, Any] = {"architecture": "small_cnn", "pretrained": False, "freeze_backbone": False, "image_size": 16}
    training = Training(image="local/pytorch-training:1", instance_count=2, batch_size=16, learning_rate=0.02, epochs=3, **small)
    return lambda **settings: train_model(live.account, dataset, training.model_copy(update=settings))


def shard(count: int, *, seed: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in coloured(count, seed=seed):
            add(archive, name, content)
    return buffer.getvalue()


def test_two_instances_train_one_model_and_prove_it(live: LiveAccount, train: Train) -> None:
    model = train()
    assert (model.kind, model.instances, model.proof) == ("multi-instance", 2, Proof(disjoint=True, covered=True, equal_hashes=True))
    assert model.evaluation.accuracy > 0.9
    (job,) = jobs(live)
    assert job["ResourceConfig"]["InstanceCount"] == 2
    measured = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    told = {name: measured[f"distributed:{name}"] for name in ("ranks", "disjoint", "covered", "equal_hashes")}
    assert told == {"ranks": 2, "disjoint": 1, "covered": 1, "equal_hashes": 1}
    again = train()
    assert (again.outcome, again.artifact, again.proof) == ("adopted", model.artifact, model.proof)
    assert len(jobs(live)) == 1


def test_a_host_that_is_killed_fails_the_job_within_seconds_and_once(live: LiveAccount, train: Train) -> None:
    with ThreadPoolExecutor(1) as pool:
        training = pool.submit(partial(train, epochs=1000))
        wait_until(lambda: has_begun(live), "its first epoch never ended")
        (victim,) = processes_of_host("algo-2", live)
        victim.kill()
        with pytest.raises(JobFailed, match=r"its process was killed|lost the connection to another rank"):
            training.result(timeout=60)  # where a rank that falls silent is waited for, that takes five minutes
    (job,) = jobs(live)
    assert job["TrainingJobStatus"] == "Failed"
    assert (processes_of_host("algo-1", live), processes_of_host("algo-2", live)) == ([], [])


def jobs(live: LiveAccount) -> list[dict[str, Any]]:
    sagemaker = live.client("sagemaker")
    found = sagemaker.list_training_jobs(NameContains=live.account.project)["TrainingJobSummaries"]
    return [sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"]) for job in found]


def has_begun(live: LiveAccount) -> bool:
    return any(metric["MetricName"] == "train:loss" for job in jobs(live) for metric in job.get("FinalMetricDataList", []))


def processes_of_host(host: str, live: LiveAccount) -> list[psutil.Process]:
    """Those that train on this host of the account's jobs; their guards, whose folders say whose they are, are not among them."""
    server = psutil.Process(live.aws.process.pid)
    found = [process for process in server.children(recursive=True) if process.cmdline()[-2:] == ["-m", "model.train"]]
    folders = [(process, guard.cwd()) for process in found if (guard := process.parent())]
    return [process for process, folder in folders if f"/{live.account.project}--train-" in folder and folder.endswith(f"/{host}")]
