"""The base class of all settings groups."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic.fields import ComputedFieldInfo, FieldInfo

from pedigree.text import did_you_mean

WORDS = re.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*")  # of names: `--` is what stands between the parts of a resource's name

SPELLED = {"cpu": "CPU", "gb": "GB", "mb": "MB", "url": "URL", "usd": "USD"}


def label(name: str, _field: FieldInfo | ComputedFieldInfo) -> str:
    """The field as the form calls it: `volume_gb` is `Volume GB`."""
    words = " ".join(SPELLED.get(word, word) for word in name.split("_"))
    return words[0].upper() + words[1:]


def require_words(name: str) -> str:
    """Return the name; ValueError for one that is not made of words and hyphens."""
    if WORDS.fullmatch(name) is None:
        raise ValueError(f"{name!r} cannot be a name: begin with a small letter, and use small letters, digits and single hyphens inside")
    return name


Words = Annotated[str, AfterValidator(require_words)]


class Settings(BaseModel):
    """One group of the form.

    `acts_elsewhere` declares, each with the reason, the fields that change neither a request to AWS nor a key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, field_title_generator=label)
    acts_elsewhere: ClassVar[Mapping[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def every_field_is_known(cls, values: Any) -> Any:
        for name in values if isinstance(values, Mapping) else ():
            if name not in cls.model_fields:
                raise ValueError(f"there is no field {name}: {did_you_mean(name, cls.model_fields)}")
        return values
