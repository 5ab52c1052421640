"""Each example, run by its command line against a running local_aws."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from prefect.artifacts import Artifact

from deployments.shapes import write_shapes
from examples import deploy, scale, train
from pedigree.aws.errors import GateRefused, InvalidInput
from pedigree.settings import Autoscaling
from tests.lab.live_account import LiveAccount
from tests.lab.scoring_images import image, scorer
from tests.lab.small_models import CLASSES, SECOND, registered, registered_of

FOLDER = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem != "__init__")
SCRIPT = """
import json, os, pathlib
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
(base / "model/weight").write_text("trained")
(base / "output/data/history.json").write_text(json.dumps([{"epoch": 1, "train_loss": 0.5}]))
evaluation = {"classes": ["a", "b"], "confusion": [[3, 1], [0, 4]], "samples": []}
(base / "output/data/evaluation.json").write_text(json.dumps(evaluation))
"""


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_how_it_is_run_and_whether_it_needs_prefect(name: str) -> None:
    module = import_module(f"examples.{name}")
    assert module.__doc__ is not None
    assert f"python -m examples.{name} " in module.__doc__
    uses_tasks = "from tasks." in (FOLDER / f"{name}.py").read_text()
    assert uses_tasks == (name == "own_flow"), "examples/__init__.py says which ones need Prefect"


def run(name: str, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", [f"examples.{name}", *arguments])
    import_module(f"examples.{name}").main()


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that trains nothing is the code channel."""
    files = {"model/__init__.py": tmp_path / "__init__.py", "model/train.py": tmp_path / "train.py"}
    files["model/__init__.py"].touch()
    files["model/train.py"].write_text(SCRIPT)
    monkeypatch.setattr("pedigree.training.jobs.package_files", lambda _package: files)
    monkeypatch.setattr(train, "SMALL", train.SMALL.model_copy(update={"image": "local/pytorch-training:1"}))


@pytest.mark.usefixtures("quick")
def test_train_adopts_its_job_the_second_time(
    live: LiveAccount, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_shapes(tmp_path / "shapes", train=2, valid=1, test=1)
    run("train", monkeypatch, str(tmp_path / "shapes"), project)
    assert "(created): 87.5% on 8 test images" in capsys.readouterr().out
    run("train", monkeypatch, str(tmp_path / "shapes"), project)
    assert "(adopted): 87.5% on 8 test images" in capsys.readouterr().out
    assert live.writes().count("sagemaker:CreateTrainingJob") == 1


def test_deploy_goes_back_to_an_older_package_and_scale_leaves_it_there(
    live: LiveAccount, project: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    older, newer = registered(live), registered(live, SECOND)
    for version, outcome in ((older, "created"), (newer, "updated"), (older, "updated")):
        run("deploy", monkeypatch, version.arn, project)
        assert capsys.readouterr().out.endswith(f": {outcome}\n")
    run("scale", monkeypatch, "4", project)
    assert "created" in capsys.readouterr().out
    target = live.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert [each["MaxCapacity"] for each in target if f"/{project}/" in each["ResourceId"]] == [4]
    live.put("datasets/fewer/manifest.json", json.dumps({"classes": CLASSES[:1]}).encode())
    with pytest.raises(GateRefused, match="lacks 1 of the 2 classes"):
        deploy.deploy(project, registered_of(live, "fewer").arn)
    live.client("sagemaker").update_model_package(ModelPackageArn=newer.arn, ModelApprovalStatus="Rejected")
    with pytest.raises(InvalidInput, match="it is not approved"):
        deploy.deploy(project, newer.arn)


def test_without_a_live_model_there_is_nothing_to_scale(project: str) -> None:
    with pytest.raises(InvalidInput, match="no model is live"):
        scale.scale(project, Autoscaling())


def test_batch_answers_every_image_once(
    live: LiveAccount, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(image(number))
    (folder / "notes.txt").write_text("no image")
    run("batch", monkeypatch, str(folder), project, "--package", scorer(live))
    counted, uri = capsys.readouterr().out.splitlines()
    assert counted == "3 predictions, 1 images without one"
    assert len(live.get(uri.removeprefix(f"s3://{live.account.bucket}/")).splitlines()) == 3


@pytest.mark.usefixtures("prefect_server")
def test_a_flow_of_ones_own_shows_its_page(project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_shapes(tmp_path / "shapes", train=2, valid=1, test=1)
    run("own_flow", monkeypatch, str(tmp_path / "shapes"), project)
    page: Any = Artifact.get(f"{project}-instances")
    assert "ml.g4dn.xlarge" in str(page.data)
