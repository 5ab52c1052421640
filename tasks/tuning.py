"""The search for better settings."""

from typing import Any

from prefect import task
from prefect.deployments import run_deployment
from prefect.runtime import deployment, flow_run

from pedigree.aws.errors import InvalidInput
from pedigree.cost.plan import require_within
from pedigree.settings import Environment, Training, Tuning
from pedigree.tuning import page, plan, publish, run, winner
from pedigree.tuning.space import with_parameters
from pedigree.tuning.study import Study
from pedigree.tuning.trial import Trial
from pedigree.values import Account, CostPlan, Dataset
from tasks.cost import show_plan
from tasks.runs.artifacts import show_page
from tasks.runs.epochs import LiveEpochs
from tasks.runs.options import AWS_TASK, PLAIN_TASK
from tasks.runs.together import run_side_by_side

FLOW = "operationalize"


@task(name="plan study", **AWS_TASK)
def plan_study(account: Account, training: Training, tuning: Tuning, budget_usd: float | None) -> CostPlan:
    """Plan the cost of all trials as the artifact `<project>-cost-plan`, and refuse a study over quota or budget."""
    costs = plan.forecast_study(account, training, tuning, budget_usd)
    show_plan(account, costs)
    if budget_usd is not None:
        require_within(costs, account.project, budget_usd)
    return costs


@task(name="open study", **AWS_TASK)
def open_study(account: Account, dataset: Dataset, training: Training, tuning: Tuning, budget_usd: float | None) -> Study:
    """Open the study of these images, this code and these settings, new or from an earlier run."""
    return run.open_study(account, dataset, training, tuning, budget_usd)


def run_trials(account: Account, dataset: Dataset, study: Study) -> None:
    """Run all trials, with `tuning.parallel` trials at a time."""
    tuning = study.tuning
    run_side_by_side(run_trial, "number", range(tuning.trials), at_once=tuning.parallel, account=account, dataset=dataset, study=study)


@task(name="run trial", task_run_name="trial {number}", **AWS_TASK)
def run_trial(account: Account, dataset: Dataset, study: Study, number: int) -> Trial:
    """Adopt or start a trial and follow its job to the end; a failed or stopped job gives a failed trial, not an error."""
    return run.run_trial(account, dataset, study, number, LiveEpochs(study.training.epochs, dataset.counts["valid"]))


@task(name="publish study", **AWS_TASK)
def publish_study(account: Account, study: Study, dataset: str) -> None:
    """Publish `tuning.json` and `tuning.md` in `runs/<flow run id>/`, and the artifact `<project>-tuning`, also after an early end."""
    show_page(f"{account.project}-tuning", publish.publish_study(account, study, dataset, deployment=deployment_name()))


@task(name="choose winner", **PLAIN_TASK)
def choose_winner(study: Study) -> tuple[Training, str]:
    """Choose the settings of the best trial, with a sentence about it; GateRefused and JobFailed say why there is none."""
    best = winner.choose_winner(study.trials)
    return with_parameters(study.training, best.parameters), page.headline(study.trials, best)


def deployment_name() -> str:
    """The deployment of `operationalize` in the same place as this run's own deployment."""
    return f"{FLOW}/{deployment.get_name() or 'local'}"


def require_deployment() -> None:
    if deployment.get_name() is None:
        cause = f"this run belongs to no deployment, so no deployment of `{FLOW}` can be chosen to continue with the winner"
        raise InvalidInput(
            "tune",
            "then_operationalize",
            cause,
            "run tune/local or tune/aws, or set then_operationalize to false and use the printed command",
        )


@task(name="start operationalize", **PLAIN_TASK)
def start_operationalize(dataset: str, training: Training, environment: Environment, budget_usd: float | None) -> str:
    """Start the flow run and return its name; a resumed run returns the same flow run."""
    parameters: dict[str, Any] = {
        "dataset": dataset,
        "training": training.model_dump(mode="json"),
        "environment": environment.model_dump(mode="json"),
        "budget_usd": budget_usd,
    }
    started: Any = run_deployment(
        deployment_name(), parameters=parameters, timeout=0, as_subflow=False, idempotency_key=f"tuned by {flow_run.get_id()}"
    )
    return str(started.name)
