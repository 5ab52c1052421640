"""A dataset on its way into a real bucket: once, resumable, manifest last."""

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from pedigree.aws.errors import AwsDenied, AwsThrottled, InvalidInput, may_pass
from pedigree.dataset import shards
from pedigree.dataset.inspect import inspect_dataset
from pedigree.dataset.upload import upload_dataset
from pedigree.settings import Training
from pedigree.values import Dataset
from tests.lab.live_account import LiveAccount

FILES = [f"{split}/{label}/{number}.png" for split in ("train", "valid", "test") for label in "ab" for number in (1, 2)]
SHARDS = {"train/00000.tar", "train/00001.tar", "valid/00000.tar", "valid/00001.tar", "test/00000.tar", "test/00001.tar"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve different images that make two shards a split."""
    for number, name in enumerate(FILES):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 16), (number, 0, 0)).save(path)
    monkeypatch.setattr(shards, "SHARD_BYTES", 2 * path.stat().st_size)
    return tmp_path / "data"


def upload(live: LiveAccount, uri: str) -> Dataset:
    return upload_dataset(live.account, inspect_dataset(live.account, uri))


def test_it_is_uploaded_once_and_then_adopted(live: LiveAccount, folder: Path) -> None:
    first = upload(live, str(folder))
    assert (first.outcome, first.classes, first.counts) == ("created", ("a", "b"), {"train": 4, "valid": 4, "test": 4})
    assert puts(live)[-1] == f"{prefix_of(first.key)}manifest.json"
    assert set(puts(live)[:-1]) == {prefix_of(first.key) + name for name in SHARDS}
    assert images_in(live, first.key) == set(FILES)
    again = upload(live, str(folder))
    assert (again.key, again.uri, again.outcome) == (first.key, first.uri, "adopted")
    assert len(puts(live)) == len(SHARDS) + 1


def test_after_an_interruption_only_what_is_missing_is_uploaded(live: LiveAccount, folder: Path) -> None:
    live.aws.add_fault("s3", "PutObject", code="AccessDenied", status=403)
    with pytest.raises(AwsDenied, match="AccessDenied"):
        upload(live, str(folder))
    there = puts(live)
    assert len(there) == len(SHARDS) - 1
    resumed = upload(live, str(folder))
    missing = {prefix_of(resumed.key) + name for name in SHARDS} - set(there)
    assert puts(live)[len(there) :] == [*missing, f"{prefix_of(resumed.key)}manifest.json"]
    assert resumed.outcome == "created"
    assert images_in(live, resumed.key) == set(FILES)


def test_an_inspection_uploads_nothing_and_keeps_what_it_fetched_until_the_upload(live: LiveAccount, folder: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "photos"), "zip", folder)
    inspected = inspect_dataset(live.account, str(tmp_path / "photos.zip"))
    assert live.writes() == []
    assert (inspected.listing.classes, inspected.listing.counts["train"]) == (("a", "b"), 4)
    scratch = inspected.scratch.folder
    assert upload_dataset(live.account, inspected).outcome == "created"
    del inspected
    assert not scratch.exists()


def test_a_file_that_changes_after_the_inspection_is_refused(live: LiveAccount, folder: Path) -> None:
    inspected = inspect_dataset(live.account, str(folder))
    Image.new("RGB", (16, 16), (0, 99, 0)).save(folder / FILES[0])
    with pytest.raises(InvalidInput, match="has changed since it was inspected"):
        upload_dataset(live.account, inspected)
    assert f"{prefix_of(inspected.listing.key)}manifest.json" not in puts(live)


def test_a_shard_that_somebody_deleted_is_uploaded_again(live: LiveAccount, folder: Path) -> None:
    first = upload(live, str(folder))
    live.client("s3").delete_object(Bucket=live.account.bucket, Key=f"{prefix_of(first.key)}valid/00001.tar")
    healed = upload(live, str(folder))
    assert healed.outcome == "updated"
    assert puts(live)[-2:] == [f"{prefix_of(first.key)}valid/00001.tar", f"{prefix_of(first.key)}manifest.json"]
    assert images_in(live, first.key) == set(FILES)


def test_an_upload_that_s3_refuses_for_now_can_be_tried_again(live: LiveAccount, folder: Path) -> None:
    live.aws.add_fault("s3", "PutObject", code="SlowDown", status=503, times=100)
    with pytest.raises(AwsThrottled) as refused:
        upload(live, str(folder))
    assert may_pass(refused.value)


def test_a_prefix_of_s3_is_a_source(live: LiveAccount, folder: Path) -> None:
    key = upload(live, str(folder)).key
    for name in FILES:
        live.put(f"incoming/photos/{name}", (folder / name).read_bytes())
    live.put("incoming/photos/", b"")
    found = upload(live, f"s3://{live.account.bucket}/incoming/photos")
    assert (found.key, found.outcome) == (key, "adopted")


def test_an_archive_in_s3_is_a_source(live: LiveAccount, folder: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(folder, "photos")
    uri = live.put("incoming/photos.tar.gz", packed.getvalue())
    found = upload(live, uri)
    assert (found.outcome, found.counts) == ("created", {"train": 4, "valid": 4, "test": 4})
    assert images_in(live, found.key) == set(FILES)


def test_a_bucket_that_cannot_be_read_is_refused(live: LiveAccount) -> None:
    for path in ("", "photos", "photos.zip"):
        with pytest.raises(InvalidInput, match=r"(?s)s3://absent-bucket/.*the orchestrator's role may read it"):
            upload(live, f"s3://absent-bucket/{path}")
    assert live.writes() == []


def test_an_empty_prefix_and_a_missing_archive_are_refused(live: LiveAccount) -> None:
    for path, cause in (("nothing/here", "no object begins with this prefix"), ("absent.zip", "Not Found")):
        with pytest.raises(InvalidInput, match=cause):
            upload(live, f"s3://{live.account.bucket}/{path}")
    assert live.writes() == []


def test_weights_go_to_the_address_of_their_content_once(live: LiveAccount, folder: Path, tmp_path: Path) -> None:
    save_file({"0.weight": torch.zeros(2)}, tmp_path / "w.safetensors")
    inspected = inspect_dataset(live.account, str(folder), str(tmp_path / "w.safetensors"))
    assert live.writes() == []
    upload_dataset(live.account, inspected)
    address = inspected.starting(Training()).weights
    (key,) = live.keys("weights/")
    assert (address, key[:8], len(key.split("/")[1])) == (f"s3://{live.account.bucket}/{key}", "weights/", 16)
    assert puts(live)[0] == key
    again = inspect_dataset(live.account, str(folder), address)
    upload_dataset(live.account, again)
    assert (again.starting(Training()).weights, puts(live).count(key)) == (address, 1)


def test_weights_that_change_after_the_inspection_are_refused(live: LiveAccount, folder: Path, tmp_path: Path) -> None:
    save_file({"0.weight": torch.zeros(2)}, tmp_path / "w.safetensors")
    inspected = inspect_dataset(live.account, str(folder), str(tmp_path / "w.safetensors"))
    save_file({"0.weight": torch.ones(2)}, tmp_path / "w.safetensors")
    with pytest.raises(InvalidInput, match="has changed since it was inspected"):
        upload_dataset(live.account, inspected)
    assert live.writes() == []


def prefix_of(key: str) -> str:
    return f"datasets/{key}/"


def puts(live: LiveAccount) -> list[str]:
    """Keys of the objects that the orchestrator has put, in their order."""
    done = [entry for entry in live.calls() if entry.action == "s3:PutObject" and entry.outcome == "ok"]
    return [entry.resource.partition("/")[2] for entry in done]


def images_in(live: LiveAccount, key: str) -> set[str]:
    """What the shards named by the manifest hold, checked against the manifest's own list."""
    s3, bucket = live.client("s3"), live.account.bucket
    manifest = json.loads(s3.get_object(Bucket=bucket, Key=f"{prefix_of(key)}manifest.json")["Body"].read())
    found = set()
    for shard in manifest["shards"]:
        body = s3.get_object(Bucket=bucket, Key=prefix_of(key) + shard)["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            found |= {f"{shard.split('/')[0]}/{name}" for name in archive.getnames()}
    assert found == set(manifest["images"])
    return found
