"""The times of scheduled actions, as Application Auto Scaling takes them.

https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

EXAMPLES = "cron(0 8 ? * MON-FRI *), rate(1 day) or at(2026-12-24T08:00:00)"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
RATE = re.compile(r"[1-9]\d* (minute|hour|day)s?", re.ASCII)


@dataclass(frozen=True)
class CronField:
    """One field of a cron expression: its numbers, their names, and what else may stand there."""

    name: str
    lowest: int
    highest: int
    names: Mapping[str, int] = field(default_factory=dict)
    others: str = "(?!)"

    def allows(self, text: str) -> bool:
        return all(re.fullmatch(self.others, part) or self._allows_part(part) for part in text.upper().split(","))

    def _allows_part(self, part: str) -> bool:
        """Whether it is `*`, a number, a range of numbers, or one of these with a step behind `/`."""
        numbers, slash, step = part.partition("/")
        if slash and not (step.isdecimal() and int(step) > 0):
            return False
        return numbers == "*" or all(map(self._allows_number, numbers.split("-", 1)))

    def _allows_number(self, text: str) -> bool:
        number = self.names.get(text, int(text) if text.isdecimal() else -1)
        return self.lowest <= number <= self.highest


MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
DAYS = {name.upper(): (number + 1) % 7 + 1 for number, name in enumerate(calendar.day_abbr)}  # 1 is Sunday
CRON = (
    CronField("minutes", 0, 59),
    CronField("hours", 0, 23),
    CronField("day of month", 1, 31, others=r"\?|L|LW|([1-9]|[12]\d|3[01])W"),
    CronField("month", 1, 12, MONTHS),
    CronField("day of week", 1, 7, DAYS, others=r"\?|L|[1-7]L|[1-7]#[1-5]"),
    CronField("year", 1970, 2199),
)


def require_schedule(text: str) -> str:
    """Return the schedule; ValueError says what AWS would refuse in it."""
    kind, _, rest = text.partition("(")
    rules = {"at": require_moment, "rate": require_rate, "cron": require_cron}
    if kind not in rules or not rest.endswith(")") or not text.isascii():
        raise ValueError(f"{text!r} is no schedule: write it as {EXAMPLES}")
    rules[kind](text, rest[:-1])
    return text


def require_moment(text: str, moment: str) -> None:
    try:
        if MOMENT.fullmatch(moment) and datetime.fromisoformat(moment):
            return
    except ValueError:
        pass  # of the right form, but no such day or hour
    raise ValueError(f"{text} is no time: write date and time of the field timezone, such as at(2026-12-24T08:00:00)")


def require_rate(text: str, rate: str) -> None:
    if RATE.fullmatch(rate) is None:
        raise ValueError(f"{text} is no rate: write a number from 1 on with minutes, hours or days, such as rate(5 minutes)")


def require_cron(text: str, expression: str) -> None:
    fields = expression.split()
    if len(fields) != len(CRON):
        cause = f"{text} has {len(fields)} fields, and AWS takes six: {', '.join(each.name for each in CRON)}"
        raise ValueError(f"{cause}; write such as cron(0 8 * * ? *) for every day at 8")
    for rule, value in zip(CRON, fields, strict=True):
        if not rule.allows(value):
            raise ValueError(f"{text}: {value} cannot stand for {rule.name}: write from {rule.lowest} to {rule.highest}")
    if (fields[2] == "?") == (fields[4] == "?"):
        raise ValueError(f"{text}: write ? either as the day of month or as the day of week, such as cron(0 8 * * ? *)")


@cache
def timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def require_timezone(name: str) -> str:
    """Return the name of a time zone; ValueError names the nearest ones."""
    if name in timezones():
        return name
    near = get_close_matches(name, timezones()) or ["UTC", "Europe/Berlin"]
    raise ValueError(f"there is no time zone {name}: choose {' or '.join(near)}, or another name of the IANA time zone database")


When = Annotated[str, AfterValidator(require_schedule), Field(description=f"A time such as {EXAMPLES}.")]
Timezone = Annotated[str, AfterValidator(require_timezone)]
