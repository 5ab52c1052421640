"""Ask a model about all images of a folder or an s3:// prefix, in transform jobs that end by themselves.

python -m examples.batch IMAGES [PROJECT] [--package MODEL_PACKAGE_ARN]
"""

import argparse

from pedigree.aws.account import find_account
from pedigree.scoring.chunk import score_chunk
from pedigree.scoring.gather import Scores, gather_predictions
from pedigree.scoring.images import find_images
from pedigree.scoring.model import choose_model, prepare_model
from pedigree.scoring.plan import plan_scoring
from pedigree.scoring.transform_job import cut
from pedigree.scoring.watch import ScoreWatch
from pedigree.settings import Environment, Scoring


def score(project: str, uri: str, scoring: Scoring, *, budget_usd: float | None = None) -> Scores:
    """Every image once: with its prediction, or with the reason why it has none."""
    account = find_account(Environment(credentials=project, project=project))
    package = choose_model(account, scoring)
    images = find_images(account, uri)
    chunks = cut(account, images, package, scoring)
    plan = plan_scoring(account, chunks, scoring, budget_usd)
    model = prepare_model(account, package)
    watch = ScoreWatch(len(images.good), plan)
    scored = [score_chunk(account, model, chunk, scoring, watch) for chunk in chunks]
    return gather_predictions(account, package, images, scored, scoring.format)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.batch")
    parser.add_argument("images", help="a folder or archive of images, or an s3:// prefix of the project's bucket")
    parser.add_argument("project", nargs="?", default="pedigree", help="the project, and the AWS profile of its orchestrator role")
    parser.add_argument("--package", help="ARN of an approved model package; without it the live model is asked")
    options = parser.parse_args()
    scores = score(options.project, options.images, Scoring(package=options.package, format="jsonl"))
    print(f"{scores.predicted} predictions, {len(scores.bad)} images without one")
    print(scores.predictions)


if __name__ == "__main__":
    main()
