"""Ask the live model about many images at once: predictions in one file, bad images with their reasons beside it.

prefect deployment run score/local
prefect deployment run score/aws -p images=s3://bucket/images/2026/ -p 'scoring={"parallel": 4}'
"""

from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from pedigree.aws.errors import BudgetExceeded
from pedigree.settings import Environment, Scoring
from tasks.account import find_account
from tasks.cancellation import stop_what_was_started
from tasks.runs.announce import announce
from tasks.runs.forms import shown
from tasks.runs.parameters import flow
from tasks.runs.resume import begin_resumable_run
from tasks.scoring import (
    choose_model,
    cut_images,
    find_images,
    gather_predictions,
    plan_scoring,
    prepare_model,
    publish_scores,
    score_chunks,
    watch_scoring,
)


def run_name() -> str:
    return f"score {str(flow_run.get_parameters()['images']).rstrip('/').rsplit('/', 1)[-1]}"


@flow(name="score", flow_run_name=run_name, on_cancellation=[stop_what_was_started])
def score(
    images: Annotated[
        str, shown("Images", "A prefix s3://bucket/images/...; or a folder, .zip, .tar.gz or https:// archive, uploaded first.")
    ],
    *,
    scoring: Scoring = Scoring(),
    budget_usd: Annotated[float | None, shown("Budget", "US dollars that this run may cost at most; empty for no limit.", gt=0)] = None,
    environment: Environment = Environment(),
) -> State[Any]:
    """Every image below the prefix gets a prediction, or a reason why it has none.

    It runs in SageMaker transform jobs, one for every `images_per_job`. What is answered stays answered: a run that died goes on where
    it was, and one over more images asks about the new ones.
    """
    begin_resumable_run()
    account = find_account(environment)
    package = choose_model(account, scoring)
    found = find_images(account, images)
    chunks = cut_images(found, package, scoring)
    plan = plan_scoring(account, chunks, scoring, budget_usd)
    watch = watch_scoring(account, found, plan)
    model = prepare_model(account, package)
    try:
        scored = score_chunks(account, model, chunks, scoring, watch)
    except BudgetExceeded as error:
        announce(account, "budget-exceeded", subject=f"{account.project}: over budget", message=str(error))
        raise
    scores = gather_predictions(account, package, found, scored, scoring.format)
    return Completed(message=publish_scores(account, scores, plan, watch.usd))
