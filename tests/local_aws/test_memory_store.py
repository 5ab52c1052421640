"""What S3, IAM and STS have acknowledged is there after a SIGKILL, and after an orderly end; a state of another version is refused."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local_aws.memory.database import FILE, STAMP
from tests.lab.processes import wait_until
from tests.lab.restarts import LastingAws, lasting_aws
from tests.lab.running_aws import RunningAws, allow, deny

pytestmark = pytest.mark.server
PART = bytes(6 * 1024 * 1024)
SIGNALS = [signal.SIGKILL, signal.SIGTERM]  # in this order: the second one also keeps what the first one does not


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LastingAws]:
    with lasting_aws(tmp_path_factory.mktemp("aws")) as lasting:
        yield lasting


def answer(call: Any, **asked: Any) -> dict[str, Any]:
    given: dict[str, Any] = call(**asked)
    return {name: value for name, value in given.items() if name != "ResponseMetadata"}


def describe_bucket(aws: RunningAws, bucket: str, upload: str) -> list[Any]:
    s3 = aws.client("s3")
    versions = answer(s3.list_object_versions, Bucket=bucket)
    return [
        versions,
        {
            (each["Key"], each["VersionId"]): s3.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])["Body"].read()
            for each in versions["Versions"]
        },
        answer(s3.head_object, Bucket=bucket, Key="versions"),
        answer(s3.get_object_tagging, Bucket=bucket, Key="versions"),
        answer(s3.list_parts, Bucket=bucket, Key="unfinished", UploadId=upload)["Parts"],
        answer(s3.get_bucket_policy, Bucket=bucket),
        answer(s3.get_bucket_tagging, Bucket=bucket),
    ]


def fill_bucket(aws: RunningAws) -> tuple[str, str]:
    """(bucket, upload): versions, a delete marker, an object that is gone, one of an upload in parts, and an upload in progress."""
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "project", "Value": "pets"}]})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{**refusal(bucket), "Principal": "*"}]}))
    for body in (b"one", b"two"):
        s3.put_object(Bucket=bucket, Key="versions", Body=body, Metadata={"what": "a pet"}, Tagging="kind=cat")
    s3.put_object(Bucket=bucket, Key="marked", Body=b"hidden")
    s3.delete_object(Bucket=bucket, Key="marked")
    gone = s3.put_object(Bucket=bucket, Key="gone", Body=b"gone")["VersionId"]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "gone", "VersionId": gone}]})
    upload_parts(s3, bucket, "finished", finish=True)
    return bucket, upload_parts(s3, bucket, "unfinished", finish=False)


def refusal(bucket: str) -> dict[str, Any]:
    return deny("s3:GetObject", f"arn:aws:s3:::{bucket}/secret")


def upload_parts(s3: Any, bucket: str, key: str, *, finish: bool) -> str:
    upload = str(s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"])
    tag = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=PART)["ETag"]
    if finish:
        parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
        s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload=parts)
    return upload


@pytest.mark.parametrize("number", SIGNALS)
def test_versions_markers_tags_and_uploads_come_back(account: LastingAws, number: signal.Signals) -> None:
    bucket, upload = fill_bucket(account.aws)
    before = describe_bucket(account.aws, bucket, upload)
    aws = account.restart(number)
    assert describe_bucket(aws, bucket, upload) == before
    s3, tag = aws.client("s3"), before[4][0]["ETag"]
    s3.complete_multipart_upload(
        Bucket=bucket, Key="unfinished", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}
    )
    assert s3.get_object(Bucket=bucket, Key="unfinished")["Body"].read() == PART


def test_what_was_deleted_or_replaced_leaves_no_body(account: LastingAws) -> None:
    s3, bucket = account.aws.client("s3"), account.aws.make_bucket()
    bodies = account.aws.state / "s3"
    before = set(bodies.iterdir())
    for key in ("replaced", "replaced", "deleted"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    s3.delete_object(Bucket=bucket, Key="deleted")
    (stray := bodies / "stray").touch()  # as of a call that a SIGKILL has cut off
    aws = account.restart(signal.SIGKILL)
    assert not stray.exists()
    assert [path.read_bytes() for path in set(bodies.iterdir()) - before] == [b"replaced"]
    assert [each["Key"] for each in aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]] == ["replaced"]
    aws.client("s3").delete_object(Bucket=bucket, Key="replaced")
    upload_parts(aws.client("s3"), bucket, "unfinished", finish=False)  # does not keep a bucket from being deleted
    aws.client("s3").delete_bucket(Bucket=bucket)
    again = account.restart(signal.SIGKILL).client("s3")
    assert bucket not in [each["Name"] for each in again.list_buckets()["Buckets"]]
    again.create_bucket(Bucket=bucket)
    assert "Uploads" not in again.list_multipart_uploads(Bucket=bucket)


class Writer:
    """A client that writes until the server is gone; `puts` and `roles` count what was answered."""

    def __init__(self, aws: RunningAws, bucket: str, name: str) -> None:
        once: Any = {"config": Config(retries={"total_max_attempts": 1})}
        self._s3, self._iam, self._bucket, self.name = aws.client("s3", **once), aws.client("iam", **once), bucket, name
        self.puts = self.roles = 0

    def write(self) -> None:
        with contextlib.suppress(BotoCoreError, OSError):
            while True:
                self._s3.put_object(Bucket=self._bucket, Key=self.name, Body=str(self.puts + 1).encode())
                self.puts += 1
                self._iam.create_role(RoleName=f"{self.name}-{self.roles + 1}", AssumeRolePolicyDocument=TRUST)
                self.roles += 1


TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def test_a_kill_among_writes_loses_nothing_that_was_answered(account: LastingAws) -> None:
    bucket = account.aws.make_bucket()
    writers = [Writer(account.aws, bucket, f"writer-{number}") for number in range(3)]
    threads = [threading.Thread(target=writer.write) for writer in writers]
    for thread in threads:
        thread.start()
    wait_until(lambda: all(writer.roles >= 20 for writer in writers), "the writers do not write")
    account.aws.process.kill()
    for thread in threads:
        thread.join()
    aws = account.restart(signal.SIGKILL)
    roles = {role["RoleName"] for page in aws.client("iam").get_paginator("list_roles").paginate() for role in page["Roles"]}
    for writer in writers:
        body = int(aws.client("s3").get_object(Bucket=bucket, Key=writer.name)["Body"].read())
        assert body in (writer.puts, writer.puts + 1), "the last object that was answered, or the one on its way"
        assert {f"{writer.name}-{number + 1}" for number in range(writer.roles)} <= roles


@pytest.mark.parametrize("number", SIGNALS)
def test_users_roles_and_sessions_come_back(account: LastingAws, number: signal.Signals) -> None:
    iam, name = account.aws.client("iam"), f"user-{number}"
    iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "pets"}])
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document())["Policy"]["Arn"]
    for arn in (policy, "arn:aws:iam::aws:policy/ReadOnlyAccess"):
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
    role = account.aws.make_role(allow("iam:ListUsers", "*"))
    session = account.aws.assume(role)
    before = describe_identities(account.aws, name, policy)
    aws = account.restart(number)
    assert describe_identities(aws, name, policy) == before
    assert name in [user["UserName"] for user in aws.client("iam", session).list_users()["Users"]]
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.client("iam", session).list_roles()
    aws.client("iam").detach_user_policy(UserName=name, PolicyArn=policy)
    aws.client("iam").delete_policy(PolicyArn=policy)


def document() -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:GetObject", "*")]})


def describe_identities(aws: RunningAws, user: str, policy: str) -> list[Any]:
    iam = aws.client("iam")
    used = iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")["Policy"]["AttachmentCount"]
    return [
        answer(iam.get_user, UserName=user),
        answer(iam.list_attached_user_policies, UserName=user),
        answer(iam.get_policy, PolicyArn=policy),
        answer(iam.list_roles)["Roles"],
        used,
    ]


def test_the_file_is_of_its_owner_alone(account: LastingAws) -> None:
    assert (account.aws.state / FILE).stat().st_mode & 0o777 == 0o600


def refused_start(state: Path) -> str:
    command = [sys.executable, "-m", "local_aws", "--port", "0", "--state", str(state)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2, ended.stderr
    return ended.stderr


def test_a_state_of_another_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with lasting_aws(tmp_path) as account:
        bucket = account.aws.make_bucket()
        account.stop()
        stamp(account.aws.state, {**STAMP, "moto": "1.0"})
        refused = refused_start(account.aws.state)
        assert refused.startswith(f"local_aws cannot start: {account.aws.state}/memory.db is of another version (state 1, moto 1.0")
        assert "make clean" in refused
        stamp(account.aws.state, STAMP)
        account.aws = account.restart(signal.SIGTERM)
        assert [each["Name"] for each in account.aws.client("s3").list_buckets()["Buckets"]] == [bucket]


def stamp(state: Path, values: dict[str, Any]) -> None:
    with sqlite3.connect(state / FILE) as database:
        database.execute("UPDATE record SET value = ? WHERE key = 'stamp'", [json.dumps(values)])
    database.close()


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "journal.jsonl").touch()
    (state / FILE).write_bytes(b"no database" * 1000)
    assert "memory.db cannot be read" in refused_start(state)


def test_two_servers_do_not_share_a_state(account: LastingAws) -> None:
    assert "another server uses it" in refused_start(account.aws.state)
