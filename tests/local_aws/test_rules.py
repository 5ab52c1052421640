"""The rules of AWS that no service model says: each is shown by a test of its name, here or beside the service."""

import hashlib
import json
import re
import uuid
import zlib
from base64 import b64encode
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

import local_aws.server  # noqa: F401 - imports all that declares a rule
from local_aws.call import AwsError, Call, Principal
from local_aws.cloud import Cloud
from local_aws.endpoints.scaled import DIMENSION, scaled_instance_type
from local_aws.images import AWS_IMAGES, find_image, has_tag, in_region
from local_aws.listing import page
from local_aws.rules import RULES
from local_aws.validation.calls import validate
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import error_of, refusal_of
from tests.lab.sagemaker_training import make_jobs

TESTS = Path(__file__).parent


def test_every_rule_is_shown_by_a_test_of_its_name() -> None:
    defined = set(re.findall(r"def test_(\w+)\(", "\n".join(file.read_text() for file in TESTS.glob("*.py"))))
    assert [rule.kept_by for rule in RULES if rule.kept_by not in defined] == []
    assert len({rule.kept_by for rule in RULES}) == len(RULES) > 10


GOOD_NAMES = ["abc", "a.b-c", "1" * 63, "192.168.5.4.5"]
BAD_NAMES = [
    "ab",
    "a" * 64,
    "Abc",
    "a_b",
    "-ab",
    "ab-",
    ".ab",
    "a..b",
    "192.168.5.4",
    "xn--a",
    "sthree-a",
    "a-s3alias",
    "a--ol-s3",
    "a.mrap",
]


def create_bucket(name: str) -> None:
    validate(Call("s3", "CreateBucket", Principal("root"), {"Bucket": name}))


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bucket_name(name: str) -> None:
    with pytest.raises(AwsError, match=r"InvalidBucketName.*The specified bucket is not valid"):
        create_bucket(name)


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_a_bucket_may_have_this_name(name: str) -> None:
    create_bucket(name)


def test_content_md5(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    right, wrong = (b64encode(hashlib.md5(body).digest()).decode() for body in (b"body", b"other"))
    s3.put_object(Bucket=bucket, Key="k", Body=b"body", ContentMD5=right)
    for digest, code in ((wrong, "BadDigest"), ("no digest", "InvalidDigest"), ("YQ==", "InvalidDigest")):
        with pytest.raises(ClientError) as raised:
            s3.put_object(Bucket=bucket, Key="k2", Body=b"body", ContentMD5=digest)
        assert raised.value.response["Error"]["Code"] == code
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksum(aws: RunningAws, algorithm: str) -> None:
    s3, bucket, digest = aws.client("s3"), aws.make_bucket(), {"CRC32": crc32, "SHA1": sha1, "SHA256": sha256}[algorithm](b"body")
    given = {f"Checksum{algorithm}": b64encode(digest).decode()}
    s3.put_object(Bucket=bucket, Key="k", Body=b"body", **given)
    error = error_of(lambda: s3.put_object(Bucket=bucket, Key="k2", Body=b"other", **given))["Error"]
    assert error["Code"] == "BadDigest"
    assert error["Message"] == f"The {algorithm} you specified did not match the calculated checksum."


def crc32(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(4, "big")


def sha1(body: bytes) -> bytes:
    return hashlib.sha1(body).digest()


def sha256(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
UNREADABLE = ["no JSON", "[]", "{}", '{"Statement": 5}', '{"Statement": [{}]}', json.dumps({"Statement": STATEMENT | {"Action": [1]}})]


@pytest.mark.parametrize("document", UNREADABLE)
def test_trust_policy(aws: RunningAws, document: str) -> None:
    iam, role = aws.client("iam"), aws.make_role().rpartition("/")[2]
    for call in (
        lambda: iam.create_role(RoleName=f"{role}-2", AssumeRolePolicyDocument=document),
        lambda: iam.update_assume_role_policy(RoleName=role, PolicyDocument=document),
    ):
        assert error_of(call)["Error"]["Code"] == "MalformedPolicyDocument"


@pytest.mark.parametrize("document", UNREADABLE)
def test_bucket_policy(aws: RunningAws, document: str) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    assert error_of(lambda: s3.put_bucket_policy(Bucket=bucket, Policy=document))["Error"]["Code"] == "MalformedPolicy"
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def launch(**changes: Any) -> None:
    asked = {"ImageId": "ami-1", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **changes}
    validate(Call("ec2", "RunInstances", Principal("root"), {name: value for name, value in asked.items() if value is not None}))


@pytest.mark.parametrize(
    "entry", [{"Tags": [{"Key": "k", "Value": "v"}]}, {"ResourceType": "instance"}, {"ResourceType": "volume", "Tags": [{}]}]
)
def test_tag_specification(entry: dict[str, Any]) -> None:
    launch(TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "k", "Value": "v"}]}])
    with pytest.raises(AwsError, match="InvalidParameterValue: Tag specification"):
        launch(TagSpecifications=[entry])


@pytest.mark.parametrize("name", ["ImageId", "InstanceType"])
def test_a_launch_names_its_image_and_type(name: str) -> None:
    with pytest.raises(AwsError, match=f"MissingParameter: The request must contain the parameter {name}"):
        launch(**{name: None})


def put_in_chunks(body: bytes, checksum: bytes) -> None:
    """PutObject as a client sends it over TLS: in chunks, with the checksum behind them."""
    chunks = b"3\r\n" + body[:3] + b"\r\n" + f"{len(body) - 3:x}".encode() + b"\r\n" + body[3:] + b"\r\n"
    framed = chunks + b"0\r\nx-amz-checksum-crc32:" + b64encode(checksum) + b"\r\n\r\n"
    headers = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
    validate(Call("s3", "PutObject", Principal("root"), {"Bucket": "b", "Key": "k", "Body": framed}, headers))


def test_a_checksum_behind_the_chunks_counts() -> None:
    put_in_chunks(b"a longer body", crc32(b"a longer body"))
    with pytest.raises(AwsError, match="BadDigest"):
        put_in_chunks(b"a longer body", crc32(b"another body"))


def test_scaled_instance_type(tmp_path: Path) -> None:
    cloud, name = Cloud("http://127.0.0.1:1", tmp_path), f"e-{uuid.uuid4().hex[:8]}"
    endpoint: Any = SimpleNamespace(name=name, variants=[SimpleNamespace(name="main", instance_type="ml.m5.large")])
    other = [{"VariantName": "main", "InstanceType": "ml.c5.large"}]
    scaled_instance_type(cloud, endpoint, other)
    targets = cloud.books("applicationautoscaling").targets.setdefault(DIMENSION, {})
    targets[f"endpoint/{name}/variant/main"] = object()
    with pytest.raises(AwsError, match=r'The variant\(s\) "\[main\]" must be deregistered as scalable targets'):
        scaled_instance_type(cloud, endpoint, other)
    scaled_instance_type(cloud, endpoint, [{"VariantName": "main", "InstanceType": "ml.m5.large"}])
    del targets[f"endpoint/{name}/variant/main"]


def test_has_tag() -> None:
    registry = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
    for tag in ("2.10.0-cpu-py313", "2.10-gpu-py313", "2.6.0-gpu-py312-cu126-ubuntu22.04-sagemaker"):
        assert find_image(f"{registry}/pytorch-training:{tag}") is not None
    for tag in ("2.10.0-cpu-py312", "2.11.0-cpu-py313", "latest", "2.10.0"):
        assert find_image(f"{registry}/pytorch-training:{tag}") is None
    assert has_tag("123456789012.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:mine")


def test_in_region() -> None:
    here, there = (f"763104351884.dkr.ecr.{region}.amazonaws.com/pytorch-training:2.10-cpu-py313" for region in ("us-east-1", "eu-west-1"))
    assert [in_region(uri) for uri in (here, there, "local/pytorch-training:1")] == [True, False, True]
    assert find_image(here) is not None
    assert find_image(there) is None


def test_the_images_are_those_that_the_sdk_knows() -> None:
    spec = find_spec("sagemaker.core")
    assert spec is not None
    assert spec.origin is not None
    known = json.loads((Path(spec.origin).parent / "image_uri_config/pytorch.json").read_text())
    for use in ("training", "inference"):
        for version, python in AWS_IMAGES[f"pytorch-{use}"].items():
            assert known[use]["versions"][version]["py_versions"] == [python]


def test_an_image_without_its_tag_is_not_found(aws: RunningAws) -> None:
    jobs, image = make_jobs(aws), "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:9.9.9-cpu-py313"
    request = jobs.request(
        "", AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File", "ContainerEntrypoint": ["true"]}
    )
    assert refusal_of(lambda: jobs.client.create_training_job(**request)).startswith(
        f"Cannot find the requested image: {image} with tag: 9.9.9-cpu-py313 and digest: null."
    )
    model = {"ModelName": request["TrainingJobName"], "ExecutionRoleArn": jobs.role, "PrimaryContainer": {"Image": image}}
    assert refusal_of(lambda: jobs.client.create_model(**model)) == f"Requested image {image} not found."


def test_objects_of_an_input(aws: RunningAws) -> None:
    jobs = make_jobs(aws)
    request = jobs.request("", InputDataConfig=[jobs.channel("code", "nothing/")])
    message = refusal_of(lambda: jobs.client.create_training_job(**request))
    assert message.startswith(f'No S3 objects found under S3 URL "s3://{jobs.bucket}/nothing/" given in input data source.')
    assert f'the role "{jobs.role}" has "s3:ListBucket" permissions on bucket "{jobs.bucket}".' in message
    hidden = {**jobs.request(""), "RoleArn": aws.make_role(trusts={"Service": "sagemaker.amazonaws.com"})}
    assert "No S3 objects found" in refusal_of(lambda: jobs.client.create_training_job(**hidden))


def test_output_described(aws: RunningAws) -> None:
    jobs = make_jobs(aws)
    name = jobs.start("")
    assert jobs.describe(name)["OutputDataConfig"]["KmsKeyId"] == ""
    jobs.wait(name)


def test_newest_first() -> None:
    summaries = [{"Name": name, "CreationTime": time} for name, time in (("a", 1), ("b", 3), ("c", 2))]

    def names(**asked: Any) -> list[str]:
        return [summary["Name"] for summary in page(summaries, asked, member="Found", name="Name")["Found"]]

    assert names() == ["b", "c", "a"]
    assert names(SortOrder="Ascending") == ["a", "c", "b"]
    assert names(SortBy="Name") == ["c", "b", "a"]


@pytest.mark.parametrize("token", ["garbage", "-1", "٣"])
def test_a_token_of_nobody_is_refused(token: str) -> None:
    with pytest.raises(AwsError, match=r"ValidationException.*Invalid NextToken"):
        page([], {"NextToken": token}, member="Found", name="Name")
