"""The base class of all settings groups."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

WORDS = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"  # of names: `--` is what stands between the parts of a resource's name


class Settings(BaseModel):
    """One group of the form.

    `acts_elsewhere` declares, each with the reason, the fields that change neither a request to AWS nor a key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    acts_elsewhere: ClassVar[Mapping[str, str]] = {}
