"""One run of a flow in a process of its own, which a strike may kill."""

import json
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore.loaders import create_loader

import flows.approve
import flows.operationalize
import flows.retrain
import flows.score
import flows.teardown
import flows.tune
from benchmarks.chaos.naive import naive
from benchmarks.chaos.strikes import Strike, install
from pedigree.aws.errors import PedigreeError

STAND_IN = Path(__file__).with_name("stand_in")
FLOWS: dict[str, Any] = {
    flow.name: flow
    for flow in (
        flows.operationalize.operationalize,
        flows.retrain.retrain,
        flows.approve.approve,
        flows.tune.tune,
        flows.score.score,
        flows.teardown.teardown,
        naive,
    )
}


@dataclass(frozen=True)
class Wish:
    """A flow and its parameters, as a person asks for them."""

    flow: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """How a run ended: the name of its state, or the error that it raised; `ours` is whether it is one of the library's own."""

    state: str = ""
    error: str = ""
    ours: bool = False


def run(wish: Wish, strike: Strike | None, project: str, result: Path) -> None:
    """Run the flow, and write how it ended; the package `model` is the stand-in."""
    sys.path.insert(0, str(STAND_IN))
    make_quick()
    if strike is not None:
        install(strike, project)
    try:
        state = FLOWS[wish.flow](**wish.parameters, environment={"credentials": project, "project": project}, return_state=True)
        ended = Ended(state=str(state.name))
        if state.is_failed() or state.is_crashed():
            state.result()
    except Exception as error:  # whatever it is, it is the answer
        ended = Ended(error=f"{type(error).__name__}: {error}", ours=isinstance(error, PedigreeError))
    result.write_text(json.dumps(vars(ended)))


def approved(**_: Any) -> flows.approve.Decision:
    """A person who says yes at once."""
    return flows.approve.Decision(approve=True, approver="chaos", reason="")


def make_quick() -> None:
    """Read AWS's models once for all clients, look often, and try again at once; ask no person."""
    for name, value in {
        "botocore.session.create_loader": cache(create_loader),
        "botocore.retries.standard.ExponentialBackoff.delay_amount": lambda *_: 0,
        "pedigree.aws.waiting.FIRST_DELAY": 0.05,
        "flows.approve.suspend_flow_run": approved,
    }.items():
        patch(name, value).start()  # until the process ends
