"""S3's records in the memory: a row for each bucket, for all versions of a key, and for each upload in parts.

Bodies lie in files. A file is deleted when no row names it any more: after the change of the row is written, or at the next start.
"""

import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from moto.backends import get_backend

from local_aws.call import Call
from local_aws.memory.memory import Memory
from local_aws.store.bodies import delete_closed, delete_others

CONTENT = ("keys", "multiparts")  # of a bucket: they have rows of their own
IN_PARTS = ("CreateMultipartUpload", "UploadPart", "UploadPartCopy", "AbortMultipartUpload", "CompleteMultipartUpload")


class Named(NamedTuple):
    """One row: what it holds, with the tags of it, which moto keeps apart."""

    bucket: str
    name: str
    record: Any
    tags: Mapping[str, Any]


class StoreRecords:
    """The rows of S3 in one account; a change is written under a lock, so that the row of the latest change stays."""

    def __init__(self, memory: Memory, account: str) -> None:
        self._account, self._lock = account, threading.Lock()
        self._buckets, self._keys, self._uploads = (memory.rows(name) for name in ("buckets", "keys", "uploads"))
        memory.keep_by("s3", self.keep)

    @property
    def _books(self) -> Any:
        return get_backend("s3")[self._account]["aws"]

    def restore(self, folder: Path) -> None:
        """Give moto its buckets, keys and uploads back; bodies in `folder` that none of them names are deleted."""
        for row in self._buckets.all().values():
            self._books.buckets[row.bucket] = made_of(row.bucket, self._account, row.record)
            self._books.tagger.tags.update(row.tags)
        for row in self._keys.all().values():
            self._books.buckets[row.bucket].keys.setlist(row.name, row.record)
            self._books.tagger.tags.update(row.tags)
        for row in self._uploads.all().values():
            self._books.buckets[row.bucket].multiparts[row.name] = row.record
        delete_others(folder)

    def keep(self, call: Call) -> bool:
        """Keep what a call has changed, of S3 one bucket, key or upload, of CloudFormation any bucket; False when the memory is closed."""
        asked = call.parameters
        bucket = asked.get("Bucket") if call.service == "s3" else None
        with self._lock:
            if bucket is None:
                kept = self._keep_buckets({*self._books.buckets, *self._buckets.names()})
            elif call.operation in IN_PARTS:
                kept = self._keep_keys(bucket, [asked["Key"]]) and self._keep_uploads(bucket, asked["Key"], asked.get("UploadId"))
            elif "Key" in asked or "Delete" in asked:
                kept = self._keep_keys(bucket, [asked["Key"]] if "Key" in asked else [each["Key"] for each in asked["Delete"]["Objects"]])
            else:
                kept = self._keep_buckets([bucket])
        if kept:
            delete_closed()
        return kept

    def _keep_buckets(self, names: Iterable[str]) -> bool:
        """Keep buckets, or forget them with all that was in them."""
        changes = {name: self._bucket(name) for name in names}
        for gone in [name for name, bucket in changes.items() if bucket is None]:
            for rows in (self._keys, self._uploads):
                rows.change({key: None for key in rows.names() if key.startswith(f"{gone}/")})
        return self._buckets.change(changes, "s3")

    def _bucket(self, name: str) -> Named | None:
        bucket = self._books.buckets.get(name)
        if bucket is None:
            return None
        own = {attribute: value for attribute, value in vars(bucket).items() if attribute not in CONTENT}
        return Named(name, "", own, self._tags([bucket.arn]))

    def _keep_keys(self, bucket: str, names: Iterable[str]) -> bool:
        return self._keys.change({f"{bucket}/{name}": self._versions(bucket, name) for name in names}, "s3")

    def _versions(self, bucket: str, name: str) -> Named | None:
        known = self._books.buckets.get(bucket)
        versions = known and known.keys.getlist(name)
        if not versions:
            return None
        return Named(bucket, name, versions, self._tags(version.arn for version in versions if hasattr(version, "arn")))

    def _keep_uploads(self, bucket: str, key: str, upload: str | None) -> bool:
        """Keep an upload, or forget it when it is over; a call that has begun one does not name it."""
        known = self._books.buckets.get(bucket)
        uploads = known.multiparts if known else {}
        ids = [upload] if upload else [each.id for each in list(uploads.values()) if each.key_name == key]
        rows = {f"{bucket}/{each}": Named(bucket, each, uploads[each], {}) if each in uploads else None for each in ids}
        return self._uploads.change(rows, "s3")

    def _tags(self, arns: Iterable[str]) -> dict[str, Any]:
        tags = self._books.tagger.tags
        return {arn: dict(tags[arn]) for arn in arns if arn in tags}


def made_of(name: str, account: str, record: Mapping[str, Any]) -> Any:
    """moto's bucket with these attributes."""
    from moto.s3.models import FakeBucket

    make: Any = FakeBucket  # abstract in its types
    bucket = make(name, account, record["region_name"])
    vars(bucket).update(record)
    return bucket
