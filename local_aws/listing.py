"""Paging, filtering and sorting, which AWS's List operations share."""

from collections.abc import Mapping, Sequence
from typing import Any

DEFAULT_PAGE = 10


def page(
    summaries: Sequence[dict[str, Any]], parameters: Mapping[str, Any], *, member: str, name: str, status: str | None = None
) -> dict[str, Any]:
    """The answer of a SageMaker List operation: `member` holds the page, `name` and `status` are members of the summaries."""
    kept = [summary for summary in summaries if matches(summary, parameters, name=name, status=status)]
    order = {"Name": name, "Status": status}.get(parameters.get("SortBy", ""), "CreationTime")
    kept.sort(key=lambda summary: summary[order or "CreationTime"], reverse=parameters.get("SortOrder") == "Descending")
    start = int(parameters.get("NextToken") or 0)
    end = start + int(parameters.get("MaxResults") or DEFAULT_PAGE)
    return {member: kept[start:end]} | ({"NextToken": str(end)} if end < len(kept) else {})


def matches(summary: Mapping[str, Any], parameters: Mapping[str, Any], *, name: str, status: str | None) -> bool:
    if parameters.get("NameContains", "") not in summary[name]:
        return False
    if status and parameters.get("StatusEquals") not in (None, summary[status]):
        return False
    return all(
        (f"{time}After" not in parameters or summary[time] > parameters[f"{time}After"])
        and (f"{time}Before" not in parameters or summary[time] < parameters[f"{time}Before"])
        for time in ("CreationTime", "LastModifiedTime")
    )
