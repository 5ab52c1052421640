"""Format the checks as lines for the terminal."""

from textwrap import indent

from rich.text import Text

from deployments.preflight.check import Check

COLORS = {"OK": "green", "MISSING": "red", "UNKNOWN": "yellow"}
WIDTH, NAME_WIDTH = max(map(len, COLORS)) + 2, 20


def line(check: Check) -> Text:
    """Format status, name and finding; the repair is on separate lines, so that a command can be copied whole."""
    answer = check.answer
    text = Text.assemble((f"{answer.status:{WIDTH}}", COLORS[answer.status]), (f"{check.name:{NAME_WIDTH}}", "bold"), answer.finding)
    return text.append(indent(f"\n{answer.repair}", " " * (WIDTH + NAME_WIDTH)), "cyan") if answer.repair else text


def summary(checks: list[Check]) -> str:
    missing, unknown = (sum(check.answer.status == status for check in checks) for status in ("MISSING", "UNKNOWN"))
    if missing:
        return f"{missing} missing, {unknown} unknown: repair what is missing, then check again."
    return f"Nothing is missing, {unknown} could not be checked." if unknown else "Nothing is missing."
