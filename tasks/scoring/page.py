"""The page of a score: what the images are, which could not be told, where the files are and what it cost."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from tasks.cost.money import dollars
from tasks.scoring.gather import Scores
from tasks.scoring.plan import ScoringPlan
from tasks.values import Account

SHOWN = 20  # bad images


@task(name="publish scores")
def publish_scores(account: Account, scores: Scores, plan: ScoringPlan, usd: float | None) -> str:
    """The sentence that sums it up; the page is the artifact `<project>-scores`. `usd` is what the jobs of this run cost."""
    headline = headline_of(scores)
    if flow_run.get_id() is not None:  # only a flow run has a page to show it on
        create_markdown_artifact(page_of(scores, plan, usd), key=f"{account.project}-scores", description=headline)
    return headline


def headline_of(scores: Scores) -> str:
    return f"{scores.predicted:,} predictions and {len(scores.bad):,} bad images in {scores.predictions.rpartition('/')[0]}/"


def page_of(scores: Scores, plan: ScoringPlan, usd: float | None) -> str:
    cost = "not known" if usd is None else dollars(usd)
    files = [f"- Predictions: `{scores.predictions}`", f"- Bad images: `{scores.bad_images}`", f"- Model: `{scores.package}`"]
    costs = f"- Cost: {cost}; planned were {plan.resource}, as billed by the second while instances run"
    classes = [f"| {name} | {count:,} | {count / scores.predicted:.1%} |" for name, count in scores.counts.items()]
    table = ["| class | images | share |", "|---|---|---|", *classes]
    return "\n".join([f"# {headline_of(scores)}", "", *files, costs, "", *table, *bad_section(scores)])


def bad_section(scores: Scores) -> list[str]:
    if not scores.bad:
        return []
    rows = [f"| `{each.key}` | {each.reason} |" for each in scores.bad[:SHOWN]]
    more = [f"\n... and {len(scores.bad) - SHOWN:,} more, all in the file."] if len(scores.bad) > SHOWN else []
    return ["", "## Bad images", "", "| image | reason |", "|---|---|", *rows, *more]
