"""How a flow's parameter looks in the form of the Prefect UI."""

from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo


def shown(title: str, description: str, **limits: Any) -> FieldInfo:
    """For `Annotated[...]`: Prefect overwrites the title and description of an ordinary Field, but not what stands in its schema."""
    field: FieldInfo = Field(json_schema_extra={"title": title, "description": description}, **limits)
    return field
