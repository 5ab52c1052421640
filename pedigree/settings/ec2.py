"""Training on an EC2 instance."""

from typing import Literal

from pydantic import Field

from pedigree.settings.base import Settings


class Ec2(Settings):
    """Training on an EC2 instance that is started for it and terminated after it; how it trains, the group `training` says."""

    enabled: bool = Field(default=False, description="Train there too, and take the better model.")
    instance_type: Literal["m5.xlarge", "g4dn.xlarge"] = Field("m5.xlarge", description="EC2 instance type; g4dn.xlarge has a GPU.")
