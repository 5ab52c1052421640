import json
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.test import EnvironBuilder

from local_aws.books import Books
from local_aws.call import AwsError, Call, Handler, Principal
from local_aws.claims import Claim
from local_aws.cloud import Cloud
from local_aws.faults import Faults
from local_aws.front import Front
from local_aws.http_request import RAW_HEADERS, HttpRequest
from local_aws.journal import Entry, Journal, read_journal
from tests.lab.function_urls import post, signed
from tests.lab.running_aws import RunningAws

AUTHORIZATION = f"AWS4-HMAC-SHA256 Credential=KEY/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature={'0' * 64}"
pytestmark = pytest.mark.filterwarnings("ignore:.*does not match an error shape")


def test_moto_answers_what_we_do_not_execute(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_object(Bucket=bucket, Key="a folder/b+c", Body=b"body", Metadata={"with_underscore": "1"})
    answer = s3.get_object(Bucket=bucket, Key="a folder/b+c")
    assert answer["Body"].read() == b"body"
    assert answer["Metadata"] == {"with_underscore": "1"}


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b'{"ProductionVariants": "x"}', b'{"ProductionVariants": ["x"]}', b"{", b"\xff"])
def test_json_of_another_type_is_refused(aws: RunningAws, body: bytes) -> None:
    url, target = f"{aws.url}/", "SageMaker.CreateEndpointConfig"
    headers = signed(url, body, aws.admin, service="sagemaker", content_type="application/x-amz-json-1.1", target=target)
    answer = post(url, body, headers)
    assert (answer.status, json.loads(answer.body)["__type"]) == (400, "SerializationException")


def test_the_content_type_of_a_form_loses_no_body(aws: RunningAws) -> None:
    bucket = aws.make_bucket()
    url = f"{aws.url}/{bucket}/key"
    headers = signed(url, b"a=1&b=2", aws.admin, method="PUT", service="s3", content_type="application/x-www-form-urlencoded")
    assert post(url, b"a=1&b=2", headers, method="PUT").status == 200
    assert aws.client("s3").get_object(Bucket=bucket, Key="key")["Body"].read() == b"a=1&b=2"


def test_head_says_the_length_without_a_body(aws: RunningAws) -> None:
    s3, bucket = aws.client("s3"), aws.make_bucket()
    s3.put_object(Bucket=bucket, Key="k", Body=b"12345")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 5
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"12345"


UNKNOWN = [
    ("sagemaker", "list_apps", {}, "UnknownOperationException", 404),
    ("pricing", "get_products", {"ServiceCode": "AmazonSageMaker"}, "UnknownOperationException", 404),
    ("iam", "generate_service_last_accessed_details", {"Arn": "arn:aws:iam::123456789012:role/x"}, "InvalidAction", 400),
    ("lambda", "list_capacity_providers", {}, "UnknownOperationException", 404),
]


@pytest.mark.parametrize(("service", "method", "arguments", "code", "status"), UNKNOWN)
def test_an_operation_nobody_implements_fails_in_the_shape_of_its_service(
    aws: RunningAws, service: str, method: str, arguments: dict[str, str], code: str, status: int
) -> None:
    with pytest.raises(ClientError, match="does not execute") as raised:
        getattr(aws.client(service), method)(**arguments)
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_what_moto_fails_on_is_refused_and_not_a_bug(aws: RunningAws) -> None:
    with pytest.raises(ClientError, match="does not implement iam:ListRoles with these parameters: moto fails with ValueError") as raised:
        aws.client("iam").list_roles(Marker="garbage")
    assert raised.value.response["Error"]["Code"] == "InvalidAction"


class Anyone:
    """Lets everybody do everything."""

    def authenticate(self, service: str, claim: Claim, request: HttpRequest) -> Principal:
        return Principal("arn:aws:iam::123456789012:root", claim.key_id)

    def describe(self, call: Call) -> Entry:
        return Entry(call.principal.arn, f"{call.service}:{call.operation}", "*")

    def authorize(self, call: Call) -> None:
        return


def ask(handler: Handler, folder: Path, *, signed: bool = True) -> tuple[str, dict[str, str], dict[str, Any], list[Entry]]:
    """Status, headers, body and journal of one DescribeModel that `handler` answers."""
    cloud, journal = Cloud("http://127.0.0.1:1", folder), Journal(folder / "journal.jsonl")
    front = Front({("sagemaker", "DescribeModel"): handler}, Anyone(), Faults(), journal, Books(cloud))
    environ = EnvironBuilder(
        "/",
        method="POST",
        json={"ModelName": "m"},
        content_type="application/x-amz-json-1.1",
        headers=[
            ("X-Amz-Target", "SageMaker.DescribeModel"),
            ("Authorization", AUTHORIZATION if signed else ""),
        ],
    ).get_environ()
    environ |= {RAW_HEADERS: {"authorization": AUTHORIZATION} if signed else {}, "REMOTE_ADDR": "127.0.0.1"}
    told: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None, /) -> Callable[[bytes], object]:
        told.extend((status, dict(headers)))
        return told.append

    body = b"".join(front(environ, start))
    return told[0], told[1], json.loads(body), list(read_journal(journal.path))


def test_a_handler_gets_the_parsed_call_and_its_result_is_serialised(tmp_path: Path) -> None:
    calls: list[Call] = []

    def describe(call: Call) -> dict[str, Any]:
        calls.append(call)
        return {"ModelName": call.parameters["ModelName"], "CreationTime": datetime(2026, 1, 1, tzinfo=UTC)}

    status, headers, body, _ = ask(describe, tmp_path)
    assert status == "200 OK"
    assert body == {"ModelName": "m", "CreationTime": 1767225600}
    assert headers["x-amzn-RequestId"]
    assert calls[0].headers["x-amz-target"] == "SageMaker.DescribeModel"


def test_an_error_of_ours_is_awss_shape_and_status(tmp_path: Path) -> None:
    def refuse(call: Call) -> dict[str, Any]:
        raise AwsError("AccessDeniedException", "no", status=403)

    status, headers, body, journal = ask(refuse, tmp_path)
    assert status == "403 Forbidden"
    assert headers["X-Amzn-Errortype"] == body["__type"] == "AccessDeniedException"
    assert [entry.outcome for entry in journal] == ["AccessDeniedException"]


def test_a_bug_is_an_internal_failure_with_its_traceback_in_the_error_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(call: Call) -> dict[str, Any]:
        raise RuntimeError("the bug")

    status, _, body, journal = ask(fail, tmp_path)
    assert status.startswith("500")
    assert body["__type"] == "InternalFailure"
    assert "the bug" not in body["Message"]
    assert "RuntimeError: the bug" in capsys.readouterr().err
    assert [entry.outcome for entry in journal] == ["InternalFailure"]


def test_an_unsigned_request_is_refused(tmp_path: Path) -> None:
    status, _, body, _ = ask(lambda call: {}, tmp_path, signed=False)
    assert status.startswith("403")
    assert body["__type"] == "MissingAuthenticationToken"


def test_a_connection_is_kept_for_the_next_request(aws: RunningAws) -> None:
    url = urlsplit(aws.url)
    connection = HTTPConnection(url.hostname or "", url.port or 0, timeout=10)
    connection.connect()
    mine = connection.sock
    for _ in range(3):
        connection.request("GET", "/_local_aws/health", headers={"Authorization": aws.secrets.control_header})
        assert connection.getresponse().read().startswith(b'{"status": "ok"')
    assert connection.sock is mine
    connection.close()


def test_presigned_addresses_work(aws: RunningAws) -> None:
    bucket = aws.make_bucket()
    for version in ("s3", "s3v4"):
        s3 = aws.client("s3", config=Config(signature_version=version))
        url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": version, "ContentType": "image/png"})
        with urlopen(Request(url, b"body", {"Content-Type": "image/png"}, method="PUT"), timeout=10) as response:
            assert response.status == 200
        with urlopen(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": version}), timeout=10) as response:
            assert response.read() == b"body"


def test_a_body_that_cannot_be_parsed_is_refused(aws: RunningAws) -> None:
    url, body = f"{aws.url}/{aws.make_bucket()}?tagging", b"<Tagging"
    answer = post(url, body, signed(url, body, aws.admin, method="PUT", service="s3"), method="PUT")
    assert (answer.status, b"<Code>MalformedXML</Code>" in answer.body) == (400, True)
