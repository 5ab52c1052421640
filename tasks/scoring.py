"""Many images through a model, in transform jobs."""

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
from tasks.runs.options import AWS_TASK
from tasks.runs.together import run_side_by_side


@task(name="choose model", **AWS_TASK)
def choose_model(account: Account, scoring: Scoring) -> str:
    """ARN of the model package that was asked for, or of what is live."""
    return model.choose_model(account, scoring)


@task(name="find images", **AWS_TASK)
def find_images(account: Account, uri: str) -> Images:
    """The images below an s3:// prefix, or those of a folder or archive, uploaded first."""
    return images.find_images(account, uri)


@task(name="cut images into chunks")
def cut_images(account: Account, found: Images, package: str, scoring: Scoring) -> list[Chunk]:
    """The images of each transform job."""
    return transform_job.cut(account, found, package, scoring)


@task(name="plan scoring", **AWS_TASK)
def plan_scoring(account: Account, chunks: Sequence[Chunk], scoring: Scoring, budget_usd: float | None) -> ScoringPlan:
    """What the jobs may cost that are not done yet; a score over quota or budget is refused."""
    return plan.plan_scoring(account, chunks, scoring, budget_usd)


@task(name="prepare model", **AWS_TASK)
def prepare_model(account: Account, package: str) -> ScoringModel:
    """The SageMaker model that the transform jobs start."""
    return model.prepare_model(account, package)


def watch_scoring(account: Account, found: Images, plan: ScoringPlan) -> ScoreWatch:
    """What sees all jobs run; its progress bar is the artifact `<project>-score-progress`."""
    bar = LiveArtifact(f"{account.project}-score-progress")

    def show(percent: float, text: str) -> None:
        bar.show(ProgressArtifact(progress=percent, description=text))

    return ScoreWatch(len(found.good), plan, show)


def score_chunks(account: Account, model: ScoringModel, chunks: Sequence[Chunk], scoring: Scoring, watch: ScoreWatch) -> list[ScoredChunk]:
    """Every chunk, so many jobs at a time as `scoring.parallel` says."""
    shared = {"account": account, "model": model, "scoring": scoring, "watch": watch}
    return run_side_by_side(score_chunk, "chunk", chunks, at_once=scoring.parallel, **shared)


@task(name="score images", task_run_name="score images {chunk.first} to {chunk.last}", **AWS_TASK)
def score_chunk(account: Account, model: ScoringModel, chunk: Chunk, scoring: Scoring, watch: ScoreWatch) -> ScoredChunk:
    """The chunk with its predictions in S3, asked for now or by any run before."""
    return chunks.score_chunk(account, model, chunk, scoring, watch)


@task(name="gather predictions", **AWS_TASK)
def gather_predictions(account: Account, package: str, found: Images, scored: Sequence[ScoredChunk], file_format: str) -> Scores:
    """Every image once: in `predictions.parquet` or `predictions.jsonl`, or else in `bad.jsonl` beside it."""
    return gather.gather_predictions(account, package, found, scored, file_format)


@task(name="publish scores")
def publish_scores(account: Account, scores: Scores, plan: ScoringPlan, usd: float | None) -> str:
    """The sentence that sums it up; the page is the artifact `<project>-scores`. `usd` is what the jobs of this run cost."""
    shown = page.scores_page(scores, plan, usd)
    show_page(f"{account.project}-scores", shown)
    return shown.headline
