import base64
import io
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.response import StreamingBody

from lambda_handler import model, sources
from lambda_handler.handler import handler

JPEG, PNG = b"\xff\xd8\xff a picture", b"\x89PNG\r\n\x1a\n a picture"
NAMES = [{"label": "Beagle", "probability": 0.9}, {"label": "Pug", "probability": 0.08}, {"label": "Boxer", "probability": 0.02}]
ENVELOPES: list[dict[str, Any]] = [
    {"resource": "/", "path": "/", "httpMethod": "POST", "multiValueHeaders": {}, "requestContext": {"httpMethod": "POST"}},
    {"version": "2.0", "routeKey": "POST /", "rawPath": "/", "requestContext": {"apiId": "a1", "http": {"method": "POST"}}},
    {"version": "2.0", "routeKey": "$default", "rawPath": "/", "requestContext": {"domainPrefix": "u1", "http": {"method": "POST"}}},
]
SECRETS = ("arn:aws", "secret-endpoint", "Traceback")


@dataclass
class Context:
    aws_request_id: str = "request-1"
    milliseconds: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@dataclass
class Aws:
    """S3 and the endpoint: what they hold or raise, and what they were asked."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    error: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        if self.error:
            raise self.error
        if (Bucket, Key) not in self.objects:
            raise refusal("NoSuchKey")
        body = self.objects[Bucket, Key]
        return {"ContentLength": len(body), "Body": StreamingBody(io.BytesIO(body), len(body))}

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        if self.error:
            raise self.error
        answer = NAMES if "labels" in request["Accept"] else [[0.5, -1.25]]
        return {"Body": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    aws = Aws()
    for module in (model, sources):
        monkeypatch.setattr(module, "client", lambda _service, _seconds: aws)
    monkeypatch.setenv("ENDPOINT_NAME", "secret-endpoint")
    return aws


def refusal(code: str, **members: Any) -> ClientError:
    message = "User arn:aws:iam::123456789012:role/x at secret-endpoint of account 123456789012"
    response: Any = {"Error": {"Code": code, "Message": message}, **members}
    return ClientError(response, "Operation")


def inline(image: bytes, **more: Any) -> dict[str, Any]:
    return {"image": base64.b64encode(image).decode(), **more}


def refused(answer: dict[str, Any]) -> tuple[int, str]:
    """Status and error type of an answer, after a look that it says nothing it should not."""
    error = json.loads(answer["body"])["error"]
    assert set(error) == {"type", "message", "request_id"}
    assert error["request_id"] == "request-1"
    assert not [secret for secret in SECRETS if secret in json.dumps(answer)]
    return answer["statusCode"], error["type"]


@pytest.mark.parametrize(("image", "media"), [(JPEG, "image/jpeg"), (PNG, "image/png")])
def test_an_image_gets_its_logits(aws: Aws, image: bytes, media: str) -> None:
    assert handler(inline(image), Context()) == {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "body": "[[0.5, -1.25]]",
    }
    assert aws.asked == [{"EndpointName": "secret-endpoint", "ContentType": media, "Accept": "application/json", "Body": image}]


def test_top_gets_the_names_that_the_model_gives(aws: Aws) -> None:
    answer = handler(inline(JPEG, top=2), Context())
    assert json.loads(answer["body"]) == NAMES[:2]
    assert aws.asked[0]["Accept"] == "application/json;labels"


def test_an_object_in_s3_is_read(aws: Aws) -> None:
    aws.objects["b", "k"] = PNG
    assert handler({"bucket": "b", "key": "k"}, Context())["statusCode"] == 200
    assert aws.asked[0]["Body"] == PNG
    assert refused(handler({"bucket": "b", "key": "other"}, Context())) == (404, "ImageNotFound")
    aws.error = refusal("AccessDenied")
    assert refused(handler({"bucket": "b", "key": "k"}, Context())) == (403, "ImageForbidden")


def test_only_the_functions_own_endpoint_is_asked(aws: Aws) -> None:
    student = {"endpoint_name": "secret-endpoint", "request_dict": inline(JPEG)}
    assert handler(student, Context())["statusCode"] == 200
    assert refused(handler({**student, "endpoint_name": "another"}, Context())) == (403, "EndpointRefused")
    assert len(aws.asked) == 1


@pytest.mark.parametrize("source", ["inline", "s3"])
def test_an_image_above_the_limit_is_refused(aws: Aws, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setenv("MAX_IMAGE_BYTES", "10")
    aws.objects["b", "k"] = JPEG
    event = inline(JPEG) if source == "inline" else {"bucket": "b", "key": "k"}
    assert refused(handler(event, Context())) == (413, "ImageTooLarge")
    assert aws.asked == []


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<html>", b"RIFF....WEBP"])
def test_what_is_no_jpeg_or_png_is_refused(aws: Aws, data: bytes) -> None:
    assert refused(handler(inline(data), Context())) == (415, "UnsupportedImage")
    assert aws.asked == []


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (refusal("ModelError", OriginalStatusCode=413), (413, "ImageTooLarge")),
        (refusal("ModelError", OriginalStatusCode=415), (415, "UnsupportedImage")),
        (refusal("ModelError", OriginalStatusCode=422), (422, "UnreadableImage")),
        (refusal("ModelError", OriginalStatusCode=500, OriginalMessage="Traceback ..."), (502, "ModelFailed")),
        (refusal("ModelError", OriginalStatusCode=429, OriginalMessage="busy"), (429, "Throttled")),
        (refusal("ModelError", OriginalStatusCode=503, OriginalMessage="Worker queue is full"), (503, "ModelUnavailable")),
        (refusal("ModelError", OriginalStatusCode=0, OriginalMessage="Your invocation timed out while waiting"), (504, "ModelTimeout")),
        (refusal("ModelError", OriginalStatusCode=0, OriginalMessage="The model server closed the connection"), (502, "ModelFailed")),
        (refusal("ThrottlingException"), (429, "Throttled")),
        (refusal("ValidationError"), (503, "ModelUnavailable")),
        (refusal("ServiceUnavailable"), (503, "ModelUnavailable")),
        (refusal("AccessDeniedException"), (502, "ModelFailed")),
        (EndpointConnectionError(endpoint_url="https://secret-endpoint"), (502, "ModelFailed")),
        (ReadTimeoutError(endpoint_url="https://secret-endpoint"), (504, "ModelTimeout")),
    ],
)
def test_what_the_endpoint_refuses_decides_the_status(aws: Aws, error: Exception, answer: tuple[int, str]) -> None:
    aws.error = error
    assert refused(handler(inline(JPEG), Context())) == answer


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (refusal("ThrottlingException"), "1"),
        (refusal("ModelError", OriginalStatusCode=429), "1"),
        (refusal("ModelError", OriginalStatusCode=503), "1"),
        (refusal("ServiceUnavailable"), "10"),
    ],
)
def test_who_may_come_back_is_told_when(aws: Aws, error: Exception, seconds: str) -> None:
    aws.error = error
    assert handler(inline(JPEG), Context())["headers"]["Retry-After"] == seconds


@pytest.mark.parametrize("envelope", ENVELOPES, ids=["REST", "HTTP", "Function URL"])
def test_every_envelope_gets_an_answer_in_its_shape(aws: Aws, envelope: dict[str, Any]) -> None:
    picture = {**envelope, "headers": {"content-type": "image/jpeg"}, "body": base64.b64encode(JPEG).decode(), "isBase64Encoded": True}
    assert handler(picture, Context()) == {
        "isBase64Encoded": False,
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "body": "[[0.5, -1.25]]",
    }
    assert aws.asked[0]["Body"] == JPEG
    document = json.dumps(inline(JPEG, top=1))
    for body, encoded in ((document, False), (base64.b64encode(document.encode()).decode(), True)):
        asked = {**envelope, "headers": {"Content-Type": "application/json"}, "body": body, "isBase64Encoded": encoded}
        assert json.loads(handler(asked, Context())["body"]) == NAMES[:1]
    wrong = handler({**envelope, "headers": {}, "body": None, "isBase64Encoded": False}, Context())
    assert (wrong["isBase64Encoded"], refused(wrong)) == (False, (400, "InvalidRequest"))


def test_a_request_without_time_left_is_answered_rather_than_killed(aws: Aws) -> None:
    assert refused(handler(inline(JPEG), Context(milliseconds=900))) == (504, "ModelTimeout")
    assert refused(handler({"url": "https://example.com/dog.jpg"}, Context(milliseconds=900))) == (504, "SourceTimeout")


def test_a_url_inside_the_machine_is_refused(aws: Aws) -> None:
    assert refused(handler({"url": "https://127.0.0.1/dog.jpg"}, Context())) == (403, "AddressRefused")
    assert refused(handler({"url": "http://example.com/dog.jpg"}, Context())) == (400, "InvalidRequest")


def test_a_function_without_an_endpoint_says_so(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENDPOINT_NAME")
    assert refused(handler(inline(JPEG), Context())) == (503, "NotConfigured")


def test_every_request_leaves_one_line_in_the_log(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    handler(inline(JPEG), Context())
    handler({"bucket": "b", "key": "k"}, Context())
    handler(None, Context())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["source"], line["status"], line["bytes"], line["error"]) for line in lines] == [
        ("inline", 200, len(JPEG), ""),
        ("s3", 404, 0, "ImageNotFound"),
        ("", 400, 0, "InvalidRequest"),
    ]
    assert all(line["request_id"] == "request-1" and line["milliseconds"] >= 0 for line in lines)
