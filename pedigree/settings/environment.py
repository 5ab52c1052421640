"""Where a flow runs."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from pedigree.settings.base import Settings, Words


class Environment(Settings):
    """Where the flow runs: this credentials block decides between the laptop's embedded AWS and a real account."""

    acts_elsewhere: ClassVar[Mapping[str, str]] = {
        "credentials": "every request is signed with them",
    }

    credentials: str = Field("pedigree", title="Credentials", description="Name of the Prefect AwsCredentials block.")
    project: Annotated[
        Words,
        Field(
            min_length=2,
            max_length=20,
            description="Prefix of all names in the account, and name of the bootstrap stack.",
        ),
    ] = "pedigree"
