"""A process that runs the flow `score` as a worker would; a test may kill it.

python -m tests.lab.scoring_process PROJECT IMAGES PACKAGE
"""

import sys

from flows.score import score
from pedigree.settings import Environment
from tests.lab.scoring_images import SCORING


def main(project: str, images: str, package: str) -> None:
    scoring = SCORING.model_copy(update={"package": package})
    score(images, scoring=scoring, budget_usd=1.0, environment=Environment(credentials=project, project=project))


if __name__ == "__main__":
    main(*sys.argv[1:])
