"""Training on an EC2 instance."""

from typing import Literal

from pydantic import Field

from pedigree.settings.base import Settings


class Ec2(Settings):
    """Training on an EC2 instance, which the run starts before and terminates after; the group `training` holds its other settings."""

    enabled: bool = Field(default=False, description="Train on an EC2 instance too, and choose the better model.")
    instance_type: Literal["m5.xlarge", "g4dn.xlarge"] = Field("m5.xlarge", description="EC2 instance type; g4dn.xlarge has a GPU.")
