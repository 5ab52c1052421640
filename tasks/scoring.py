"""The scoring of many images with a model, in transform jobs."""

from collections.abc import Sequence

from prefect import task
from prefect.artifacts import ProgressArtifact

from pedigree.scoring import chunk as chunks
from pedigree.scoring import gather, images, model, page, plan, transform_job
from pedigree.scoring.chunk import ScoredChunk
from pedigree.scoring.gather import Scores
from pedigree.scoring.images import Images
from pedigree.scoring.model import ScoringModel
from pedigree.scoring.plan import ScoringPlan
from pedigree.scoring.transform_job import Chunk
from pedigree.scoring.watch import ScoreWatch
from pedigree.settings import Scoring
from pedigree.values import Account
from tasks.runs.artifacts import LiveArtifact, show_page
from tasks.runs.options import AWS_TASK, PLAIN_TASK
from tasks.runs.together import run_side_by_side


@task(name="choose model", **AWS_TASK)
def choose_model(account: Account, scoring: Scoring) -> str:
    """Choose the requested model package, or the live one, and return its ARN."""
    return model.choose_model(account, scoring)


@task(name="find images", **AWS_TASK)
def find_images(account: Account, uri: str) -> Images:
    """Find the images below an s3:// prefix, or upload the images of a folder or archive."""
    return images.find_images(account, uri)


@task(name="cut images into chunks", **PLAIN_TASK)
def cut_images(account: Account, found: Images, package: str, scoring: Scoring) -> list[Chunk]:
    """Cut the images into chunks, one for each transform job."""
    return transform_job.cut(account, found, package, scoring)


@task(name="plan scoring", **AWS_TASK)
def plan_scoring(account: Account, chunks: Sequence[Chunk], scoring: Scoring, budget_usd: float | None) -> ScoringPlan:
    """Plan the cost of the remaining jobs, and refuse a score over quota or budget."""
    return plan.plan_scoring(account, chunks, scoring, budget_usd)


@task(name="prepare model", **AWS_TASK)
def prepare_model(account: Account, package: str) -> ScoringModel:
    """Create the SageMaker model for the transform jobs."""
    return model.prepare_model(account, package)


def watch_scoring(account: Account, found: Images, plan: ScoringPlan) -> ScoreWatch:
    """The watch over all jobs; its progress bar is the artifact `<project>-score-progress`."""
    bar = LiveArtifact(f"{account.project}-score-progress")

    def show(percent: float, text: str) -> None:
        bar.show(ProgressArtifact(progress=percent, description=text))

    return ScoreWatch(len(found.good), plan, show)


def score_chunks(account: Account, model: ScoringModel, chunks: Sequence[Chunk], scoring: Scoring, watch: ScoreWatch) -> list[ScoredChunk]:
    """Score every chunk, with `scoring.parallel` jobs at a time."""
    shared = {"account": account, "model": model, "scoring": scoring, "watch": watch}
    return run_side_by_side(score_chunk, "chunk", chunks, at_once=scoring.parallel, **shared)


@task(name="score images", task_run_name="score images {chunk.first} to {chunk.last}", **AWS_TASK)
def score_chunk(account: Account, model: ScoringModel, chunk: Chunk, scoring: Scoring, watch: ScoreWatch) -> ScoredChunk:
    """Score a chunk, or adopt the predictions of an earlier run."""
    return chunks.score_chunk(account, model, chunk, scoring, watch)


@task(name="gather predictions", **AWS_TASK)
def gather_predictions(account: Account, package: str, found: Images, scored: Sequence[ScoredChunk], file_format: str) -> Scores:
    """Write each image once: into `predictions.parquet` or `predictions.jsonl`, or else into `bad.jsonl`."""
    return gather.gather_predictions(account, package, found, scored, file_format)


@task(name="publish scores", **PLAIN_TASK)
def publish_scores(account: Account, scores: Scores, plan: ScoringPlan, usd: float | None) -> str:
    """Publish the artifact `<project>-scores` and return its headline; `usd` is the cost of the jobs of this run."""
    shown = page.scores_page(scores, plan, usd)
    show_page(f"{account.project}-scores", shown)
    return shown.headline
