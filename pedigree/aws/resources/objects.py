"""Objects in the project's own bucket, from the bootstrap stack; all objects under one key are one resource."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.clients import client
from pedigree.aws.failures import told
from pedigree.aws.naming import FLOW_RUN_TAG
from pedigree.aws.objects import head
from pedigree.aws.resources.kind import TRAINING_JOB_TITLE, Billed, Layer, Owner, Resource, ResourceKind
from pedigree.values import NO_FLOW_RUN, Account

PREFIX = re.compile(r"[^/]+/[^/]*/?")  # <folder>/<key>/
GB = 2**30
AT_ONCE = 1000  # S3 takes no more


@dataclass(frozen=True, kw_only=True)
class ObjectsKind(ResourceKind):
    """All under `<folder>/<key>/`, with the old versions that a versioned bucket keeps and bills."""

    folder: str
    layer: Layer = "data"

    def find(self, account: Account) -> Iterator[Resource]:
        counts, sizes = Counter[str](), Counter[str]()
        for version in versions(account, f"{self.folder}/"):
            match = PREFIX.match(version["Key"])
            assert match is not None, "listed below the folder"
            counts[match[0]] += 1
            sizes[match[0]] += version.get("Size", 0)  # a delete marker has none
        for prefix, count in counts.items():
            key, size = prefix.split("/")[1], sizes[prefix]
            yield Resource(
                self.title, prefix, self.run_of(account, prefix, key), f"{count} objects, {size / 1e6:.1f} MB", of=key, size=size
            )

    def run_of(self, account: Account, prefix: str, key: str) -> dict[str, str]:
        """The flow run of a report, and of a served artifact, whose metadata names it; no other folder is of one run alone."""
        if self.folder == "runs":
            return {FLOW_RUN_TAG: key}
        found = head(client(account.credentials, "s3"), account.bucket, f"{prefix}model.tar.gz") if self.folder == "models" else None
        return {FLOW_RUN_TAG: found["Metadata"].get("flow-run", NO_FLOW_RUN)} if found else {}

    def billed(self, account: Account, resource: Resource) -> Billed:
        return Billed(units={"bucket_gb": resource.size / GB})

    def owner(self, resource: Resource) -> Owner | None:
        """The job of an output; they are deleted together."""
        return (TRAINING_JOB_TITLE, resource.of) if self.folder in ("training", "evaluations") else None

    def delete(self, account: Account, name: str) -> None:
        s3 = client(account.credentials, "s3")
        doomed = list(versions(account, name))
        for start in range(0, len(doomed), AT_ONCE):
            answer = s3.delete_objects(
                Bucket=account.bucket,
                Delete={
                    "Objects": [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in doomed[start : start + AT_ONCE]],
                    "Quiet": True,
                },
            )
            for error in answer.get("Errors", []):  # of single objects, in an answer that says 200
                raise told(ClientError({"Error": error}, "DeleteObjects"), "delete objects", f"s3://{account.bucket}/{name}")


def versions(account: Account, prefix: str) -> Iterator[dict[str, Any]]:
    """Every version of every object there, delete markers too."""
    pages = client(account.credentials, "s3").get_paginator("list_object_versions").paginate(Bucket=account.bucket, Prefix=prefix)
    return (dict(version) for page in pages for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])])
