"""Draw the default dataset into the folder that the deployment names: `python -m deployments.laptop.default_dataset FOLDER`."""

import shutil
import sys
from pathlib import Path

from deployments.shapes import write_shapes


def main(folder: Path) -> None:
    try:
        write_shapes(folder)
    except FileExistsError:  # drawn by an earlier version of this project
        shutil.rmtree(folder)
        write_shapes(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
