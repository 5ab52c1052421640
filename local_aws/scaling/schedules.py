"""The times of a scheduled action: at(...), rate(...) and cron(...) expressions of Application Auto Scaling."""

import calendar
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from local_aws.call import AwsError
from local_aws.pace import Pace
from local_aws.rules import rule

API = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html"
CRON_PAGE = "https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html"

AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
FIELD = re.compile(r"(\*|\?|\d+(?:-\d+)?)(?:/(\d+))?")
UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))  # minute, hour, day, month, day of week, year
MONTHS = {name.upper(): str(number) for number, name in enumerate(calendar.month_abbr) if name}
DAYS = {name.upper(): str((number + 1) % 7 + 1) for number, name in enumerate(calendar.day_abbr)}  # 1 is Sunday
HORIZON = timedelta(days=366)


def next_time(schedule: str, zone: str, after: datetime, pace: Pace) -> datetime | None:
    """The first time after `after`; None when there is none within a year. The pace scales rates, not clock times."""
    where = time_zone(zone)
    if match := AT.fullmatch(schedule):
        moment = moment_of(match[1]).replace(tzinfo=where)
        return moment if moment > after else None
    if match := RATE.fullmatch(schedule):
        return after + timedelta(seconds=pace.seconds(int(match[1]) * UNITS[match[2]]))
    if match := CRON.fullmatch(schedule):
        return next(cron_times(one_day_left_open([*match.groups()]), after.astimezone(where)), None)
    raise AwsError("ValidationException", f"Unknown schedule expression: {schedule}. There are at(...), rate(...) and cron(...).")


@rule("Application Auto Scaling PutScheduledAction", "A time zone is one of the IANA time zone database.", API)
def time_zone(name: str) -> ZoneInfo:
    if name not in time_zones():
        raise AwsError("ValidationException", f"Invalid time zone: {name}.")
    return ZoneInfo(name)


@cache
def time_zones() -> set[str]:
    return available_timezones()


def moment_of(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise AwsError("ValidationException", f"Invalid time in a schedule expression: {text}.") from error


@rule("Application Auto Scaling PutScheduledAction", "A cron expression leaves the day of month or of week open with `?`.", CRON_PAGE)
def one_day_left_open(fields: list[str]) -> list[str]:
    if (fields[2] == "?") == (fields[4] == "?"):
        raise AwsError("ValidationException", f"A cron expression needs ? as its day of month or as its day of week: {' '.join(fields)}.")
    return fields


def cron_times(fields: list[str], after: datetime) -> Iterator[datetime]:
    sets = [members(text, index) for index, text in enumerate(fields)]
    moment = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while moment < after + HORIZON:
        date = (moment.day, moment.month, moment.isoweekday() % 7 + 1, moment.year)
        if not all(value in allowed for value, allowed in zip(date, sets[2:], strict=True)):
            moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
        elif moment.hour not in sets[1] or moment.minute not in sets[0]:
            moment += timedelta(minutes=1)
        else:
            yield moment
            moment += timedelta(minutes=1)


def members(text: str, index: int) -> set[int]:
    """The numbers that one field of a cron expression allows."""
    lowest, highest = RANGES[index]
    names = {3: MONTHS, 4: DAYS}.get(index, {})
    for name, number in names.items():
        text = text.upper().replace(name, number)
    allowed: set[int] = set()
    for part in text.split(","):
        match = FIELD.fullmatch(part)
        if match is None:
            raise AwsError("ValidationException", f"local_aws does not understand {part!r} in a cron expression.")
        first, _, last = match[1].partition("-")
        low, high = (lowest, highest) if first in "*?" else (int(first), int(last or (highest if match[2] else first)))
        if not lowest <= low <= high <= highest:
            raise AwsError("ValidationException", f"{part} is not between {lowest} and {highest} in a cron expression.")
        allowed.update(range(low, high + 1, int(match[2] or 1)))
    return allowed
