"""Who may use the server at all: programs on this machine that hold its keys, and no web page."""

import json
import stat
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from local_aws.stack_secrets import CONTROL_HEADER, FILE
from tests.lab.function_urls import UrlAnswer, post, signed
from tests.lab.running_aws import RunningAws, running_aws
from tests.local_aws.deployed import Deployer

CREATE = {
    "FunctionName": "theirs",
    "Runtime": "python3.11",
    "Handler": "main.handler",
    "Role": "arn:aws:iam::123456789012:role/r",
    "Code": {},
}


def test_a_web_page_cannot_create_a_function(aws: RunningAws) -> None:
    """A page of any site can send such a POST without a question of the browser: text/plain, and the key id in the query."""
    body, headers = json.dumps(CREATE).encode(), {"Content-Type": "text/plain"}
    for key in ("PEDIGREEROOT", aws.secrets.root_key_id):
        query = f"X-Amz-Credential={key}/20261127/us-east-1/lambda/aws4_request&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        for url in (f"{aws.url}/2015-03-31/functions?{query}", f"{aws.url}/2015-03-31/functions?{query}&X-Amz-Signature={'0' * 64}"):
            assert post(url, body, headers).status in (400, 403)
            assert post(url, body, {**headers, "Origin": "https://evil.example"}).status == 403
    assert aws.client("lambda").list_functions()["Functions"] == []


def test_even_a_signed_request_of_a_web_page_is_refused(aws: RunningAws) -> None:
    url = f"{aws.url}/2015-03-31/functions"
    headers = signed(url, b"", aws.admin, method="GET")
    assert post(url, b"", headers, method="GET").status == 200
    answer = post(url, b"", {**headers, "Origin": "https://evil.example"}, method="GET")
    assert (answer.status, json.loads(answer.body)) == (
        403,
        {"message": "local_aws takes no requests of web pages, and the Origin of this request is 'https://evil.example'."},
    )
    assert answer.headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 403),
        ("127.0.0.1.evil.example:80", 403),
        ("10.0.0.1", 403),
        ("", 403),
        ("localhost:1", 400),
        ("[::1]:1", 400),
        ("s3.localhost", 400),
    ],
)
def test_a_name_that_is_not_this_machines_is_refused(aws: RunningAws, host: str, status: int) -> None:
    """A name of a web page may point to 127.0.0.1; the other names come as far as the signature, which is of another Host."""
    url = f"{aws.url}/"
    headers = {**signed(url, b"", aws.admin, service="sagemaker"), "Host": host}
    assert post(url, b"", headers).status == status


def test_the_control_path_needs_the_token_of_the_stack(aws: RunningAws) -> None:
    url = f"{aws.url}/_local_aws/health"
    assert post(url, b"", {"Authorization": aws.secrets.control_header}, method="GET").status == 200
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        for path in ("health", "faults", "pace"):
            answer = post(f"{aws.url}/_local_aws/{path}", b"{}", headers)
            assert (answer.status, CONTROL_HEADER in json.loads(answer.body)["error"]) == (403, True)


def test_its_secrets_are_random_and_only_their_owner_reads_them(aws: RunningAws) -> None:
    with running_aws() as other:
        assert other.secrets != aws.secrets
        assert other.client("sts", other.root).get_caller_identity()["Arn"].endswith(":root")
    for name in (FILE, CONTROL_HEADER):
        assert stat.S_IMODE((aws.state / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": str(2 * 1024**3)}, 413),
        ({"Content-Length": "-1"}, 400),
        ({"Content-Length": "five"}, 400),
        ({"Content-Length": "5", "Transfer-Encoding": "chunked"}, 400),
        ({"Transfer-Encoding": "gzip, chunked"}, 400),
        ({"Content-Length": "5", "Host": "evil.example", "Expect": "100-continue"}, 403),
    ],
)
def test_a_body_is_refused_before_it_is_read(aws: RunningAws, headers: dict[str, str], status: int) -> None:
    assert begin(aws, headers).status == status


def begin(aws: RunningAws, headers: dict[str, str]) -> UrlAnswer:
    """The answer to a PUT whose body is never sent."""
    address = urlsplit(aws.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=10)
    connection.putrequest("PUT", "/bucket/key", skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    told = UrlAnswer(answer.status, answer.headers, answer.read())
    connection.close()
    return told


def test_a_chunk_over_the_limit_or_of_no_length_is_refused(aws: RunningAws) -> None:
    for line, status in ((b"ffffffff\r\n", 413), (b"five\r\n", 400), (b"-5\r\n", 400)):
        address = urlsplit(aws.url)
        connection = HTTPConnection(str(address.hostname), address.port, timeout=10)
        connection.putrequest("PUT", "/bucket/key")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        connection.send(line)
        assert connection.getresponse().status == status
        connection.close()


PAGE = "https://shop.example"
PUBLIC: list[dict[str, Any]] = [
    {"StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
    {"StatementId": "invoke", "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
]


def test_a_function_url_answers_the_pages_that_its_cors_settings_name(deploy: Deployer) -> None:
    function = deploy("def handler(event, context): return {'method': event['requestContext']['http']['method']}")
    make = function.client.create_function_url_config
    url = make(FunctionName=function.name, AuthType="NONE")["FunctionUrl"]
    for statement in PUBLIC:
        function.client.add_permission(FunctionName=function.name, Principal="*", **statement)
    own = {"Origin": url.rstrip("/")}
    assert [post(url, b"{}", headers).status for headers in ({}, own, {"Origin": PAGE})] == [200, 200, 403]
    settings = {"AllowOrigins": [PAGE], "AllowMethods": ["POST"], "AllowHeaders": ["content-type"], "MaxAge": 60, "AllowCredentials": True}
    function.client.update_function_url_config(FunctionName=function.name, Cors=settings)
    assert function.client.get_function_url_config(FunctionName=function.name)["Cors"] == settings
    answer = post(url, b"{}", {"Origin": PAGE})
    assert (answer.status, json.loads(answer.body), answer.headers["Access-Control-Allow-Origin"]) == (200, {"method": "POST"}, PAGE)
    question = post(url, b"", {"Origin": PAGE, "Access-Control-Request-Method": "POST"}, method="OPTIONS")
    assert (question.status, question.body) == (200, b"")
    assert (question.headers["Access-Control-Allow-Methods"], question.headers["Access-Control-Max-Age"]) == ("POST", "60")
    assert post(url, b"{}", {"Origin": "https://evil.example"}).status == 403
    assert post(url, b"{}", {"Host": "evil.example"}).status == 403
