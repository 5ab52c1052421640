"""The table of ignored members in docs/local-aws.md, made of what `local_aws/members/` declares.

python -m docs.make.members_table     # into docs/local-aws.md
"""

from docs.make.operations_table import PAGE, between
from local_aws.members.check import TABLES
from pedigree.text import table

BEGIN, END = "<!-- members: python -m docs.make.members_table -->", "<!-- end of members -->"
HEADER = ("service", "operation", "ignored", "because")


def main() -> None:
    PAGE.write_text(between(BEGIN, END, PAGE.read_text(), members_table()))


def members_table() -> str:
    operations = [(service, name, reasons) for each in TABLES for service, names in each.IGNORED.items() for name, reasons in names.items()]
    rows = [
        (f"`{service}`", name, ", ".join(paths.split()), reason)
        for service, name, reasons in sorted(operations, key=lambda each: each[:2])
        for paths, reason in reasons.items()
    ]
    return table(HEADER, rows)


if __name__ == "__main__":
    main()
