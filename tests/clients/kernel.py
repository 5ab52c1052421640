"""A notebook without a page: it runs cells of Python, one after the other in the same names, as JSON lines from its input.

The file runs in the environment of a client, so it imports the standard library only.
"""

import contextlib
import io
import json
import sys
import time
import traceback

LONGEST_PAUSE = 0.5  # seconds: clients look every 5 to 30 seconds at a cloud that is slower than this one


def main() -> None:
    sleep, answers = time.sleep, sys.stdout
    time.sleep = lambda seconds: sleep(min(float(seconds), LONGEST_PAUSE))
    names: dict[str, object] = {"__name__": "__main__"}
    for line in sys.stdin:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            error = run(json.loads(line), names)
        print(json.dumps({"printed": printed.getvalue(), "value": names.pop("_", None), "error": error}), file=answers, flush=True)


def run(cell: str, names: dict[str, object]) -> str:
    """The traceback of a cell that fails; a cell gives a value back by the name `_`."""
    try:
        exec(compile(cell, "<cell>", "exec"), names)
    except BaseException:  # a cell may even exit, and the notebook stays open
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    main()
