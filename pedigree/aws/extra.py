"""Further fields of a request that a person gave, laid into the request that we make."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pedigree.aws.errors import InvalidInput
from pedigree.aws.identity import NAMES

Request = TypeVar("Request", bound=Mapping[str, object])


def with_extra(request: Request, extra: Mapping[str, Any], setting: str) -> Request:
    """The request with the fields of the setting called `setting`; InvalidInput for one that the request has already.

    A field inside another is laid beside those that are there, and an item of a list goes into the one of its name or becomes a new one.
    """
    return cast("Request", merge(request, extra, setting, ""))  # the form has checked the fields against AWS's model of the call


def merge(request: Mapping[str, Any], extra: Mapping[str, Any], setting: str, path: str) -> dict[str, Any]:
    result = dict(request)
    for name, value in extra.items():
        here = f"{path}.{name}".lstrip(".")
        there: Any = result.get(name)
        if name not in result:
            result[name] = value
        elif isinstance(there, Mapping) and isinstance(value, Mapping):
            result[name] = merge(there, value, setting, here)
        elif by := name_in(there, value):
            named = merge({item[by]: without(item, by) for item in there}, {item[by]: without(item, by) for item in value}, setting, here)
            result[name] = [{by: each, **item} for each, item in named.items()]
        else:
            cause = f"{here} is set by this project: it is {there!r}"
            raise InvalidInput("settings", setting, cause, f"take {here} out of {setting}; another setting may decide it")
    return result


def name_in(*lists: Any) -> str | None:
    """The member by which the items of all these lists are called, None where there is none."""
    items = [item for each in lists if isinstance(each, list) for item in each]
    if not all(isinstance(each, list) for each in lists) or not items:
        return None
    return next((name for name in NAMES if all(isinstance(item, Mapping) and name in item for item in items)), None)


def without(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in item.items() if member != name}
