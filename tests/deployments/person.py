"""A person with an AWS configuration whose profiles reach the embedded AWS, as others reach an account."""

import uuid
from pathlib import Path
from typing import Any

from local_aws.cloud import ACCOUNT, REGION
from tests.lab.running_aws import RunningAws, allow


class Person:
    """Has the profiles admin, guest (may do nothing), empty (no credentials) and placeless (no region); `config` is the file."""

    def __init__(self, aws: RunningAws, config: Path) -> None:
        self.aws, self.config = aws, config
        self.project = f"b{uuid.uuid4().hex[:8]}"
        config.touch()
        self.add_profile("admin", **aws.admin)
        self.add_profile("guest", **aws.as_role(allow("sts:GetCallerIdentity", "*")))
        self.add_profile("empty")
        with config.open("a") as file:
            file.write("[profile placeless]\n")

    @property
    def bucket(self) -> str:
        return f"{self.project}-{ACCOUNT}-{REGION}"

    def add_profile(self, name: str, **settings: str) -> None:
        where = {"endpoint_url": self.aws.url, "region": REGION}
        lines = [f"[profile {name}]", *(f"{key.lower()} = {value}" for key, value in (settings | where).items())]
        with self.config.open("a") as file:
            file.write("\n".join(lines) + "\n")

    def client(self, service: str) -> Any:
        """A client of the administrator."""
        return self.aws.client(service)
