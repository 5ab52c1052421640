"""The base class of all settings groups."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.fields import ComputedFieldInfo, FieldInfo

WORDS = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"  # of names: `--` is what stands between the parts of a resource's name

SPELLED = {"cpu": "CPU", "gb": "GB", "mb": "MB", "url": "URL", "usd": "USD"}


def label(name: str, _field: FieldInfo | ComputedFieldInfo) -> str:
    """The field as the form calls it: `volume_gb` is `Volume GB`."""
    words = " ".join(SPELLED.get(word, word) for word in name.split("_"))
    return words[0].upper() + words[1:]


class Settings(BaseModel):
    """One group of the form.

    `acts_elsewhere` declares, each with the reason, the fields that change neither a request to AWS nor a key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", field_title_generator=label)
    acts_elsewhere: ClassVar[Mapping[str, str]] = {}
