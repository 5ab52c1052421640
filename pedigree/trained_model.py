"""The result of a training, its evaluation beside the champion, and what passed the gate."""

from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Literal

from pedigree.statistics import share_with_interval
from pedigree.values import Champion, Outcome

TrainingKind = Literal["single-instance", "multi-instance", "ec2"]


@dataclass(frozen=True)
class TrainedModel:
    """A completed training; `history` has one row an epoch.

    `evaluation` is what the training job says of itself: a claim about the test split, which decides nothing.

    A training of one process has no `proof`. Where `kind` is "ec2", `job_name` names no SageMaker job: it is that of its folder in S3 and
    of its instance. A spot job has billed for less than the seconds that it trained. `no_capacity` says why it ran on no other instance
    type before.
    """

    key: str
    job_name: str
    attempt: int
    artifact: str
    code_key: str
    dataset_key: str
    billable_seconds: int
    history: list[dict[str, float]]
    evaluation: "Evaluation"
    outcome: Outcome
    kind: TrainingKind = "single-instance"
    instances: int = 1
    proof: "Proof | None" = None
    instance_type: str = ""
    training_seconds: int = 0
    spot: bool = False
    no_capacity: "tuple[NoCapacity, ...]" = ()

    @property
    def resource(self) -> str:
        return self.job_name

    @property
    def kept_epoch(self) -> dict[str, float]:
        return kept_epoch(self.history)


@dataclass(frozen=True)
class Evaluation:
    """One test of a model: `confusion[actual][predicted]` counts images.

    `samples` are {file, label, predicted, probability, image}, `image` a JPEG in the job's output; `pairs` are the most confused classes,
    {label, predicted, mistaken, typical}, the last two such JPEGs, `typical` only where the class that was answered was ever right.
    """

    classes: tuple[str, ...]
    confusion: list[list[int]]
    samples: list[dict[str, Any]]
    pairs: tuple[dict[str, str], ...] = ()

    @property
    def images(self) -> int:
        return sum(map(sum, self.confusion))

    @property
    def correct(self) -> int:
        return sum(row[index] for index, row in enumerate(self.confusion))

    @property
    def accuracy(self) -> float:
        return self.correct / self.images

    @property
    def shown_images(self) -> list[str]:
        """The names, in the job's output, of the JPEGs of samples and pairs."""
        return [row[role] for row in (*self.samples, *self.pairs) for role in ("image", "mistaken", "typical") if role in row]

    @property
    def baseline(self) -> float:
        """The majority-class baseline: the accuracy of always answering the commonest class, and so never below 1 / classes."""
        return max(map(sum, self.confusion)) / self.images


@dataclass(frozen=True)
class Proof:
    """The findings of the ranks of a distributed training about an epoch.

    No image was seen twice, none was left out, and all ranks ended with the same parameters.
    """

    disjoint: bool
    covered: bool
    equal_hashes: bool

    @property
    def holds(self) -> bool:
        return self.disjoint and self.covered and self.equal_hashes


@dataclass(frozen=True)
class NoCapacity:
    """An attempt at a training that came to nothing because AWS had no such instances, in its own words."""

    instance_type: str
    job_name: str
    reason: str


@dataclass(frozen=True)
class Comparison:
    """The findings of an evaluation job: `evaluation` is of the candidate, whose artifact had this SHA-256.

    All other counts are of the test images whose class candidate and champion both know, `classes`: `gained` only the candidate has right,
    `lost` only the champion. `added` and `missing` are the classes that only the candidate, or only the champion, knows. There are no such
    images where nothing is live, the gate ignores it, or the candidate is live already. `output` is the URI of the job's output.
    """

    champion: Champion | None
    outcome: Outcome
    evaluation: Evaluation
    artifact_sha256: str
    job_name: str
    output: str
    already_live: bool = False
    images: int = 0
    candidate_correct: int = 0
    champion_correct: int = 0
    gained: int = 0
    lost: int = 0
    classes: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    billable_seconds: int = 0

    @property
    def resource(self) -> str:
        if self.champion is None:
            return f"{self.job_name}, nothing to beat"
        return f"{self.champion.training_job} is live already" if self.already_live else self.job_name


@dataclass(frozen=True)
class Candidate:
    """A trained model that passed the gate."""

    model: TrainedModel
    comparison: Comparison
    outcome: Outcome = "passed"

    @property
    def evaluation(self) -> Evaluation:
        return self.comparison.evaluation

    @property
    def score(self) -> str:
        """The accuracy on the test split, in a few words."""
        return f"{self.evaluation.accuracy:.1%} on {self.evaluation.images:,} test images"

    @property
    def resource(self) -> str:
        evaluation = self.evaluation
        return f"accuracy {share_with_interval(evaluation.correct, evaluation.images)}, baseline {evaluation.baseline:.1%}"


def kept_epoch(history: list[dict[str, float]]) -> dict[str, float]:
    """The one with the lowest validation loss: its weights are the model."""
    return min(history, key=itemgetter("valid_loss"))
