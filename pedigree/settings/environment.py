"""Where a flow runs."""

from typing import Annotated

from pydantic import Field

from pedigree.settings.base import Settings


class Environment(Settings):
    """Where it runs: the same code reaches the laptop's embedded AWS and a real account through the block named here."""

    credentials: str = Field("pedigree", title="Credentials", description="Name of the Prefect AwsCredentials block.")
    project: Annotated[
        str,
        Field(
            pattern="^[a-z][a-z0-9-]{0,18}[a-z0-9]$",
            description="Prefix of every name in the account, and the name of its bootstrap stack.",
        ),
    ] = "pedigree"
