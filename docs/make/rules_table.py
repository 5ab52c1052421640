"""The table of the rules of AWS in docs/local-aws.md, made of what local_aws declares.

python -m docs.make.rules_table      # writes it into the page
"""

import re
from pathlib import Path

import local_aws.server  # noqa: F401 - imports all that declares a rule
from local_aws.rules import RULES
from pedigree.text import table

PAGE = Path(__file__).parents[1] / "local-aws.md"
TABLE = re.compile(r"^\| calls \| rule \| page \|\n(?:\|.*\n)+", re.MULTILINE)


def rules_table() -> str:
    rows = sorted((rule.calls, rule.says, f"[page]({rule.page})") for rule in RULES)
    return table(("calls", "rule", "page"), rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(TABLE.sub(lambda _: rules_table(), PAGE.read_text()))
