"""What an operator does with a live model, by the deployments of a real server, on one stack.

The runs are fixtures, each on top of the one before: A goes live, B beats it with a person's approval, A comes back, B returns.
A test that names one of them has what it needs in any order, and leaves B live.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployments.laptop.processes import wait_until
from tests.end_to_end.laptop import FlowRun, Laptop

TRAINING = {"image_size": 32, "learning_rate": 0.02}
A, B = {**TRAINING, "epochs": 3}, {**TRAINING, "epochs": 6}  # about 20% and 50% right: never within noise of each other
REHEARSAL = {"sagemaker:CreateEndpoint"}  # of an update, on an endpoint that is deleted again
LONG = {**TRAINING, "epochs": 1000}


def live_config(laptop: Laptop) -> str:
    return str(laptop.client("sagemaker").describe_endpoint(EndpointName="pedigree")["EndpointConfigName"])


@dataclass(frozen=True)
class Step:
    """A run, and what was live and which jobs there were right after it."""

    run: FlowRun
    live: str
    jobs: list[str]

    @classmethod
    def after(cls, laptop: Laptop, run: FlowRun) -> "Step":
        return cls(run, live_config(laptop), jobs(laptop))


def jobs(laptop: Laptop) -> list[str]:
    return [job["TrainingJobName"] for job in laptop.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]]


@pytest.fixture(scope="module")
def config_of_a(laptop: Laptop, shapes: Path) -> str:
    """What is live after the first run, whose model is A."""
    laptop.hurry(60)
    run = laptop.execute("operationalize/local", dataset=str(shapes), training=A)
    assert run.state["name"] == "Completed", run.state["message"]
    return live_config(laptop)


@pytest.fixture(scope="module")
def ticks(laptop: Laptop, shapes: Path, config_of_a: str) -> list[FlowRun]:
    """Two at once while A is live."""
    before = len(laptop.journal())
    started = [laptop.start("retrain/local", dataset=str(shapes), training=A) for _ in range(2)]
    return [laptop.wait_for(tick, before=before) for tick in started]


@pytest.fixture(scope="module")
def config_of_b(laptop: Laptop, shapes: Path, config_of_a: str, ticks: list[FlowRun]) -> str:
    """What is live after a challenger's run asked a person, who approved it in the form."""
    challenger = laptop.execute("retrain/local", dataset=str(shapes), training=B, approval=True)
    assert challenger.state["name"] == "WaitsForApproval", challenger.state["message"]
    assert live_config(laptop) == config_of_a
    approval = asked(laptop)
    laptop.api.post(f"/flow_runs/{approval}/resume", {"run_input": {"approve": True, "approver": "Ada", "reason": "it is better"}})
    decided = laptop.wait_for(approval)
    assert decided.state["name"] == "Completed", decided.state["message"]
    return live_config(laptop)


def asked(laptop: Laptop) -> str:
    """Id of the approval that the event began by itself, once it waits for its form."""
    assert wait_until(lambda: any(run["state_name"] == "Suspended" for run in laptop.runs_of("approve")), seconds=120)
    return str(laptop.runs_of("approve")[0]["id"])


@pytest.fixture(scope="module")
def worse(laptop: Laptop, shapes: Path, config_of_b: str) -> Step:
    """A as a challenger of B."""
    return Step.after(laptop, laptop.execute("retrain/local", dataset=str(shapes), training=A))


@pytest.fixture(scope="module")
def back(laptop: Laptop, shapes: Path, worse: Step) -> Step:
    """A, whatever it is worth."""
    parameters = {"dataset": str(shapes), "training": A, "gate": {"against_champion": "ignored"}}
    return Step.after(laptop, laptop.execute("operationalize/local", **parameters))


@pytest.fixture(scope="module")
def returned(laptop: Laptop, shapes: Path, back: Step) -> Step:
    """B as a challenger of A."""
    return Step.after(laptop, laptop.execute("retrain/local", dataset=str(shapes), training=B))


@pytest.fixture(scope="module")
def cancelled(laptop: Laptop, shapes: Path, returned: Step) -> str:
    """The training job of a run that was cancelled while it trained."""
    run = laptop.start("operationalize/local", dataset=str(shapes), training=LONG)
    assert wait_until(lambda: not set(jobs(laptop)) <= set(returned.jobs), seconds=120)
    (job,) = set(jobs(laptop)) - set(returned.jobs)
    laptop.api.post(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}})
    assert laptop.wait_for(run).state["name"] == "Cancelled"
    return job


@pytest.fixture(scope="module")
def failed(laptop: Laptop, shapes: Path, cancelled: str) -> FlowRun:
    """A run that asks for the very training that was stopped."""
    return laptop.execute("operationalize/local", dataset=str(shapes), training=LONG)


@pytest.mark.usefixtures("config_of_b")
def test_two_ticks_at_once_run_one_which_finds_nothing_to_do(ticks: list[FlowRun]) -> None:
    assert sorted(run.state["name"] for run in ticks) == ["Cancelled", "NothingToDo"]
    assert ticks[-1].writes() == set()


def test_a_better_challenger_goes_live_once_a_person_approved_it(laptop: Laptop, config_of_a: str, config_of_b: str) -> None:
    assert config_of_b != config_of_a
    packages = laptop.client("sagemaker").list_model_packages(ModelPackageGroupName="pedigree")["ModelPackageSummaryList"]
    decided = [laptop.client("sagemaker").describe_model_package(ModelPackageName=package["ModelPackageArn"]) for package in packages]
    assert [package.get("ApprovalDescription") for package in decided if "ApprovalDescription" in package] == ["Ada: it is better"]


def test_a_worse_one_is_refused_and_nothing_changes(worse: Step, config_of_b: str) -> None:
    assert worse.run.state["name"] == "Refused", worse.run.state["message"]
    assert created(worse.run) <= {"sagemaker:CreateTrainingJob"}  # of the comparison
    assert worse.live == config_of_b


def created(run: FlowRun) -> set[str]:
    return {action for action in run.writes() if "Create" in action}


@pytest.mark.usefixtures("returned")
def test_an_earlier_model_goes_live_again_with_nothing_trained(back: Step, config_of_a: str, config_of_b: str) -> None:
    assert back.run.state["name"] == "Completed", back.run.state["message"]
    assert back.live == config_of_a != config_of_b
    assert created(back.run) == REHEARSAL


def test_and_the_better_one_returns_by_itself(returned: Step, config_of_b: str) -> None:
    assert returned.run.state["name"] == "Completed", returned.run.state["message"]
    assert returned.live == config_of_b
    assert created(returned.run) == REHEARSAL
    assert {job.rsplit("-", 1)[0] for job in returned.jobs} == {"pedigree--train", "pedigree--evaluate"}
    assert len([job for job in returned.jobs if job.startswith("pedigree--train-")]) == 2


def test_cancelling_stops_the_training_job(laptop: Laptop, cancelled: str) -> None:
    sagemaker = laptop.client("sagemaker")
    assert wait_until(lambda: sagemaker.describe_training_job(TrainingJobName=cancelled)["TrainingJobStatus"] == "Stopped", seconds=60)


def test_the_next_run_does_not_adopt_what_was_stopped(failed: FlowRun, cancelled: str) -> None:
    assert failed.state["name"] == "Failed"
    assert cancelled in failed.state["message"]
    assert "retry_failed" in failed.state["message"]
    assert created(failed) == set()


@pytest.mark.usefixtures("failed")
def test_people_hear_of_promotions_questions_and_failures(laptop: Laptop) -> None:
    def heard() -> set[str]:
        return {run["name"] for run in laptop.runs_of("notify") if run["state_name"] == "Completed"}

    wanted = {"pedigree: a new model is live", "pedigree: a model waits for approval"}
    assert wait_until(lambda: wanted < heard(), seconds=120), heard()
    assert wait_until(lambda: any("operationalize Failed" in name for name in heard()), seconds=120), heard()
    assert [entry for entry in laptop.journal() if entry.action == "sns:Publish"] != []


@pytest.mark.usefixtures("config_of_b")
def test_explain_leads_from_the_endpoint_to_the_approver(laptop: Laptop) -> None:
    run = laptop.execute("explain/local")
    assert run.state["name"] == "Completed", run.state["message"]
    (artifact,) = laptop.api.post("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run.id]}, "type": {"any_": ["markdown"]}}})
    assert "Ada" in artifact["data"]
    assert run.writes() == set()
    assert Path(run.state["data"]["storage_key"]).parent == laptop.folder / "prefect" / "storage"  # what the flow returns


@pytest.mark.usefixtures("config_of_b")
def test_reaping_touches_nothing_that_is_live(laptop: Laptop) -> None:
    run = laptop.execute("reap/local")
    assert run.state["name"] == "NothingToDo", run.state["message"]
    assert run.writes() == set()


@pytest.fixture(scope="module")
def foreign(laptop: Laptop, config_of_b: str) -> str:
    """A model of somebody else, whose name looks like one of ours."""
    admin, ours = laptop.client("sagemaker", "pedigree-admin"), laptop.client("sagemaker").list_models()["Models"][0]["ModelName"]
    model: dict[str, Any] = admin.describe_model(ModelName=ours)
    admin.create_model(
        ModelName="pedigree--model-of-another", PrimaryContainer=model["PrimaryContainer"], ExecutionRoleArn=model["ExecutionRoleArn"]
    )
    return "pedigree--model-of-another"


@pytest.mark.usefixtures("foreign")
def test_teardown_first_only_shows(laptop: Laptop) -> None:
    shown = laptop.execute("teardown/local")
    assert shown.state["name"] == "Completed", shown.state["message"]
    assert shown.writes() == set()


@pytest.mark.last
def test_teardown_deletes_all_that_is_ours_and_then_has_nothing_to_do(laptop: Laptop, foreign: str) -> None:
    first, second = (laptop.execute("teardown/local", dry_run=False, data=True) for _ in range(2))
    assert (first.state["name"], second.state["name"]) == ("Completed", "NothingToDo")
    assert "sagemaker:DeleteEndpoint" in first.writes()
    assert second.writes() == set()
    sagemaker = laptop.client("sagemaker", "pedigree-admin")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert laptop.client("lambda", "pedigree-admin").list_functions()["Functions"] == []
    assert [model["ModelName"] for model in sagemaker.list_models()["Models"]] == [foreign]
