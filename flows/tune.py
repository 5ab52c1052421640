"""Try several training settings side by side, and choose the best by the validation loss.

prefect deployment run tune/local
prefect deployment run tune/local --params '{"tuning": {"trials": 6}, "then_operationalize": true}'
"""

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from pedigree.aws.errors import BudgetExceeded
from pedigree.settings import Environment, Training, Tuning
from tasks.account import find_account
from tasks.cancellation import stop_what_was_started
from tasks.dataset import inspect_dataset, upload_dataset
from tasks.runs.announce import announce
from tasks.runs.beside import beside
from tasks.runs.forms import EnvironmentGroup, TrainingGroup, TuningGroup, shown
from tasks.runs.parameters import flow
from tasks.runs.resume import begin_resumable_run
from tasks.tuning import choose_winner, open_study, plan_study, publish_study, require_deployment, run_trials, start_operationalize


def run_name() -> str:
    parameters = flow_run.get_parameters()
    dataset = str(parameters["dataset"]).rstrip("/").rsplit("/", 1)[-1]
    return f"tune {dataset}, {parameters['tuning'].trials} trials"


@flow(name="tune", flow_run_name=run_name, on_cancellation=[stop_what_was_started])
def tune(  # noqa: PLR0913  the form
    dataset: Annotated[str, shown("Dataset", "{train,valid,test}/<class>/<image> in a folder, .zip, .tar.gz, https:// or s3://")],
    *,
    training: TrainingGroup = Training(),
    tuning: TuningGroup = Tuning(),
    budget_usd: Annotated[float | None, shown("Budget", "Cost limit of all trials in US dollars; empty for no limit.", gt=0)] = None,
    then_operationalize: Annotated[
        bool, shown("Deploy the winner", "Start `operationalize` with the winner's settings and the rest of the budget.")
    ] = False,
    environment: EnvironmentGroup = Environment(),
) -> State[Any]:
    """Run a training job for each trial and choose the one with the lowest validation loss, if it beats the majority-class baseline.

    No trial sees the test split. The run adopts every trial that exists already: a study that died continues where it stopped, and a study
    with more trials adds the new ones.
    """
    begin_resumable_run()
    if then_operationalize:
        require_deployment()
    account = find_account(environment)
    inspected = inspect_dataset(account, dataset, training.weights)
    training = inspected.starting(training)
    plan_study(account, training, tuning, budget_usd)
    data = upload_dataset(account, inspected)
    study = open_study(account, data, training, tuning, budget_usd)
    try:
        run_trials(account, data, study)
    except BudgetExceeded as error:
        with beside("the announcement", error):
            announce(account, "budget-exceeded", subject=f"{account.project}: over budget", message=str(error))
        raise
    finally:
        with beside("the report"):
            publish_study(account, study, dataset)
    best, headline = choose_winner(study)
    if then_operationalize:
        start_operationalize(dataset, best, environment, budget_usd and budget_usd - study.spending.usd)
    return Completed(message=headline)
