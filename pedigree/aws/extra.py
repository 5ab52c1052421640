"""Further fields that a person gave, merged into our own request."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pedigree.aws.errors import InvalidInput
from pedigree.aws.identity import NAMES

Request = TypeVar("Request", bound=Mapping[str, object])


def with_extra(request: Request, extra: Mapping[str, Any], setting: str) -> Request:
    """Merge the fields `extra` of the setting called `setting` into the request; InvalidInput for a field that it has already.

    Nested fields are merged too. An item of a list is merged with the item of the same name, or added.
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
    """The member that names the items of all these lists, None when they have no name."""
    items = [item for each in lists if isinstance(each, list) for item in each]
    if not all(isinstance(each, list) for each in lists) or not items:
        return None
    return next((name for name in NAMES if all(isinstance(item, Mapping) and name in item for item in items)), None)


def without(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in item.items() if member != name}
