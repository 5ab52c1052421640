"""Candidate and champion in a real evaluation job."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pedigree.aws.errors import GateRefused, JobFailed
from pedigree.endpoint.deploy import confirm_endpoint, deploy_endpoint
from pedigree.evaluation.gate import pass_gate
from pedigree.registry.versions import register_model
from pedigree.settings import Gate, Mission, Training
from pedigree.trained_model import TrainedModel
from pedigree.values import Comparison, Dataset
from tasks.evaluation import compare_with_champion
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import CLASSES, FIRST, SECOND, SERVING, candidate, picture, trained

COUNTS = (3, 5)  # test images of each class
TRAINING = Training(image="local/pytorch-training:1")
NOT_WORSE = Gate(against_champion="not worse")
STAND_IN = """
import json, os, pathlib
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
assert (base / "input/data/candidate/model.tar.gz").is_file() and (base / "input/data/champion/model.tar.gz").is_file()
{body}
images = [{{"file": "1", "label": "a", "candidate": "a", "champion": "b"}}]
(base / "output/data/comparison.json").write_text(json.dumps({{"images": images}}))
"""

Compare = Callable[..., Comparison]


@pytest.fixture
def compare(live: LiveAccount) -> Compare:
    """Holds a model to what is live."""
    live.put("datasets/d1/test/00000.tar", shard())
    dataset = Dataset("d1", f"s3://{live.account.bucket}/datasets/d1/", CLASSES, {"train": 0, "valid": 0, "test": sum(COUNTS)}, "created")

    def compare(model: TrainedModel, training: Training = TRAINING, gate: Gate = NOT_WORSE) -> Comparison:
        return compare_with_champion.fn(live.account, model, dataset, Mission(training=training, gate=gate, serving=SERVING))

    return compare


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a script of a few lines with this body the code channel."""

    def write(body: str) -> None:
        files = {"model/__init__.py": tmp_path / "__init__.py", "model/compare.py": tmp_path / "compare.py"}
        files["model/__init__.py"].touch()
        files["model/compare.py"].write_text(STAND_IN.format(body=body))
        monkeypatch.setattr("pedigree.evaluation.compare.package_files", lambda _package: files)

    write("")
    return write


def shard() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, count in zip(CLASSES, COUNTS, strict=True):
            for number in range(count):
                member, content = tarfile.TarInfo(f"{name}/{number}.jpg"), picture("red")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def real_model(live: LiveAccount, logits: tuple[float, float]) -> TrainedModel:
    """One whose weights are such that it gives any picture these logits."""
    import torch  # seconds, for the one test that needs it
    from safetensors.torch import save

    from model.network import build_network, head_name

    network = build_network("small_cnn", len(CLASSES))
    weights = {name: torch.zeros_like(tensor).contiguous() for name, tensor in network.state_dict().items()}
    weights[f"{head_name(network)}.bias"] = torch.tensor(logits)
    look = {"image_size": 16, "mean": [0.5] * 3, "std": [0.5] * 3}
    card = {"architecture": "small_cnn", "classes": CLASSES, **look, "metrics": {}, "baseline": 0.5, "golden_tolerance": 1e-3}
    described = json.dumps({**card, "dataset_digest": "", "code_digest": ""}).encode()
    return trained(live, logits, files={"model.safetensors": save(weights), "model.json": described})


def put_live(live: LiveAccount, model: TrainedModel) -> TrainedModel:
    endpoint = deploy_endpoint(live.account, register_model(live.account, candidate(model), SERVING), SERVING)
    confirm_endpoint(live.account, endpoint)
    return model


def created(live: LiveAccount) -> int:
    return live.writes().count("sagemaker:CreateTrainingJob")


def test_the_better_model_wins_and_the_worse_one_does_not(live: LiveAccount, compare: Compare) -> None:
    worse, better = put_live(live, real_model(live, FIRST)), real_model(live, SECOND)
    first = compare(better)
    assert first.champion is not None
    assert (first.champion.training_job, first.outcome, created(live)) == (worse.job_name, "created", 1)
    assert (first.images, first.candidate_correct, first.champion_correct, first.gained, first.lost) == (8, 5, 3, 5, 3)
    pass_gate(better, first, Gate(against_champion="better"))
    again = compare(better, TRAINING.model_copy(update={"instance_type": "ml.m5.large"}))
    assert (again.job_name, again.outcome, again.gained, created(live)) == (first.job_name, "adopted", 5, 1)
    put_live(live, better)
    back = compare(worse)
    assert (back.gained, back.lost, created(live)) == (3, 5, 2)
    with pytest.raises(GateRefused, match=r"right on 3 of 8 test images.*is right on 5 \(3 gained, 5 lost\): difference -25\.0%"):
        pass_gate(worse, back, NOT_WORSE)


def test_without_a_champion_nothing_is_compared(live: LiveAccount, compare: Compare) -> None:
    assert compare(trained(live)) == Comparison(None, "skipped")
    assert live.writes() == []


def test_a_champion_that_is_ignored_is_not_even_looked_for(live: LiveAccount, compare: Compare) -> None:
    model = trained(live)
    before = live.calls()
    assert compare(model, gate=Gate(against_champion="ignored")) == Comparison(None, "skipped")
    assert live.calls() == before


def test_the_champion_itself_is_live_already(live: LiveAccount, compare: Compare) -> None:
    comparison = compare(put_live(live, trained(live)))
    assert (comparison.already_live, comparison.outcome, created(live)) == (True, "skipped", 0)


def test_a_failed_comparison_is_tried_again_only_when_a_person_asks(
    live: LiveAccount, compare: Compare, stand_in: Callable[[str], None]
) -> None:
    put_live(live, trained(live))
    challenger = trained(live)
    stand_in("raise RuntimeError('cannot tell them apart')")
    for _ in range(2):
        with pytest.raises(JobFailed, match="AlgorithmError"):
            compare(challenger)
    assert created(live) == 1
    with pytest.raises(JobFailed, match="cannot tell them apart"):
        compare(challenger, TRAINING.model_copy(update={"retry_failed": True}))
    assert created(live) == 2


def test_a_lost_output_is_made_again(live: LiveAccount, compare: Compare, stand_in: Callable[[str], None]) -> None:
    put_live(live, trained(live))
    challenger = trained(live)
    first = compare(challenger)
    assert (first.images, first.gained, first.lost) == (1, 1, 0)
    (output,) = live.keys(f"training/{first.job_name}/output/output.tar.gz")
    live.client("s3").delete_object(Bucket=live.account.bucket, Key=output)
    second = compare(challenger)
    assert (second.outcome, second.job_name, second.gained) == ("created", f"{first.job_name}-2", 1)
