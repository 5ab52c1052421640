"""The walker over botocore's input shapes: what is wrong with the parameters of a call, compiled once for each operation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.core.utils import get_service_model

from local_aws.validation.constraints import REQUIRED, Constraint, Shape, constraints

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "blob": (bytes, str),
    "list": list,
    "map": dict,
    "structure": dict,
}


@dataclass(frozen=True)
class Violation:
    """A value that breaks a constraint; `path` names it as AWS does, `member` is its name in the model, a missing value is None."""

    path: str
    member: str
    value: Any
    constraint: Constraint
    shape: Shape


Check = Callable[[Any, str, list[Violation]], None]  # (value, path, violations found so far)


def violations(service: str, operation: str, parameters: Mapping[str, Any]) -> list[Violation]:
    """Everything in the parameters that the input shape of an operation forbids, in the order of the model."""
    check = compile_operation(service, operation)
    found: list[Violation] = []
    if check is not None:
        check(parameters, "", found)
    return found


@cache
def compile_operation(service: str, operation: str) -> Check | None:
    shape = get_service_model(service).operation_model(operation).input_shape
    return compile_shape(shape, shape.name, {}) if shape else None


def compile_shape(shape: Shape, member: str, known: dict[str, Check]) -> Check:
    """The check of a shape; `known` holds the structures that are being compiled, because a structure can contain itself."""
    if shape.type_name == "structure":
        return known.get(shape.name) or compile_structure(shape, member, known)
    if shape.type_name == "list":
        return compile_list(shape, member, known)
    if shape.type_name == "map":
        return compile_map(shape, member, known)
    return compile_value(shape, member)


def compile_value(shape: Shape, member: str) -> Check:
    """The check of the value itself: its type, then its constraints."""
    expected, rules = TYPES.get(shape.type_name, object), tuple(constraints(shape))
    if shape.serialization.get("jsonvalue"):  # moto has parsed the string, to a value of any type
        expected, rules = object, ()
    mistyped, truth = Constraint("type", shape.type_name), expected in (bool, object)

    def check(value: Any, path: str, found: list[Violation]) -> None:
        if not isinstance(value, expected) or (value.__class__ is bool and not truth):
            found.append(Violation(path, member, value, mistyped, shape))
            return
        for rule in rules:
            if not rule.holds(value):
                found.append(Violation(path, member, value, rule, shape))

    return check


def compile_structure(shape: Shape, member: str, known: dict[str, Check]) -> Check:
    required = [(name, camel(name), shape.members[name]) for name in shape.required_members]
    members: dict[str, tuple[str, Check]] = {}
    itself = compile_value(shape, member)

    def check(value: Any, path: str, found: list[Violation]) -> None:
        if not isinstance(value, dict):
            itself(value, path, found)
            return
        prefix = path and f"{path}."
        for name, aws_name, inner in required:
            if value.get(name) is None:
                found.append(Violation(prefix + aws_name, name, None, REQUIRED, inner))
        for name, given in value.items():
            if given is not None and name in members:
                aws_name, check_member = members[name]
                check_member(given, prefix + aws_name, found)

    if not getattr(shape, "is_document_type", False):
        known[shape.name] = check
        members.update({name: (camel(name), compile_shape(inner, name, known)) for name, inner in shape.members.items()})
    return check


def compile_list(shape: Shape, member: str, known: dict[str, Check]) -> Check:
    itself, inner = compile_value(shape, member), compile_shape(shape.member, member, known)
    simple = simple_items(shape, shape.member, member, "Member")

    def check(value: Any, path: str, found: list[Violation]) -> None:
        itself(value, path, found)
        if not isinstance(value, list):
            return
        if simple is not None:
            simple(value, value, path, found)
            return
        for number, item in enumerate(value, 1):
            inner(item, f"{path}.{number}.member", found)

    return check


def compile_map(shape: Shape, member: str, known: dict[str, Check]) -> Check:
    itself, inner = compile_value(shape, member), compile_shape(shape.value, member, known)
    keys = simple_items(shape, shape.key, member, "Map keys")
    simple = simple_items(shape, shape.value, member, "Map value")

    def check(value: Any, path: str, found: list[Violation]) -> None:
        itself(value, path, found)
        if not isinstance(value, dict):
            return
        if keys is not None:
            keys(value, value, path, found)
        if simple is not None:
            simple(value.values(), value, path, found)
            return
        for key, item in value.items():
            inner(item, f"{path}.{key}.member", found)

    return check


def simple_items(whole: Shape, item: Shape, member: str, noun: str) -> Callable[[Any, Any, str, list[Violation]], None] | None:
    """The check of items that are no structures: AWS then shows the whole list or map, with all constraints of its items."""
    if item.type_name in ("structure", "list", "map"):
        return None
    check, told = compile_value(item, member), ", ".join(rule.text for rule in constraints(item))
    broken = Constraint("items", f"{noun} must satisfy constraint: [{told}]")

    def check_all(items: Any, value: Any, path: str, found: list[Violation]) -> None:
        inside: list[Violation] = []
        for one in items:
            check(one, path, inside)
        mistyped = [violation for violation in inside if violation.constraint.kind == "type"]
        found.extend(mistyped or [Violation(path, member, value, broken, whole)] * bool(inside))

    return check_all


def camel(name: str) -> str:
    return name[:1].lower() + name[1:]
