"""One scenario under strikes, and what must hold after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmarks.chaos.asker import Asker, asking
from benchmarks.chaos.faults import Control, Deny, FailOnce, Fault
from benchmarks.chaos.inventory import Inventory, take_inventory
from benchmarks.chaos.scenarios import Scenario
from benchmarks.chaos.strikes import EVERYTHING, READING, Kill, Point, Share, Strike, read_points
from benchmarks.chaos.wish import Ended, Wish
from benchmarks.chaos.world import World
from tests.lab.live_account import LiveAccount

MOST_RUNS = 400  # of one wish; one that is started more often never comes to its end
REPORTING = {"sns:Publish", "cloudwatch:PutMetricData"}  # a further run says again what the killed one could not say, and that it lives


@dataclass
class Proof:
    """The points that were struck in a scenario, and a sentence about each thing that did not hold."""

    scenario: str
    points: list[Point] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def hold(self, condition: object, otherwise: str) -> None:
        if not condition:
            self.broken.append(otherwise)


def kill_everywhere(world: World, scenario: Scenario, share: Share = EVERYTHING) -> Proof:
    """Kill the wish at its first point and start it again, which is killed at the next one, until it comes to its end; then judge."""

    def strike(live: LiveAccount, wish: Wish, log: Path) -> Ended:
        return run_until_it_ends(world, live, wish, Kill(log, share))

    return prove(world, scenario, "kill", strike)


def fail_everywhere(world: World, scenario: Scenario, fault: Fault, share: Share = EVERYTHING) -> Proof:
    """One run in which every writing call has this fault once, and which comes to its end nevertheless; then judge."""

    def strike(live: LiveAccount, wish: Wish, log: Path) -> Ended:
        return run_until_it_ends(world, live, wish, FailOnce(log, Control.of(world.aws), fault, share))

    return prove(world, scenario, fault, strike)


def deny_everywhere(world: World, scenario: Scenario, share: Share = EVERYTHING) -> Proof:
    """Runs that are each denied another writing call; each tells one clear error or comes to its end. Then judge."""
    unclear = []

    def strike(live: LiveAccount, wish: Wish, log: Path) -> Ended:
        while True:
            earlier = frozenset(read_points(log))
            ended = run_until_it_ends(world, live, wish, Deny(log, Control.of(world.aws), share, earlier))
            if len(read_points(log)) == len(earlier):
                return ended
            if ended.error and not ended.ours:
                unclear.append(f"{read_points(log)[-1]}: {ended.error}")

    proof = prove(world, scenario, "denied", strike)
    proof.hold(not unclear, f"{len(unclear)} errors are not told as ours: {unclear[:1]}")
    return proof


def kill_then_deny(world: World, scenario: Scenario, share: Share = EVERYTHING) -> Proof:
    """A kill, then a run that is denied a writing call, then a kill at the next point, and so on; then judge."""

    def strike(live: LiveAccount, wish: Wish, log: Path) -> Ended:
        while True:
            earlier = frozenset(read_points(log))
            world.run(live, wish, Kill(log, share))
            begun = frozenset(read_points(log))
            ended = run_until_it_ends(world, live, wish, Deny(log, Control.of(world.aws), share, begun))
            if len(read_points(log)) < len(earlier) + 2:
                return ended

    return prove(world, scenario, "kill then denied", strike)


def prove(world: World, scenario: Scenario, struck: str, strike: Callable[[LiveAccount, Wish, Path], Ended]) -> Proof:
    """Prepare an account, strike the wish in it, and judge what is there afterwards."""
    wanted, log = undisturbed(world, scenario), world.folder / f"{scenario.name}, {struck}.log"
    proof = Proof(f"{scenario.name}, {struck}")
    with prepared(world, scenario) as live, asking(live) if scenario.served else nullcontext(Asker()) as asker:
        wish = scenario.wish(world, live)
        ended = strike(live, wish, log)
        proof.points = read_points(log)
        proof.hold(proof.points, "nothing was struck")
        judge(world, live, wish, ended, proof)
        judge_inventory(live, wanted, proof)
    if "denied" not in struck or scenario.before:  # a first deployment that fails takes its endpoint away again
        proof.hold(not asker.failures, f"{len(asker.failures)} of {asker.answers} requests failed: {asker.failures[:1]}")
    return proof


def run_until_it_ends(world: World, live: LiveAccount, wish: Wish, strike: Strike) -> Ended:
    for _ in range(MOST_RUNS):
        ended = world.run(live, wish, strike)
        if ended is not None:
            return ended
    return Ended(error=f"it was started {MOST_RUNS} times and never came to its end")


@cache
def undisturbed(world: World, scenario: Scenario) -> Inventory:
    """Take the inventory after the scenario when nothing strikes it."""
    with prepared(world, scenario) as live:
        go_well(world, live, scenario.wish(world, live))
        return take_inventory(live)


@contextmanager
def prepared(world: World, scenario: Scenario) -> Iterator[LiveAccount]:
    """A new account after the wishes that come before; its processes end with the body."""
    live = world.new_account()
    try:
        for make in scenario.before:
            go_well(world, live, make(world, live))
        yield live
    finally:
        live.end()


def go_well(world: World, live: LiveAccount, wish: Wish) -> None:
    ended = world.run(live, wish)
    assert ended is not None, "nothing strikes"
    assert not ended.error, f"{wish.flow} fails by itself: {ended.error}"


def judge(world: World, live: LiveAccount, wish: Wish, ended: Ended, proof: Proof) -> None:
    """The last run came to a good end, and a further one writes nothing but its report."""
    proof.hold(not ended.error, f"after {proof.points[-1] if proof.points else 'nothing'} the run failed: {ended.error}")
    before = len(writes(live))
    again = world.run(live, wish)
    proof.hold(again is not None and not again.error, f"a further run failed: {again and again.error}")
    more = sorted(set(writes(live)[before:]) - REPORTING)
    proof.hold(not more, f"a further run writes: {', '.join(more)}")


def judge_inventory(live: LiveAccount, wanted: Inventory, proof: Proof) -> None:
    """Nothing is there twice, nothing is missing, nothing was left behind."""
    found = take_inventory(live)
    for kind, difference in (("too many", found - wanted), ("missing", wanted - found)):
        proof.hold(not difference, f"{kind}: {', '.join(f'{count} x {line}' for line, count in sorted(difference.items()))}")


def writes(live: LiveAccount) -> list[str]:
    """The orchestrator's actions that changed something, apart from the reports."""
    done = [entry for entry in live.calls() if entry.outcome == "ok" and "/runs/" not in entry.resource]
    return [entry.action for entry in done if not entry.action.split(":")[1].startswith(READING)]
