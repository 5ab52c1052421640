"""The epochs of a training job as its log tells them."""

import re
from collections.abc import Iterable

Row = dict[str, float]

EPOCH = re.compile(r"(?:^|\s)epoch=(\d+)\s")
FIGURE = re.compile(r"(?<=\s)([\w:]+)=(-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan))(?=\s|$)")


def read_epochs(lines: Iterable[str]) -> list[Row]:
    """A row for each line `epoch=3 train:loss=0.5 ...`, its figures named as in the job's history: `epoch`, `train_loss` and so on."""
    return [
        {"epoch": int(found[1])} | {name.replace(":", "_"): float(figure) for name, figure in FIGURE.findall(line)}
        for line in lines
        if (found := EPOCH.search(line))
    ]
