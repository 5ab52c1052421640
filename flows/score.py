"""Ask the live model about many images at once: predictions in one file, bad images with their reasons beside it.

prefect deployment run score/local
prefect deployment run score/aws -p images=s3://bucket/images/2026/ -p 'scoring={"parallel": 4}'
"""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from tasks.announce import announce
from tasks.aws.account import find_account
from tasks.aws.errors import BudgetExceeded
from tasks.form import shown
from tasks.guards.resume import refuse_endless_resume
from tasks.scoring.chunk import score_chunk
from tasks.scoring.gather import gather_predictions
from tasks.scoring.images import find_images
from tasks.scoring.model import choose_model, prepare_model
from tasks.scoring.page import publish_scores
from tasks.scoring.plan import plan_scoring
from tasks.scoring.request import cut
from tasks.scoring.watch import ScoreWatch
from tasks.settings import Environment, Scoring
from tasks.side_by_side import run_side_by_side
from tasks.training.cancel import stop_what_was_started


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
    refuse_endless_resume()
    account = find_account(environment)
    package = choose_model(account, scoring)
    found = find_images(account, images)
    chunks = cut(found, package, scoring.images_per_job)
    plan = plan_scoring(account, chunks, scoring, budget_usd)
    watch = ScoreWatch(account.project, len(found.good), plan)
    try:
        asked = {"account": account, "package": package, "model": prepare_model(account, package), "scoring": scoring, "watch": watch}
        scored = run_side_by_side(score_chunk, "chunk", chunks, at_once=scoring.parallel, **asked)
    except BudgetExceeded as error:
        announce(account, "budget-exceeded", subject=f"{account.project}: over budget", message=str(error))
        raise
    scores = gather_predictions(account, package, found, scored, scoring.format)
    return Completed(message=publish_scores(account, scores, plan, watch.usd))
