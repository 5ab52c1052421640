"""Try settings of the training side by side, and find the best by the validation loss.

prefect deployment run tune/local
prefect deployment run tune/local --params '{"tuning": {"trials": 6}, "then_operationalize": true}'
"""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from tasks.announce import announce
from tasks.aws.account import find_account
from tasks.aws.errors import BudgetExceeded
from tasks.dataset.upload import upload_dataset
from tasks.form import shown
from tasks.guards.resume import refuse_endless_resume
from tasks.settings import Environment, Training, Tuning
from tasks.side_by_side import run_side_by_side
from tasks.training.cancel import stop_what_was_started
from tasks.tuning.next_run import require_deployment, start_operationalize
from tasks.tuning.page import headline
from tasks.tuning.plan import plan_study
from tasks.tuning.publish import publish_study
from tasks.tuning.run import open_study, run_trial
from tasks.tuning.space import with_parameters
from tasks.tuning.winner import choose_winner


def run_name() -> str:
    parameters = flow_run.get_parameters()
    dataset = str(parameters["dataset"]).rstrip("/").rsplit("/", 1)[-1]
    return f"tune {dataset}, {parameters['tuning'].trials} trials"


@flow(name="tune", flow_run_name=run_name, on_cancellation=[stop_what_was_started])
def tune(
    dataset: Annotated[str, shown("Dataset", "{train,valid,test}/<class>/<image> in a folder, .zip, .tar.gz, https:// or s3://")],
    *,
    training: Training = Training(),
    tuning: Tuning = Tuning(),
    budget_usd: Annotated[float | None, shown("Budget", "US dollars that all trials may cost at most; empty for no limit.", gt=0)] = None,
    then_operationalize: Annotated[
        bool, shown("Go on with the winner", "Start `operationalize` with its settings, and with what the budget has left.")
    ] = False,
    environment: Environment = Environment(),
) -> State[Any]:
    """Each trial is a training job that never sees the test split; the lowest validation loss wins, if it beats chance.

    Whatever exists already is adopted: a study that died goes on where it was, and one with more trials begins after those it has.
    """
    refuse_endless_resume()
    if then_operationalize:
        require_deployment()
    account = find_account(environment)
    plan_study(account, training, tuning, budget_usd)
    pictures = upload_dataset(account, dataset)
    study = open_study(account, pictures, training, tuning, budget_usd)
    try:
        shared = {"account": account, "dataset": pictures, "training": training, "study": study}
        run_side_by_side(run_trial, "number", range(tuning.trials), at_once=tuning.parallel, **shared)
    except BudgetExceeded as error:
        announce(account, "budget-exceeded", subject=f"{account.project}: over budget", message=str(error))
        raise
    finally:
        publish_study(account, study, dataset, training, tuning)
    winner = choose_winner(study.trials)
    if then_operationalize:
        best, left = with_parameters(training, winner.parameters), budget_usd and budget_usd - study.spending.usd
        start_operationalize(dataset, best, environment, left)
    return Completed(message=headline(study.trials, winner))
