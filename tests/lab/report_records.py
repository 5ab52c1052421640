"""Records of runs as the flow leaves them, for the tests of the report."""

import io
from dataclasses import replace
from typing import Any

from PIL import Image

from pedigree.evaluation.selection import Selection
from pedigree.report.record import Record
from pedigree.trained_model import Candidate, Comparison, Evaluation, Proof, TrainedModel
from pedigree.values import (
    Champion,
    CostLine,
    CostPlan,
    Dataset,
    Endpoint,
    FunctionVersion,
    ModelVersion,
    ScalingPolicy,
    SmokeTest,
)
from tests.lab.comparisons import evaluated
from tests.lab.inspected import inspected

ONE = "training on one instance"
STAGES = ("inspect", "plan", "dataset", "training", "comparison", "gate", "registry", "endpoint", "autoscaling", "function", "smoke test")
CLASSES = ("001.Rings", "002.Stripes")
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/pedigree/3"
URL = "https://u1.lambda-url.us-east-1.on.aws/"
CHAMPION = Champion(
    "pedigree", "pedigree-config-66cc", "pedigree-model-44aa", f"{ARN[:-1]}2", "pedigree-train-0ld", "s3://bucket/training/old/model.tar.gz"
)
PACKAGE = {
    "ModelApprovalStatus": "Approved",
    "ApprovalDescription": "Ada: it knows its boxers",
    "CustomerMetadataProperties": {"pedigree-approver": "Ada", "pedigree-flow-run": "b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11"},
}


def trained_model(confusion: list[list[int]] | None = None, classes: tuple[str, ...] = CLASSES) -> TrainedModel:
    samples = [
        {"image": "samples/00.jpg", "file": "001.Rings/a.jpg", "label": "001.Rings", "predicted": "001.Rings", "probability": 0.98},
        {"image": "samples/01.jpg", "file": "002.Stripes/b.jpg", "label": "002.Stripes", "predicted": "001.Rings", "probability": 0.61},
    ]
    pairs = (
        {"label": "002.Stripes", "predicted": "001.Rings", "mistaken": "pairs/0-mistaken.jpg", "typical": "pairs/0-typical.jpg"},
        {"label": "001.Rings", "predicted": "002.Stripes", "mistaken": "pairs/1-mistaken.jpg"},
    )
    rows = [(1, 0.9, 0.5, 0.8, 0.6), (2, 0.4, 0.8, 0.5, 0.9), (3, 0.2, 0.95, 0.7, 0.85)]
    names = ("epoch", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy")
    return TrainedModel(
        key="1f3870be274f6c49",
        job_name="pedigree-train-1f3870be274f6c49",
        attempt=1,
        artifact="s3://bucket/training/pedigree-train-1f3870be274f6c49/output/model.tar.gz",
        code_key="c0de5b27cf1f83d2",
        dataset_key="da7a5e7dd16e57aa",
        billable_seconds=61,
        history=[dict(zip(names, row, strict=True)) for row in rows],
        evaluation=Evaluation(classes, confusion or [[19, 1], [2, 18]], samples, pairs),
        outcome="created",
    )


def cost_plan() -> CostPlan:
    """61 seconds of training cost 1.22 USD, 36 of evaluation 0.36."""
    return CostPlan(
        run=(CostLine("training, 1 x ml.big", 72.0, 0.1, "the last run"), CostLine("evaluation, 1 x ml.small", 36.0, 0.01, "a guess")),
        month=(CostLine("endpoint, 1 x ml.m5.large", 0.1, 730, "to begin with"),),
        by_hand=(
            CostLine("notebook, ml.t3.medium", 0.05, 730, "never stopped"),
            CostLine("training, 4 x ml.big", 0.0, 1, "price not known"),
        ),
        prices_of="table of 2026-11-01",
    )


def comparison_with_champion() -> Comparison:
    return evaluated(
        trained_model().evaluation,
        CHAMPION,
        images=40,
        candidate_correct=37,
        champion_correct=34,
        gained=5,
        lost=2,
        billable_seconds=36,
    )


def stage_values() -> dict[str, Any]:
    """What each stage of a complete run gives, in their order."""
    model = trained_model()
    counts = {"train": 160, "valid": 40, "test": 40}
    return {
        "inspect": inspected(CLASSES, uri="/photos/shapes"),
        "plan": cost_plan(),
        "dataset": Dataset(
            "da7a5e7dd16e57aa", "s3://bucket/datasets/da7a5e7dd16e57aa/", CLASSES, counts, "adopted", ("class `a|b` is small",)
        ),
        "training": model,
        "comparison": comparison_with_champion(),
        "gate": Candidate(model, comparison_with_champion()),
        "registry": ModelVersion(ARN, "9a3cage1f3870be2", model.artifact, "created"),
        "endpoint": Endpoint("pedigree", "pedigree-config-77aa", "AllTraffic", "pedigree-model-55bb", "updated", "pedigree-config-66cc"),
        "autoscaling": ScalingPolicy(
            "endpoint/pedigree/variant/AllTraffic", 1, 3, 3.0, ("alarm-high", "alarm-low"), "created", "target 3 invocations per instance"
        ),
        "function": FunctionVersion("pedigree", "f00d5b27cf1f83d2", "4", "live", 5, 3, "created", "3", URL, 4),
        "smoke test": SmokeTest(
            "pedigree:live",
            [{"file": "golden/0.jpg", "label": "001.Rings", "predicted": "001.Rings", "probability": 0.97, "milliseconds": 41.2}],
        ),
    }


def record_until(last: str) -> Record:
    """The record of a run that completed all stages up to `last`."""
    record = Record("b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11", STAGES)
    for name, value in stage_values().items():
        stage = record.stages[name]
        stage.status, stage.outcome, stage.seconds, stage.attempts = "completed", value.outcome, 1.25, 1
        stage.resource = value.resource
        record.values[name] = value
        if name == last:
            break
    return record


def complete_record() -> Record:
    return record_until("smoke test")


def compared_record() -> Record:
    """The record of a complete run that trained on two instances and on one, and took the latter's model."""
    record, stages = Record("b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11", (*STAGES[:4], ONE, "selection", *STAGES[4:])), complete_record()
    one = trained_model()
    several = replace(
        one,
        key="2a3870be274f6c49",
        job_name="pedigree-train-2a3870be274f6c49",
        evaluation=replace(one.evaluation, confusion=[[20, 0], [2, 18]]),
        kind="multi-instance",
        instances=2,
        proof=Proof(disjoint=True, covered=True, equal_hashes=True),
    )
    # they ended in this order
    record.values = {ONE: one, "training": several} | {name: value for name, value in stages.values.items() if name != "training"}
    record.values["selection"] = Selection(one, ONE, "90.0% on the 40 validation images is the best")
    for name, value in record.values.items():
        record.stages[name] = replace(stages.stages["training"], name=name, outcome=value.outcome, resource=value.resource)
    return record


def failed_record(name: str, message: str) -> Record:
    """The record of a run that failed at the stage `name`."""
    before = STAGES.index(name) - 1
    record = record_until(STAGES[before]) if before >= 0 else Record("b1946ac9-2490-4e0b-a1f6-2f6c5d2b9c11", STAGES)
    stage = record.stages[name]
    stage.status, stage.seconds, stage.attempts, stage.message = "failed", 3.5, 1, message
    return record


def refused_record(message: str) -> Record:
    """The record of a run whose model did not pass the gate."""
    record = failed_record("gate", message)
    record.stages["gate"].status = "refused"
    return record


def sample_images() -> dict[str, bytes]:
    """JPEGs of the samples and pairs of `trained_model`."""
    names = ("samples/00", "samples/01", "pairs/0-mistaken", "pairs/0-typical", "pairs/1-mistaken")
    colors = ("red", "blue", "orange", "teal", "purple")
    return {f"{name}.jpg": jpeg(color) for name, color in zip(names, colors, strict=True)}


def jpeg(color: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (160, 120), color).save(file, "JPEG")
    return file.getvalue()
