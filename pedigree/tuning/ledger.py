"""The record of a study in S3: each proposal before its job is created, and each pruning before its job is stopped.

The other results of a trial are in its job. Every object is written once, so that a second run uses the objects of the first run.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.clients import S3Client
from pedigree.aws.errors import code_of
from pedigree.aws.objects import read_json
from pedigree.tuning.space import Parameters


@dataclass(frozen=True)
class Pruning:
    """The name of a stopped job, and its validation losses by epoch until then."""

    job_name: str
    losses: dict[int, float]


@dataclass(frozen=True)
class Ledger:
    s3: S3Client
    bucket: str
    key: str

    def proposal(self, number: int) -> Parameters | None:
        found: Parameters | None = read_json(self.s3, self.bucket, self._name(number, "proposal"))
        return found

    def propose(self, number: int, parameters: Parameters) -> Parameters:
        """Write a proposal, unless the trial has one already, and return the recorded proposal."""
        stands: Parameters = self._write_once(self._name(number, "proposal"), parameters)
        return stands

    def pruning(self, number: int) -> Pruning | None:
        found = read_json(self.s3, self.bucket, self._name(number, "pruned"))
        return found and Pruning(found["job_name"], {int(epoch): loss for epoch, loss in found["losses"].items()})

    def prune(self, number: int, pruning: Pruning) -> None:
        self._write_once(self._name(number, "pruned"), asdict(pruning))

    def _name(self, number: int, what: str) -> str:
        return f"tuning/{self.key}/{number:03}-{what}.json"

    def _write_once(self, name: str, value: Any) -> Any:
        try:
            self.s3.put_object(
                Bucket=self.bucket, Key=name, Body=json.dumps(value).encode(), ContentType="application/json", IfNoneMatch="*"
            )
        except ClientError as error:
            if code_of(error) != "PreconditionFailed":
                raise
            return read_json(self.s3, self.bucket, name)
        return value
