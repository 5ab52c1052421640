"""A front door that refuses is as wrong as one that answers wrong."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pedigree.artifact.golden import Golden, GoldenImage
from pedigree.aws.errors import SmokeTestFailed
from pedigree.function import smoke
from pedigree.values import Account, FunctionVersion, ModelVersion

ACCOUNT = Account("block", "pets", "us-east-1", "bucket", "arn:t", "arn:s", "arn:f", "arn:n")
FUNCTION = FunctionVersion("pets", "k", "1", "live", 5, 3, "created")
VERSION = ModelVersion("arn:package/1", "k", "s3://bucket/model.tar.gz", "created")


class Refusing:
    def invoke(self, **_request: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, "Invoke")


def test_a_refused_call_fails_the_test_so_that_the_run_is_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "client", lambda *_: Refusing())
    monkeypatch.setattr(smoke, "read_golden", lambda *_: Golden(["a", "b"], 0.1, [GoldenImage("0.jpg", "a", b"", [1.0, 0.0])]))
    with pytest.raises(SmokeTestFailed, match=r"0\.jpg: .*AccessDeniedException"):
        smoke.smoke_test(ACCOUNT, FUNCTION, VERSION)
