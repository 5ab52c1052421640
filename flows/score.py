"""Predict the class of many images at once; one file holds the predictions, another the bad images with the reasons.

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
from tasks.runs.beside import beside
from tasks.runs.forms import EnvironmentGroup, ScoringGroup, shown
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
        str, shown("Images", "A prefix s3://bucket/images/...; or a folder, .zip, .tar.gz or https:// archive, which is uploaded first.")
    ],
    *,
    scoring: ScoringGroup = Scoring(),
    budget_usd: Annotated[float | None, shown("Budget", "Cost limit of this run in US dollars; empty for no limit.", gt=0)] = None,
    environment: EnvironmentGroup = Environment(),
) -> State[Any]:
    """Predict the class of every image below a prefix, or give the reason why an image has no prediction.

    SageMaker transform jobs make the predictions, one job for every `images_per_job` images. Predictions are kept: a run that died
    continues where it stopped, and a run over more images predicts only the new ones.
    """
    begin_resumable_run()
    account = find_account(environment)
    package = choose_model(account, scoring)
    found = find_images(account, images)
    chunks = cut_images(account, found, package, scoring)
    plan = plan_scoring(account, chunks, scoring, budget_usd)
    watch = watch_scoring(account, found, plan)
    model = prepare_model(account, package)
    try:
        scored = score_chunks(account, model, chunks, scoring, watch)
    except BudgetExceeded as error:
        with beside("the announcement", error):
            announce(account, "budget-exceeded", subject=f"{account.project}: over budget", message=str(error))
        raise
    scores = gather_predictions(account, package, found, scored, scoring.format)
    return Completed(message=publish_scores(account, scores, plan, watch.usd))
