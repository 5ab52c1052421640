"""Function URLs over real HTTP: who may come in, what a function gets, what a caller gets."""

import base64
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from botocore.exceptions import ClientError

from local_aws.cloud import Cloud
from local_aws.functions.urls import UrlConfig, Urls
from tests.lab.function_urls import UrlAnswer, post, signed
from tests.lab.running_aws import RunningAws, allow
from tests.local_aws.deployed import HELD, Deployed, Deployer, wait_until, zip_of

ECHO = """
import base64, json
def handler(event, context):
    if event.get("rawPath") == "/fail":
        raise RuntimeError("no")
    if event.get("rawPath") == "/cookie":
        return {"statusCode": 418, "headers": {"X-Own": "yes"}, "cookies": ["a=1", "b=2"],
                "body": base64.b64encode(b"\\x00\\xff").decode(), "isBase64Encoded": True}
    return {"event": event}
"""
PUBLIC: list[dict[str, Any]] = [
    {"StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
    {"StatementId": "invoke", "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
]
BOTH = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]


def url_of(function: Deployed, auth: str = "AWS_IAM") -> str:
    """Of the alias `live`."""
    function.client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=function.publish())
    return str(function.client.create_function_url_config(FunctionName=function.name, Qualifier="live", AuthType=auth)["FunctionUrl"])


def ask(url: str, body: bytes, credentials: dict[str, str], **more: str) -> UrlAnswer:
    return post(url, body, signed(url, body, credentials, **more))


def test_a_signed_request_of_who_may_is_an_event_in_lambdas_format(deploy: Deployer, aws: RunningAws) -> None:
    function = deploy(ECHO)
    url, arn = url_of(function), f"arn:aws:lambda:us-east-1:123456789012:function:{function.name}:live"
    caller = aws.as_role(allow(BOTH, arn))
    answer = ask(f"{url}a%20path?top=1&top=2&x=", b'{"n": 1}', caller)
    event = json.loads(answer.body)["event"]
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/a%20path", "top=1&top=2&x=")
    assert (event["queryStringParameters"], event["body"], event["isBase64Encoded"]) == ({"top": "1,2", "x": ""}, '{"n": 1}', False)
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["requestContext"]["authorizer"]["iam"]["accessKey"] == caller["AWS_ACCESS_KEY_ID"]
    picture = json.loads(ask(url, b"\xff\xd8\xff", caller, content_type="image/jpeg").body)["event"]
    assert (base64.b64decode(picture["body"]), picture["isBase64Encoded"]) == (b"\xff\xd8\xff", True)
    assert [entry.outcome for entry in aws.journal() if (entry.action, entry.resource) == ("lambda:InvokeFunctionUrl", arn)] == ["ok"] * 2


def test_nobody_else_comes_in(deploy: Deployer, aws: RunningAws) -> None:
    function = deploy(ECHO)
    url, body = url_of(function), b"{}"
    assert post(url, body, {"Content-Type": "application/json"}).status == 403
    for missing in BOTH:
        caller = aws.as_role(allow([action for action in BOTH if action != missing], "*"))
        refused = ask(url, body, caller)
        assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
        assert missing in json.loads(refused.body)["Message"]
    headers = signed(url, body, aws.admin)
    assert post(url, body, headers).status == 200
    assert post(url, b'{"other": 1}', headers).status == 403
    assert post(f"{url}other", body, headers).status == 403
    assert post(url, body, {**headers, "X-Amz-Date": "20200101T000000Z"}).status == 403
    forged = signed(url, body, {**aws.admin, "AWS_SECRET_ACCESS_KEY": "guessed"})
    assert post(url, body, forged).status == 403
    assert not [line for line in function.log_lines() if "other" in line]


def test_the_public_needs_a_policy_that_lets_it_in(deploy: Deployer) -> None:
    function = deploy(ECHO)
    url = url_of(function, "NONE")
    for statement in PUBLIC:
        assert post(url, b"{}", {}).status == 403
        function.client.add_permission(FunctionName=function.name, Qualifier="live", Principal="*", **statement)
    answer = post(url, b"{}", {})
    assert json.loads(answer.body)["event"]["requestContext"]["accountId"] == "anonymous"
    with pytest.raises(function.client.exceptions.ResourceConflictException):
        function.client.add_permission(FunctionName=function.name, Qualifier="live", Principal="*", **PUBLIC[0])
    policy = json.loads(function.client.get_policy(FunctionName=function.name, Qualifier="live")["Policy"])
    assert [statement["Condition"] for statement in policy["Statement"]] == [
        {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
    ]
    function.client.update_function_url_config(FunctionName=function.name, Qualifier="live", AuthType="AWS_IAM")
    assert post(url, b"{}", {}).status == 403
    function.client.remove_permission(FunctionName=function.name, Qualifier="live", StatementId="url")
    function.client.update_function_url_config(FunctionName=function.name, Qualifier="live", AuthType="NONE")
    assert post(url, b"{}", {}).status == 403


def test_above_the_reservation_a_url_answers_429_with_retry_after(deploy: Deployer, aws: RunningAws, tmp_path: Path) -> None:
    function, release = deploy(HELD.replace('event["until"]', 'event["headers"]["until"]')), tmp_path / "release"
    url = url_of(function)
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)
    headers = {**signed(url, b"{}", aws.admin), "until": str(release)}
    with ThreadPoolExecutor(1) as caller:
        held = caller.submit(post, url, b"{}", headers)
        wait_until(lambda: started(function))
        refused = post(url, b"{}", headers)
        release.touch()
        assert held.result(timeout=60).status == 200
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")


def test_what_a_function_answers_is_what_its_caller_gets(deploy: Deployer, aws: RunningAws) -> None:
    url = url_of(deploy(ECHO))
    own = ask(f"{url}cookie", b"{}", aws.admin)
    assert (own.status, own.headers["X-Own"], own.body) == (418, "yes", b"\x00\xff")
    assert [value for name, value in own.headers.items() if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert ask(f"{url}fail", b"{}", aws.admin).status == 502


def test_a_url_ends_with_its_function_and_is_there_once(deploy: Deployer, aws: RunningAws) -> None:
    function = deploy(ECHO)
    url, client = url_of(function), function.client
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.create_function_url_config(FunctionName=function.name, Qualifier="live", AuthType="AWS_IAM")
    with pytest.raises(ClientError, match="at 'qualifier' failed to satisfy constraint"):
        client.create_function_url_config(FunctionName=function.name, Qualifier="1", AuthType="AWS_IAM")
    assert client.get_function_url_config(FunctionName=function.name, Qualifier="live")["FunctionUrl"] == url
    client.delete_function(FunctionName=function.name)
    with pytest.raises(URLError):
        ask(url, b"{}", aws.admin)
    client.create_function(
        FunctionName=function.name,
        Runtime="python3.11",
        Handler="main.handler",
        Role=aws.make_role(trusts={"Service": "lambda.amazonaws.com"}),
        Code={"ZipFile": zip_of(ECHO)},
    )
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function_url_config(FunctionName=function.name)


def test_a_deleted_url_answers_nobody_and_its_function_stays(deploy: Deployer, aws: RunningAws) -> None:
    function = deploy(ECHO)
    url, client = url_of(function), function.client
    (listed,) = client.list_function_url_configs(FunctionName=function.name)["FunctionUrlConfigs"]
    assert listed["FunctionUrl"] == url
    client.delete_function_url_config(FunctionName=function.name, Qualifier="live")
    with pytest.raises(URLError):
        ask(url, b"{}", aws.admin)
    assert client.list_function_url_configs(FunctionName=function.name)["FunctionUrlConfigs"] == []
    assert client.get_alias(FunctionName=function.name, Name="live")["FunctionVersion"] == "1"


def started(function: Deployed) -> bool:
    groups = function.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function.name}")["logGroups"]
    return bool(groups) and any(line.startswith("START") for line in function.log_lines())


def test_a_url_whose_port_was_taken_meanwhile_moves_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = UrlConfig("f", "live", "arn:f:live", "NONE", {})
    unused: Any = None  # a URL that nobody asks needs no function
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config.port = port = taken.getsockname()[1]
        urls = Urls(Cloud("http://127.0.0.1:1", tmp_path), unused, unused, unused, {("f", "live"): config})
    assert config.port != port
    assert f"moves from port {port} to {config.port}: Address already in use" in capsys.readouterr().err
    urls.close()
