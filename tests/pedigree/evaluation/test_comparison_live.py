"""Candidate and champion in a real evaluation job."""

import io
import json
import re
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pedigree.aws.errors import GateRefused, InvalidInput, JobFailed
from pedigree.endpoint.deploy import confirm_endpoint, deploy_endpoint
from pedigree.evaluation.compare import evaluate
from pedigree.evaluation.gate import against_champion, pass_gate
from pedigree.registry.versions import register_model
from pedigree.settings import Gate, Mission, Training
from pedigree.trained_model import Candidate, Comparison, TrainedModel
from pedigree.values import Dataset
from tasks.evaluation import compare_again, compare_with_champion
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import CLASSES, FIRST, SECOND, SERVING, candidate, picture, trained

COUNTS = (6, 10)  # test images of each class
TRAINING = Training(image="local/pytorch-training:1")
NOT_WORSE = Gate(against_champion="not worse")
STAND_IN = """
import json, os, pathlib
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
models = sorted(each.name for each in (base / "input/data").iterdir() if (each / "model.tar.gz").is_file())
classes = ["001.Rings", "002.Stripes"]
confusion, right, wrong = [[6, 0], [0, 10]], "candidate", "champion"
{body}
images = [{{"file": str(each), "label": classes[each > 5], right: classes[each > 5], wrong: classes[0]}} for each in range(16)]
comparison = {{"sha256": dict.fromkeys(models, "0" * 64), "classes": dict.fromkeys(models, classes), "images": images}}
evaluation = {{"classes": classes, "confusion": confusion, "samples": [], "pairs": []}}
for name, content in (("comparison", comparison), ("evaluation", evaluation)):
    (base / f"output/data/{{name}}.json").write_text(json.dumps(content))
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


def put_live(live: LiveAccount, model: TrainedModel, comparison: Comparison | None = None) -> TrainedModel:
    known = candidate(live, model)
    version = register_model(live.account, replace(known, comparison=comparison or known.comparison), SERVING)
    endpoint = deploy_endpoint(live.account, version, SERVING)
    confirm_endpoint(live.account, endpoint)
    return model


def created(live: LiveAccount) -> int:
    return live.writes().count("sagemaker:CreateTrainingJob")


def test_the_better_model_wins_and_the_worse_one_does_not(live: LiveAccount, compare: Compare) -> None:
    worse, better = put_live(live, real_model(live, FIRST)), real_model(live, SECOND)
    first = compare(better)
    assert first.champion is not None
    assert (first.champion.training_job, first.outcome, created(live)) == (worse.job_name, "created", 1)
    assert (first.images, first.candidate_correct, first.champion_correct, first.gained, first.lost) == (16, 10, 6, 10, 6)
    assert against_champion(first, Gate(against_champion="better")) is None
    again = compare(better, TRAINING.model_copy(update={"instance_type": "ml.m5.large"}))
    assert (again.job_name, again.outcome, again.gained, created(live)) == (first.job_name, "adopted", 10, 1)
    put_live(live, better)
    back = compare(worse)
    assert (back.gained, back.lost, created(live)) == (6, 10, 2)
    refused = against_champion(back, NOT_WORSE)
    assert refused is not None
    assert re.search(r"right on 6 of 16 test images.*is right on 10 \(6 gained, 10 lost\): difference -25\.0%", refused[0])


def test_without_a_champion_the_candidate_is_evaluated_alone(live: LiveAccount, compare: Compare, stand_in: Callable[[str], None]) -> None:
    model = trained(live)
    first = compare(model)
    assert (first.champion, first.outcome, first.images, first.evaluation.confusion) == (None, "created", 0, [[6, 0], [0, 10]])
    assert (compare(model).outcome, created(live)) == ("adopted", 1)


def test_what_the_training_says_of_itself_does_not_count(live: LiveAccount, compare: Compare, stand_in: Callable[[str], None]) -> None:
    stand_in("confusion = [[0, 6], [10, 0]]")
    liar = trained(live)
    assert liar.evaluation.accuracy > 0.9
    with pytest.raises(GateRefused, match=r"accuracy 0\.0%"):
        pass_gate(liar, compare(liar), Gate())


def test_a_champion_that_is_ignored_is_not_even_looked_for(live: LiveAccount, compare: Compare, stand_in: Callable[[str], None]) -> None:
    put_live(live, trained(live))
    before = len(live.calls())
    assert compare(trained(live), gate=Gate(against_champion="ignored")).champion is None
    assert "sagemaker:DescribeEndpoint" not in [entry.action for entry in live.calls()[before:]]


def test_the_champion_itself_is_live_already(live: LiveAccount, compare: Compare, stand_in: Callable[[str], None]) -> None:
    model = put_live(live, trained(live))
    comparison = compare(model)
    assert (comparison.already_live, comparison.outcome, comparison.images, created(live)) == (True, "created", 0, 1)
    assert (compare(model).outcome, created(live)) == ("adopted", 1)


def test_what_went_live_over_another_model_is_not_evaluated_again(
    live: LiveAccount, compare: Compare, stand_in: Callable[[str], None]
) -> None:
    put_live(live, trained(live))
    model = trained(live)
    found = compare(model)
    known = replace(found, artifact_sha256=candidate(live, model).comparison.artifact_sha256)  # the stand-in does not look
    put_live(live, model, known)
    again = compare(model)
    assert (again.already_live, again.job_name, again.outcome, created(live)) == (True, found.job_name, "adopted", 1)


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("classes = classes[::-1]", "the candidate has the classes 002.Stripes, 001.Rings, and the dataset has 001.Rings, 002.Stripes"),
        ("confusion = [[6, 0], [0, 9]]", "it is about 15 test images, and the dataset has 16"),
        ("confusion = [[3, 0, 0], [0, 5]]", "is not 2 x 2"),
        ("confusion = [[0, 0], [0, 0]]", "counts no image"),
        ("confusion = 'good'", "evaluation.json cannot be read at confusion"),
        ("models = []", "comparison.json is about \\[\\], and \\['candidate'\\] were asked about"),
        ("(base / 'output/data/more.txt').touch()", "'more.txt', which does not belong there"),
    ],
)
def test_findings_that_are_not_as_they_must_be_are_named(
    live: LiveAccount, compare: Compare, stand_in: Callable[[str], None], body: str, cause: str
) -> None:
    stand_in(body)
    with pytest.raises(JobFailed, match=cause):
        compare(trained(live))


def test_an_account_without_the_role_is_told_so(live: LiveAccount, compare: Compare) -> None:
    old = replace(live, account=replace(live.account, evaluation_role=""))
    with pytest.raises(InvalidInput, match="has no evaluation role"):
        evaluate(old.account, trained(live), None, Dataset("d1", "s3://b/", CLASSES, {}, "created"), TRAINING)


def test_a_failed_comparison_is_tried_again_only_when_a_person_asks(
    live: LiveAccount, compare: Compare, stand_in: Callable[[str], None]
) -> None:
    put_live(live, trained(live))
    challenger = trained(live)
    stand_in("raise RuntimeError('cannot tell them apart')")
    for _ in range(2):
        with pytest.raises(JobFailed, match="RuntimeError: cannot tell them apart"):
            compare(challenger)
    assert created(live) == 1
    with pytest.raises(JobFailed, match="cannot tell them apart"):
        compare(challenger, TRAINING.model_copy(update={"retry_failed": True}))
    assert created(live) == 2


def test_a_lost_output_is_made_again(live: LiveAccount, compare: Compare, stand_in: Callable[[str], None]) -> None:
    put_live(live, trained(live))
    challenger = trained(live)
    first = compare(challenger)
    assert (first.images, first.gained, first.lost) == (16, 10, 0)
    (output,) = live.keys(f"evaluations/{first.job_name}/output/output.tar.gz")
    live.client("s3").delete_object(Bucket=live.account.bucket, Key=output)
    second = compare(challenger)
    assert (second.outcome, second.job_name, second.gained) == ("created", f"{first.job_name}-2", 10)


Again = Callable[..., Comparison]


@pytest.fixture
def again(live: LiveAccount) -> Again:
    """Looks at the live model once more."""
    dataset = Dataset("d1", f"s3://{live.account.bucket}/datasets/d1/", CLASSES, {"train": 0, "valid": 0, "test": sum(COUNTS)}, "created")

    def again(passed: Candidate, gate: Gate = NOT_WORSE) -> Comparison:
        return compare_again.fn(live.account, passed, dataset, Mission(training=TRAINING, gate=gate, serving=SERVING))

    return again


def test_a_champion_that_another_run_put_live_meanwhile_has_to_be_beaten_too(
    live: LiveAccount, compare: Compare, again: Again, stand_in: Callable[[str], None]
) -> None:
    model = trained(live)
    passed = pass_gate(model, compare(model), NOT_WORSE)
    other = put_live(live, trained(live))
    second = again(passed)
    assert second.champion is not None
    assert (second.champion.training_job, second.outcome, second.gained, created(live)) == (other.job_name, "created", 10, 2)
    stand_in("right, wrong = wrong, right")  # other code, and so another job
    before = live.writes()
    with pytest.raises(GateRefused, match=f"right on 6 of 16 test images, while {other.job_name}, which is live, is right on 16"):
        again(passed)
    assert "sagemaker:UpdateEndpoint" not in live.writes()[len(before) :]


def test_a_champion_that_is_still_the_same_costs_no_job(
    live: LiveAccount, compare: Compare, again: Again, stand_in: Callable[[str], None]
) -> None:
    put_live(live, trained(live))
    model = trained(live)
    passed = pass_gate(model, compare(model), NOT_WORSE)
    assert again(passed) == replace(passed.comparison, outcome="skipped", billable_seconds=0)
    put_live(live, trained(live))
    assert again(passed, Gate(against_champion="ignored")).outcome == "skipped"
    put_live(live, model)
    assert (again(passed).outcome, created(live)) == ("skipped", 1)
