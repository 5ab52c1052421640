"""What a study is made of, without any cloud: the space, the request, the proposals, and who wins."""

from collections.abc import Mapping
from typing import Any

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from pedigree.aws.errors import GateRefused, InvalidInput, JobFailed
from pedigree.settings import Training, Tuning
from pedigree.trained_model import Evaluation
from pedigree.training.training_job import JobParts, training_job_request
from pedigree.tuning.space import require_trials_trainable, search_space, starting_point, with_parameters
from pedigree.tuning.spending import Spending
from pedigree.tuning.study import STARTUP, Study
from pedigree.tuning.trial import Trial, losses_in
from pedigree.tuning.trial_job import trial_job_request
from pedigree.tuning.winner import choose_winner
from pedigree.values import Dataset
from tests.flows.stages import ACCOUNT
from tests.lab.keys import key_of_study, key_of_training, key_of_trial
from tests.lab.trial_jobs import loss_of

GOOD, GUESSING, ONE_CLASS = [[18, 2], [2, 18]], [[11, 9], [9, 11]], [[20, 0], [20, 0]]


class Memory:
    """A ledger in this process."""

    def __init__(self) -> None:
        self.proposals: dict[int, dict[str, Any]] = {}

    def proposal(self, number: int) -> dict[str, Any] | None:
        return self.proposals.get(number)

    def propose(self, number: int, parameters: dict[str, Any]) -> dict[str, Any]:
        return self.proposals.setdefault(number, parameters)


def study(memory: Memory, **tuning: Any) -> Study:
    ledger: Any = memory
    return Study(ledger, Training(epochs=6), Tuning(**tuning), Spending(None, 6, None))


def trial(number: int, *losses: float, confusion: list[list[int]] = GOOD, **parameters: Any) -> Trial:
    evaluation = Evaluation(("a", "b"), confusion, [])
    return Trial(number, parameters or {"learning_rate": 0.01}, "completed", f"job-{number}", dict(enumerate(losses, 1)), evaluation)


def test_what_is_varied_is_what_has_choices() -> None:
    space = search_space(Tuning(batch_sizes=(), freeze_backbone=(True, False)))
    assert space == {"learning_rate": FloatDistribution(1e-4, 3e-2, log=True), "freeze_backbone": CategoricalDistribution((True, False))}


def test_the_first_trial_is_what_the_settings_are_as_far_as_they_are_in_the_space() -> None:
    tuning = Tuning(batch_sizes=(16, 32), architectures=("resnet18", "resnet50"))
    assert starting_point(Training(batch_size=64, learning_rate=0.5), tuning) == {"architecture": "resnet50"}
    first = study(Memory()).propose(0)
    assert first == {"learning_rate": Training().learning_rate, "batch_size": Training().batch_size}


def test_parameters_are_checked_like_a_persons() -> None:
    assert with_parameters(Training(), {"learning_rate": 0.02}).learning_rate == 0.02
    with pytest.raises(ValueError, match="batch_size"):
        with_parameters(Training(), {"batch_size": 0})
    with pytest.raises(ValueError, match="min_learning_rate"):
        Tuning(min_learning_rate=0.1, max_learning_rate=0.01)


def test_a_trial_asks_for_all_that_a_training_asks_for_but_the_test_split() -> None:
    dataset = Dataset("d1", "s3://bucket/datasets/d1/", ("a", "b"), {}, "created")
    parts = JobParts(ACCOUNT, dataset, "s3://bucket/code/c1/", Training(), "i")
    whole: Mapping[str, Any] = training_job_request("n", parts)
    asked: Mapping[str, Any] = trial_job_request("n", parts)
    assert [channel["ChannelName"] for channel in asked["InputDataConfig"]] == ["code", "train", "valid"]
    assert asked["AlgorithmSpecification"]["ContainerEntrypoint"][2].endswith("exec python -m model.trial")
    assert {name for name in whole if whole[name] != asked[name]} == {"InputDataConfig", "AlgorithmSpecification"}


def test_a_trial_is_no_training_and_a_study_is_the_same_however_many_trials_it_has() -> None:
    assert key_of_trial("d", "c", Training()) != key_of_training("d", "c", Training())
    key = key_of_study("d", "c", Training(), Tuning())
    assert key_of_study("d", "c", Training(retry_failed=True), Tuning(trials=40, parallel=8, prune=False)) == key
    others = [Training(epochs=3), Training(seed=1), Training(fresh="again")]
    another_space = key_of_study("d", "c", Training(), Tuning(batch_sizes=()))
    assert len({key, *(key_of_study("d", "c", other, Tuning()) for other in others), another_space}) == 5


def run(under_way: Study, *numbers: int) -> list[float]:
    """The rates that the study tries, each with the loss of its rate."""
    rates = []
    for number in numbers:
        rates.append(under_way.propose(number)["learning_rate"])
        under_way.tell(trial(number, loss_of(rates[-1]), **under_way.propose(number)))
    return rates


def test_proposals_follow_from_the_seed_and_the_results_so_far() -> None:
    memory = Memory()
    rates = run(study(memory), *range(8))
    assert run(study(Memory()), *range(8)) == rates
    assert len(set(rates)) == 8
    half = Memory()
    half.proposals = {number: memory.proposals[number] for number in range(5)}  # it died before the sixth was proposed
    assert run(study(half), *range(8)) == rates


def test_the_sampler_learns_from_the_results() -> None:
    rates = run(study(Memory(), min_learning_rate=1e-6, max_learning_rate=1.0, batch_sizes=()), *range(24))
    blindly, later = rates[1:STARTUP], rates[12:]
    assert sum(map(loss_of, later)) / len(later) < sum(map(loss_of, blindly)) / len(blindly)
    assert min(map(loss_of, later)) < 0.5


def test_only_what_is_worse_than_the_median_at_the_same_epoch_is_hopeless() -> None:
    under_way = study(Memory())
    for number in range(STARTUP):
        under_way.propose(number)
        under_way.tell(trial(number, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, **under_way.propose(number)))
    for number in (4, 5):
        under_way.propose(number)
    assert not under_way.is_hopeless(4, {1: 9.0})  # too early to say
    assert not under_way.is_hopeless(5, {1: 0.9, 2: 0.8, 3: 0.65})
    assert under_way.is_hopeless(4, {1: 9.0, 2: 9.0, 3: 9.0})
    assert not under_way.is_hopeless(4, {6: 9.0})  # it is over anyway


def test_losses_are_read_from_what_a_job_logs() -> None:
    line = "epoch=2 train:loss=0.5 train:accuracy=0.9 valid:loss=0.4321 valid:accuracy=0.8"
    assert losses_in(["downloading", line, "epoch=3 train:loss=nan valid:loss=nan"]).keys() == {2, 3}
    assert losses_in([line]) == {2: 0.4321}


def test_the_lowest_loss_of_the_best_epoch_wins_whatever_the_accuracy() -> None:
    better_accuracy = trial(1, 0.5, 0.4, confusion=[[20, 0], [0, 20]])
    assert choose_winner([trial(0, 0.6), better_accuracy, trial(2, float("nan"), 0.3, 0.9)]).number == 2


@pytest.mark.parametrize("confusion", [GUESSING, ONE_CLASS])
def test_a_winner_at_the_baseline_is_refused_with_the_reason(confusion: list[list[int]]) -> None:
    planted = trial(1, 0.01, confusion=confusion)
    loss, accuracy = r"trial 1 has the lowest validation loss, 0\.0100", r"its accuracy 5.\.\d% on 40 validation images"
    with pytest.raises(GateRefused, match=rf"{loss}, but {accuracy} is not above the majority-class baseline, 50\.0%"):
        choose_winner([trial(0, 0.6), planted])


def test_the_more_trials_the_more_the_best_has_to_be_above_the_baseline() -> None:
    lucky = [[15, 5], [5, 15]]  # guessing gets there once in a thousand times
    assert choose_winner([trial(0, 0.5, confusion=lucky)]).number == 0
    with pytest.raises(GateRefused, match="the best of 40 trials that only guess"):
        choose_winner([trial(0, 0.5, confusion=lucky), *(trial(number, 0.6) for number in range(1, 40))])


def test_without_a_completed_trial_the_reasons_are_told() -> None:
    with pytest.raises(JobFailed, match="no trial has completed: trial 0: no finite loss"):
        choose_winner([Trial(0, {}, "failed", "job", reason="no finite loss")])


def test_weights_are_of_one_architecture_and_so_is_their_study() -> None:
    training = Training(architecture="resnet18", weights="resnet18.pth")
    require_trials_trainable(training, Tuning(architectures=("resnet18",)), {})
    with pytest.raises(InvalidInput, match=r"leave tuning\.architectures or training\.weights empty"):
        require_trials_trainable(training, Tuning(architectures=("resnet18", "small_cnn")), {})


@pytest.mark.parametrize(
    ("tuning", "advice"),
    [
        (Tuning(batch_sizes=(4, 64)), "raise training.batch_size to 8"),
        (Tuning(architectures=("resnet18", "small_cnn")), "set training.pretrained to false"),
    ],
)
def test_a_study_with_a_trial_that_could_only_fail_is_refused(tuning: Tuning, advice: str) -> None:
    with pytest.raises(InvalidInput, match=advice):
        require_trials_trainable(Training(instance_count=4), tuning, {})
