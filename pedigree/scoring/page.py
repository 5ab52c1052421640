"""The page of a score: images by class, bad images, addresses of the files, and the cost."""

from pedigree.scoring.gather import Scores
from pedigree.scoring.plan import ScoringPlan
from pedigree.text import Page, code, dollars, table

SHOWN = 20  # bad images


def scores_page(scores: Scores, plan: ScoringPlan, usd: float | None) -> Page:
    """The page of a score; `usd` is the cost of the jobs of this run."""
    return Page(page_of(scores, plan, usd), headline_of(scores))


def headline_of(scores: Scores) -> str:
    return f"{scores.predicted:,} predictions and {len(scores.bad):,} bad images in {scores.predictions.rpartition('/')[0]}/"


def page_of(scores: Scores, plan: ScoringPlan, usd: float | None) -> str:
    cost = "not known" if usd is None else dollars(usd)
    named = {"Predictions": scores.predictions, "Bad images": scores.bad_images, "Model": scores.package}
    files = [f"- {name}: {code(value)}" for name, value in named.items()]
    costs = f"- Cost: {cost}; planned: {plan.resource}"
    rows = [(name, f"{count:,}", f"{count / scores.predicted:.1%}") for name, count in scores.counts.items()]
    return "\n".join([f"# {headline_of(scores)}", "", *files, costs, "", table(("Class", "Images", "Share"), rows), *bad_section(scores)])


def bad_section(scores: Scores) -> list[str]:
    if not scores.bad:
        return []
    rows = [(code(each.key), each.reason) for each in scores.bad[:SHOWN]]
    more = [f"\n... and {len(scores.bad) - SHOWN:,} more, all in the file."] if len(scores.bad) > SHOWN else []
    return ["", "## Bad images", "", table(("Image", "Reason"), rows), *more]
