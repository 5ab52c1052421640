"""Studies whose trials are real jobs: what each may read, what is remembered, and how a study that died goes on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pedigree.aws.errors import BudgetExceeded
from pedigree.settings import Training, Tuning
from pedigree.training.jobs import Jobs
from pedigree.training.stop import stop_training_jobs
from pedigree.tuning.run import open_study, run_trial
from pedigree.tuning.study import STARTUP, Study
from pedigree.tuning.trial import Trial
from pedigree.tuning.winner import choose_winner
from pedigree.values import NO_FLOW_RUN, Dataset
from tasks.tuning import plan_study
from tests.lab.live_account import LiveAccount
from tests.lab.processes import wait_until
from tests.lab.trial_jobs import TRAINING, TUNING, loss_of, put_dataset, write_code

CREATE = "sagemaker:CreateTrainingJob"
EACH = 20 / 3600 * 0.12  # USD of some twenty seconds


class Died(Exception):
    """The flow's process ends while its job goes on."""


def die(*_: object) -> None:
    raise Died


class Bench:
    """One study of an account, run trial by trial."""

    def __init__(self, live: LiveAccount, dataset: Dataset) -> None:
        self.live, self.dataset = live, dataset
        self.training, self.tuning = TRAINING, TUNING

    def open(self, budget_usd: float | None = None) -> Study:
        return open_study(self.live.account, self.dataset, self.training, self.tuning, budget_usd)

    def run(self, study: Study, *numbers: int) -> list[Trial]:
        return [run_trial(self.live.account, self.dataset, study, number) for number in numbers]

    def created(self) -> int:
        return self.live.writes().count(CREATE)


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def write(body: str = "", *, seconds: float = 0.0) -> None:
        files = write_code(tmp_path, body, seconds=seconds)
        monkeypatch.setattr("pedigree.tuning.run.package_files", lambda _package: files)

    return write


@pytest.fixture
def bench(live: LiveAccount, code: Callable[..., None]) -> Bench:
    code()
    return Bench(live, put_dataset(live))


def test_the_objective_is_the_lowest_validation_loss_and_the_test_split_is_never_read(bench: Bench) -> None:
    study = bench.open()
    trials = bench.run(study, 0, 1, 2)
    assert [trial.loss for trial in trials] == [pytest.approx(loss_of(trial.parameters["learning_rate"])) for trial in trials]
    assert trials[0].parameters["learning_rate"] == TRAINING.learning_rate  # the first trial is what the settings are now
    assert choose_winner(study.trials) is trials[0]
    read = {entry.resource for entry in bench.live.aws.journal() if entry.principal == bench.live.account.training_role}
    folder = f"arn:aws:s3:::{bench.live.account.bucket}/datasets/d1"
    assert {name for name in read if name.startswith(folder)} == {f"{folder}/{split}/00000.tar" for split in ("train", "valid")}


def test_a_study_that_died_takes_what_was_proposed_and_what_has_ended(bench: Bench) -> None:
    first = bench.open()
    trials, promised = bench.run(first, 0, 1), first.propose(2)  # dead before the job of the third was created
    again = bench.open()
    assert [(trial.parameters, trial.loss, trial.outcome) for trial in bench.run(again, 0, 1)] == [
        (trial.parameters, trial.loss, "adopted") for trial in trials
    ]
    (third,) = bench.run(again, 2)
    assert (third.parameters, third.outcome) == (promised, "created")
    assert bench.created() == 3


def test_of_two_runs_of_one_study_the_second_takes_the_proposal_of_the_first(bench: Bench) -> None:
    first, second = bench.open(), bench.open()
    stands = first.ledger.propose(1, {"learning_rate": 0.002, "batch_size": 64})
    assert second.ledger.propose(1, {"learning_rate": 0.001, "batch_size": 16}) == stands
    assert second.propose(1) == first.propose(1) == stands


def test_a_trial_that_fails_is_one_of_the_study_and_not_tried_again(bench: Bench, code: Callable[..., None]) -> None:
    code('(base / "output/failure").write_text("FloatingPointError: no finite loss"); raise SystemExit(1)')
    for study in (bench.open(), bench.open()):
        (trial,) = bench.run(study, 0)
        assert (trial.status, trial.loss) == ("failed", None)
        assert "FloatingPointError: no finite loss" in trial.reason
    assert bench.created() == 1


def test_cancelling_stops_a_trial_which_is_taken_up_only_when_a_person_asks(
    bench: Bench, code: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    code("time.sleep(0 if os.environ['TRAINING_JOB_NAME'].endswith('-2') else 600)")
    with monkeypatch.context() as patch:
        patch.setattr(Jobs, "wait", die)
        with pytest.raises(Died):
            bench.run(bench.open(), 0)
    (name,) = stop_training_jobs(bench.live.account, NO_FLOW_RUN)
    (stopped,) = bench.run(bench.open(), 0)
    assert (stopped.status, stopped.job_name, "stopped" in stopped.reason) == ("failed", name, True)
    bench.training = TRAINING.model_copy(update={"retry_failed": True})
    (again,) = bench.run(bench.open(), 0)
    assert (again.status, again.job_name) == ("completed", f"{name}-2")


def test_a_trial_worse_than_the_median_is_stopped_once_and_for_all(bench: Bench, code: Callable[..., None]) -> None:
    bench.tuning = Tuning(trials=8, min_learning_rate=1e-3, max_learning_rate=1.0, batch_sizes=(16, 32))
    bench.training = TRAINING.model_copy(update={"epochs": 9})
    study = bench.open()
    bench.run(study, *range(STARTUP))
    study.ledger.propose(STARTUP, {"learning_rate": 1.0, "batch_size": 16})
    code(seconds=0.2)
    (hopeless,) = bench.run(study, STARTUP)
    assert (hopeless.status, "worse than the median" in hopeless.reason) == ("pruned", True)
    assert 3 <= max(hopeless.losses) < 9
    job = bench.live.client("sagemaker").describe_training_job(TrainingJobName=hopeless.job_name)
    assert job["TrainingJobStatus"] == "Stopped"
    bench.training = bench.training.model_copy(update={"retry_failed": True})
    again = Study(study.ledger, bench.training, bench.tuning, study.spending)
    (adopted,) = bench.run(again, STARTUP)
    assert (adopted.status, adopted.losses) == ("pruned", hopeless.losses)
    assert bench.created() == STARTUP + 1


def test_a_budget_refuses_a_study_before_anything_is_created(live: LiveAccount) -> None:
    with pytest.raises(
        BudgetExceeded, match=r"may cost \$17\.\d\d, and the budget is \$1\.00; the largest part is trials, 1 x ml\.g4dn\.xlarge"
    ):
        plan_study.fn(live.account, Training(), Tuning(), 1.0)
    assert live.writes() == []


def test_a_budget_that_is_passed_stops_what_runs_and_begins_no_more(bench: Bench, code: Callable[..., None]) -> None:
    code(seconds=0.3)
    bench.training = TRAINING.model_copy(update={"epochs": 200})
    study = bench.open(EACH)
    with pytest.raises(BudgetExceeded, match="the started trials will cost"):
        bench.run(study, 0)
    sagemaker = bench.live.client("sagemaker")
    (job,) = sagemaker.list_training_jobs(NameContains=bench.live.account.project)["TrainingJobSummaries"]
    wait_until(lambda: sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])["TrainingJobStatus"] == "Stopped")
    with pytest.raises(BudgetExceeded):
        bench.run(study, 1)
    assert bench.created() == 1


def test_epochs_as_long_as_those_of_earlier_trials_are_planned(bench: Bench) -> None:
    (trial,) = bench.run(bench.open(), 0)
    plan = plan_study.fn(bench.live.account, TRAINING, TUNING, None)
    assert plan.run[0].hours * 3600 == pytest.approx(TUNING.trials * trial.billable_seconds)
    assert plan.run[0].basis.startswith(f"6 trials; 3 epochs as in {trial.job_name}, ")


def test_the_ledger_is_readable(bench: Bench) -> None:
    study = bench.open()
    study.propose(0)
    (key,) = bench.live.keys("tuning/")
    body = bench.live.client("s3").get_object(Bucket=bench.live.account.bucket, Key=key)["Body"].read()
    proposal: dict[str, Any] = json.loads(body)
    assert key == f"tuning/{study.ledger.key}/000-proposal.json"
    assert proposal.keys() == {"learning_rate", "batch_size"}
