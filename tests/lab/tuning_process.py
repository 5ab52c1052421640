"""A process that runs the flow `tune` as a worker would, with the stand-in for `model.trial`; a test may kill it.

python -m tests.lab.tuning_process PROJECT DATASET FOLDER
"""

import sys
from pathlib import Path
from unittest.mock import patch

from flows.tune import tune
from pedigree.settings import Environment
from tests.lab.trial_jobs import TRAINING, TUNING, write_code

SECONDS = 0.3  # of each epoch: time enough to die in the middle


def main(project: str, dataset: str, folder: str) -> None:
    files = write_code(Path(folder), seconds=SECONDS)
    with patch("pedigree.tuning.run.package_files", lambda _package: files):
        tune(dataset, training=TRAINING, tuning=TUNING, environment=Environment(credentials=project, project=project))


if __name__ == "__main__":
    main(*sys.argv[1:])
