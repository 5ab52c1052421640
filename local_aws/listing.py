"""Paging, filtering and sorting, which AWS's List operations share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from local_aws.call import AwsError
from local_aws.rules import rule

DEFAULT_PAGE = 10
T = TypeVar("T")


def page(
    summaries: Sequence[dict[str, Any]],
    parameters: Mapping[str, Any],
    *,
    member: str,
    name: str,
    status: str | None = None,
    key: Callable[[dict[str, Any]], Any] | None = None,
) -> dict[str, Any]:
    """The answer of a SageMaker List operation: `member` holds the page, `name` and `status` are members of the summaries.

    A `key` sorts in place of the parameter SortBy.
    """
    kept = [summary for summary in summaries if matches(summary, parameters, name=name, status=status)]
    order = {"Name": name, "Status": status}.get(parameters.get("SortBy", ""), "CreationTime")
    kept.sort(key=key or (lambda summary: summary[order or "CreationTime"]), reverse=newest_first(parameters))
    found, token = cut(kept, parameters, "ValidationException", most=DEFAULT_PAGE)
    return {member: found} | token


@rule(
    "SageMaker List operations",
    "Without SortOrder the newest come first.",
    "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListEndpoints.html",
)
def newest_first(parameters: Mapping[str, Any]) -> bool:
    return bool(parameters.get("SortOrder", "Descending") == "Descending")


def cut(entries: Sequence[T], parameters: Mapping[str, Any], code: str, *, most: int) -> tuple[Sequence[T], dict[str, str]]:
    """The entries of the page that NextToken and MaxResults ask for, and the NextToken of the answer; AwsError with `code`."""
    token = str(parameters.get("NextToken") or "0")
    if not (token.isascii() and token.isdigit()):
        raise AwsError(code, f"Invalid NextToken: {token} is not from an answer of this operation.", status=400)
    start = int(token)
    end = start + int(parameters.get("MaxResults") or most)
    return entries[start:end], {"NextToken": str(end)} if end < len(entries) else {}


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
