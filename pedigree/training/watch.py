"""The type of a function that looks at a job while it runs."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Job = Mapping[str, Any]
Watch = Callable[[Job, Iterable[str]], None]


def just_look(_job: Job, _lines: Iterable[str]) -> None: ...


def watch_all(*watches: Watch) -> Watch:
    """One after the other; what one of them raises, the later ones do not see."""

    def watch(job: Mapping[str, Any], lines: Iterable[str]) -> None:
        seen = list(lines)
        for each in watches:
            each(job, seen)

    return watch
