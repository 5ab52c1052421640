"""The table of operations in docs/local-aws.md, made of what the services execute and of what the catalogue keeps.

python -m docs.make.operations_table     # into docs/local-aws.md
"""

import re
import tempfile
from pathlib import Path

from local_aws.call import Operations
from local_aws.catalogue import KEPT
from local_aws.server import LocalAws, all_operations
from pedigree.text import table

PAGE = Path(__file__).parents[1] / "local-aws.md"
BEGIN, END = "<!-- operations: python -m docs.make.operations_table -->", "<!-- end of operations -->"
HEADER = ("service", "executed", "kept", "what is kept")


def main() -> None:
    PAGE.write_text(between(BEGIN, END, PAGE.read_text(), operations_table(executed_operations())))


def executed_operations() -> Operations:
    """Those of a local_aws that answers nobody and has ended."""
    with tempfile.TemporaryDirectory() as folder:
        aws = LocalAws("127.0.0.1", 0, Path(folder) / "state")
        operations = all_operations(aws._services)
        aws._server.server_close()
        for service in aws._services:
            service.close()
    return operations


def operations_table(executed: Operations) -> str:
    return table(HEADER, [row(service, executed) for service in sorted({service for service, _ in executed} | KEPT.keys())])


def row(service: str, executed: Operations) -> tuple[str, ...]:
    records = KEPT.get(service)
    done = " ".join(sorted(name for other, name in executed if other == service))
    return (f"`{service}`", done, " ".join(sorted(records.operations)) if records else "", records.what if records else "")


def between(begin: str, end: str, page: str, rows: str) -> str:
    """The page with these rows between its two comments."""
    return re.sub(f"{begin}.*{end}", lambda _: f"{begin}\n\n{rows}\n\n{end}", page, flags=re.DOTALL)


if __name__ == "__main__":
    main()
