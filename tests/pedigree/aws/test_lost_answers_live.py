"""Applied, then dropped: two missions in which the answer to the first call of every writing operation is lost."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from docs.make.operations_table import executed_operations
from local_aws.catalogue import KEPT
from pedigree import settings
from pedigree.autoscaling.variant import register_autoscaling
from pedigree.dataset.inspect import inspect_dataset
from pedigree.dataset.upload import upload_dataset
from pedigree.endpoint.deploy import confirm_endpoint, deploy_endpoint
from pedigree.function.publish import confirm_function, publish_function
from pedigree.function.smoke import smoke_test
from pedigree.registry.versions import register_model
from pedigree.settings import Autoscaling, Function, ProvisionedSchedule, Schedule, Training
from pedigree.training.jobs import train_model
from pedigree.watching.watch import watch_live
from tests.lab.live_account import READING, LiveAccount
from tests.lab.small_models import CLASSES, FIRST, NO_FILES, SCRIPT, SECOND, SERVING, archive, candidate

SERVICES = ("s3", "sagemaker", "lambda", "application-autoscaling", "cloudwatch", "logs")
TRAIN = """
import json, os, pathlib, tarfile
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
tarfile.open({artifact!r}).extractall(base / "model")
(base / "output/data/history.json").write_text(json.dumps([{{"epoch": 1, "train_loss": 0.5}}]))
evaluation = {{"classes": {classes}, "confusion": [[9, 1], [0, 10]], "samples": []}}
(base / "output/data/evaluation.json").write_text(json.dumps(evaluation))
"""
WARM: Any = {"reserved_concurrency": 4, "provisioned_concurrency": 1}
SCALED = Function(
    **WARM,
    max_provisioned_concurrency=2,
    provisioned_schedules=(ProvisionedSchedule(name="night", when="cron(0 22 * * ? *)", lowest=1, highest=2),),
    url="public",
)
BESIDE = Function(**WARM, timeout_seconds=20, canary_percent=50, canary_seconds=1)
REFUSED_TWICE = {  # AWS refuses the second call, because the first one was applied
    *(f"application-autoscaling:{name}" for name in ("RegisterScalableTarget", "DeregisterScalableTarget", "DeleteScheduledAction")),
    *(f"lambda:{name}" for name in ("CreateFunction", "CreateAlias", "CreateFunctionUrlConfig", "AddPermission", "RemovePermission")),
    *("lambda:DeleteFunctionUrlConfig", "lambda:DeleteProvisionedConcurrencyConfig", "application-autoscaling:DeleteScalingPolicy"),
    *(f"sagemaker:{name}" for name in ("CreateTrainingJob", "CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint")),
    *("cloudwatch:DeleteAlarms", "sagemaker:CreateModelPackageGroup", "sagemaker:DeleteEndpoint"),
}
BY_CPU = Autoscaling(policy="cpu steps", schedules=(Schedule(name="day", when="cron(0 8 * * ? *)", min_instances=1, max_instances=3),))


class Mission:
    """The stages of a mission, with a training whose model always answers the same logits."""

    def __init__(self, live: LiveAccount, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.live, self.folder, self.data = live, folder, folder / "data"
        names = [f"{split}/{label}/{number}.png" for split in ("train", "valid", "test") for label in CLASSES for number in (1, 2)]
        for number, name in enumerate(names):
            (self.data / name).parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 16), (number, 0, 0)).save(self.data / name)
        self.files = {"model/__init__.py": folder / "__init__.py", "model/train.py": folder / "train.py"}
        self.files["model/__init__.py"].touch()
        monkeypatch.setattr("pedigree.training.jobs.package_files", lambda _package: self.files)

    def run(self, logits: tuple[float, ...], autoscaling: Autoscaling, function: Function) -> None:
        account, artifact = self.live.account, self.folder / f"{logits[0]}.tar.gz"
        artifact.write_bytes(archive(SCRIPT.format(logits=list(logits)), logits, NO_FILES))
        self.files["model/train.py"].write_text(TRAIN.format(artifact=str(artifact), classes=json.dumps(CLASSES)))
        dataset = upload_dataset(account, inspect_dataset(account, str(self.data)))
        model = train_model(account, dataset, Training(image="local/pytorch-training:1"))
        version = register_model(account, candidate(self.live, model), SERVING)
        endpoint = deploy_endpoint(account, version, SERVING)
        register_autoscaling(account, endpoint, autoscaling)
        published = publish_function(account, endpoint, function, version)
        smoke_test(account, published, version)
        confirm_function(account, published)
        confirm_endpoint(account, endpoint)
        watch_live(account, endpoint, published, settings.Mission(serving=SERVING, autoscaling=autoscaling, function=function))


def writing_operations() -> set[tuple[str, str]]:
    kept = {(service, name) for service in SERVICES if service in KEPT for name in KEPT[service].operations}
    return {
        (service, name) for service, name in executed_operations().keys() | kept if service in SERVICES and not name.startswith(READING)
    }


def test_a_mission_survives_the_loss_of_every_first_answer(live: LiveAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mission = Mission(live, tmp_path, monkeypatch)
    for service, operation in writing_operations():
        live.aws.add_fault(service, operation, when="after", drop=True)
    mission.run(FIRST, BY_CPU, SCALED)
    mission.run(SECOND, Autoscaling(), BESIDE)
    live.aws.clear_faults()
    wrote = live.writes()
    struck = {entry.action for entry in live.calls() if entry.outcome == "dropped"}
    mission.run(SECOND, Autoscaling(), BESIDE)
    assert live.writes() == wrote
    assert struck >= {*wrote, *REFUSED_TWICE}
