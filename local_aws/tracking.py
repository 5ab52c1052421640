"""moto's lists of all objects that it ever made, which its dashboard shows, are switched off: they keep deleted objects alive."""

from typing import Any

from moto.core.common_models import BaseModel


def track_nothing() -> None:
    """Let moto make its records without writing them down."""
    BaseModel.__new__ = make_untracked  # type: ignore[method-assign,assignment]


def make_untracked(model: type[BaseModel], *_given: Any, **_named: Any) -> Any:
    return super(BaseModel, model).__new__(model)
