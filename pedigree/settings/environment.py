"""Where a flow runs."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pedigree.settings.base import Settings, Words

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]


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
    log_days: LogDays = Field(90, description="Days after which CloudWatch deletes the log lines of jobs, endpoint and function.")
