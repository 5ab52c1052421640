"""Kill, fail and deny at every point of every scenario: `make chaos`. The figures of a whole run are kept.

python -m benchmarks.chaos                       # everything, and keep the figures
python -m benchmarks.chaos update retrain        # these scenarios only, and keep nothing
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from benchmarks.chaos.faults import FAULTS
from benchmarks.chaos.proof import Proof, deny_everywhere, fail_everywhere, kill_everywhere, kill_then_deny
from benchmarks.chaos.scenarios import SCENARIOS, Scenario
from benchmarks.chaos.world import World, new_world
from benchmarks.results import record
from pedigree.text import did_you_mean

Prove = Callable[[World, Scenario], Proof]
KINDS: dict[str, tuple[Prove, ...]] = {
    "kill points": (kill_everywhere,),
    "faults": (*(partial(fail_everywhere, fault=fault) for fault in FAULTS), deny_everywhere),
    "pairs": (kill_then_deny,),
}


def main(names: list[str]) -> int:
    if unknown := set(names) - {scenario.name for scenario in SCENARIOS}:
        print(f"There is no scenario {min(unknown)}: {did_you_mean(min(unknown), [scenario.name for scenario in SCENARIOS])}")
        return 2
    chosen = [scenario for scenario in SCENARIOS if not names or scenario.name in names]
    with new_world() as world:
        found = {kind: list(each_proof(world, chosen, proves)) for kind, proves in KINDS.items()}
    for kind, proofs in found.items():
        print(f"{kind}: {survived(proofs)}/{total(proofs)}")
    if not names:
        record("chaos", **{kind.replace(" ", "_"): figures(proofs) for kind, proofs in found.items()})
    return int(any(proof.broken for proofs in found.values() for proof in proofs))


def each_proof(world: World, scenarios: Iterable[Scenario], proves: Iterable[Prove]) -> Iterator[Proof]:
    for scenario in scenarios:
        for prove in proves:
            proof = prove(world, scenario)
            print(f"{proof.scenario}: {len(proof.points)} points{''.join(f'; BROKEN: {text}' for text in proof.broken)}", flush=True)
            yield proof


def total(proofs: Iterable[Proof]) -> int:
    return sum(len(proof.points) for proof in proofs)


def survived(proofs: Iterable[Proof]) -> int:
    """The points of the proofs in which everything held."""
    return total(proof for proof in proofs if not proof.broken)


def figures(proofs: list[Proof]) -> dict[str, object]:
    return {
        "survived": survived(proofs),
        "total": total(proofs),
        "by_scenario": {proof.scenario: len(proof.points) for proof in proofs},
        "broken": [text for proof in proofs for text in proof.broken],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
