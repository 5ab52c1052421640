"""Findings of evaluation jobs, for tests that run none."""

from typing import Any

from pedigree.trained_model import Comparison, Evaluation
from pedigree.values import Champion

EVALUATION = Evaluation(("a", "b"), [[9, 1], [0, 10]], [])
SHA256 = "5a" * 32
OUTPUT = "s3://bucket/evaluations/pedigree-evaluate-77/output/output.tar.gz"


def evaluated(evaluation: Evaluation = EVALUATION, champion: Champion | None = None, **more: Any) -> Comparison:
    """The findings about a candidate, alone unless there is `more`."""
    known: dict[str, Any] = {"artifact_sha256": SHA256, "job_name": "pedigree-evaluate-77", "output": OUTPUT}
    return Comparison(champion, **{"outcome": "created", "evaluation": evaluation, **known, **more})
