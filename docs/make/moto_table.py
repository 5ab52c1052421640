"""The tables of moto's own tests in docs/local-aws.md, made of the results that their run recorded.

python -m docs.make.moto_table           # into docs/local-aws.md
"""

from typing import Any

from benchmarks.results import recorded
from docs.make.operations_table import PAGE, between
from pedigree.text import table
from tests.clients.moto_causes import GROUPS, OURS

BEGIN, END = "<!-- moto: python -m docs.make.moto_table -->", "<!-- end of moto -->"


def main() -> None:
    PAGE.write_text(between(BEGIN, END, PAGE.read_text(), moto_tables()))


def moto_tables() -> str:
    measured = recorded("moto_tests")
    services: dict[str, dict[str, Any]] = measured["services"]
    last = max(each["date"] for each in services.values())
    counts = {name: counts_of(each) for name, each in services.items()}
    counts["all"] = [sum(column) for column in zip(*counts.values(), strict=True)]
    rows = [(name, *map(str, numbers)) for name, numbers in counts.items()]
    results = table((f"moto {measured['moto']}, {last}", "pass", "skipped", "fail", "ours"), rows)
    explained = [row for row in causes(services) if row[-1]]
    return f"{results}\n\n{table(('', 'cause of a failure', 'evidence', 'failures'), explained)}"


def counts_of(service: dict[str, Any]) -> list[int]:
    failed: dict[str, int] = service["failed"]
    return [service["passed"], service["skipped"], sum(failed.values()), failed.get(OURS, 0)]


def causes(services: dict[str, dict[str, Any]]) -> list[tuple[str, ...]]:
    """Each cause with its evidence and the count of every service."""
    return [
        (group, cause.name, f"[page]({cause.evidence.removeprefix('local-aws.md')})", failures(cause.name, services))
        for group, members in GROUPS.items()
        for cause in members
    ]


def failures(cause: str, services: dict[str, dict[str, Any]]) -> str:
    return ", ".join(f"{name} {each['failed'][cause]}" for name, each in services.items() if cause in each["failed"])


if __name__ == "__main__":
    main()
