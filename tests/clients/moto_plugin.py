"""A pytest plugin for moto's own tests: it points their server mode at an embedded AWS, which forgets everything between two tests.

It runs in moto's environment, in which `tests` is moto's package, so it imports nothing of this project. PEDIGREE_ROOT names the project,
and PEDIGREE_PYTHON its Python.
"""

import json
import os
import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest

SERVER = pytest.StashKey[subprocess.Popen[str]]()
REGION = "us-east-1"  # the only one that there is
SERVICES = [f"{name}.amazonaws.com" for name in ("lambda", "sagemaker", "ec2", "logs", "firehose", "events")]
TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": SERVICES}}]}
)
LAST: list[str] = []  # the answer to the last call, when it was an error


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the server before a conftest imports moto, which reads its settings then."""
    command = [os.environ["PEDIGREE_PYTHON"], "-m", "tests.clients.fresh_server"]
    root = os.environ["PEDIGREE_ROOT"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "MOTO_", "PYTHONPATH"))}
    server = subprocess.Popen(command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    early_config.stash[SERVER] = server
    ready = json.loads(line_of(server))
    os.environ |= {"TEST_SERVER_MODE": "true", "TEST_SERVER_MODE_ENDPOINT": ready["url"], "AWS_ENDPOINT_URL": ready["url"]}
    os.environ["AWS_DEFAULT_REGION"] = REGION
    use_root(server, {"AWS_ACCESS_KEY_ID": ready["key"], "AWS_SECRET_ACCESS_KEY": ready["secret"]})
    correct_clients()


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash[SERVER]
    assert server.stdin
    server.stdin.close()
    server.wait(timeout=60)


def pytest_runtest_setup() -> None:
    LAST.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Put the answer on which a test ended into the report, because many tests show its status or its code only."""
    if call.when == "call":
        item.user_properties.extend(("answer", answer) for answer in LAST)


def line_of(server: subprocess.Popen[str]) -> str:
    assert server.stdout
    return server.stdout.readline()


def use_root(server: subprocess.Popen[str], keys: dict[str, str]) -> None:
    """Let moto's tests sign with the root's key instead of one that nobody knows, and reset this server instead of moto's."""
    from moto.core import models

    def reset(_mock: Any) -> None:
        assert server.stdin
        server.stdin.write("forget\n")
        server.stdin.flush()
        line_of(server)

    real = models.MockAWS.__init__

    def start(mock: Any, *arguments: Any, **named: Any) -> None:
        real(mock, *arguments, **named)
        mock._fake_creds = keys

    patched: Any = models
    patched.MockAWS.__init__ = start
    patched.ServerModeMockAWS.reset = reset
    patched.ServerModeMockAWS._get_region = lambda *_arguments, **_named: None  # it would tell moto another region by the user agent


def correct_clients() -> None:
    """Let every client speak to the one region, sign by the real clock where a test stops its own, and note its last answer."""
    from botocore import auth
    from botocore.session import Session

    now = datetime.now  # of the real class, which freezegun replaces
    signing: Any = auth
    signing.get_current_datetime = lambda remove_tzinfo=True: now(UTC).replace(tzinfo=None) if remove_tzinfo else now(UTC)

    real = Session.create_client

    def create(session: Any, *arguments: Any, **named: Any) -> Any:
        client = real(session, *arguments, **(named | {"region_name": REGION}))
        events: Any = client.meta.events  # the stubs let no hook return anything
        events.register("after-call", note)
        events.register("provide-client-params.iam.CreateRole", trust_services)
        events.register("provide-client-params.s3.CreateBucket", stay_here)
        return client

    patched: Any = Session
    patched.create_client = create


def trust_services(params: dict[str, Any], **_others: Any) -> dict[str, Any]:
    """Give a role that a test makes with words as its trust policy, which AWS refuses, a policy that lets services assume it."""
    given = params.get("AssumeRolePolicyDocument")
    return params if given is None or str(given).lstrip().startswith("{") else params | {"AssumeRolePolicyDocument": TRUST}


def stay_here(params: dict[str, Any], **_others: Any) -> dict[str, Any]:
    """Leave the location of a bucket out where it became the one region, which is no constraint; the tests of S3 keep their regions."""
    here = params.get("CreateBucketConfiguration") == {"LocationConstraint": REGION}
    kept = not here or "test_s3/" in os.environ["PYTEST_CURRENT_TEST"]
    return params if kept else {name: value for name, value in params.items() if name != "CreateBucketConfiguration"}


def note(parsed: dict[str, Any], model: Any, **_others: Any) -> None:
    """Keep the answer to a call when it is an error."""
    LAST.clear()
    if error := parsed.get("Error"):
        LAST.append(f"{model.service_model.service_name}:{model.name} {error.get('Code')}: {error.get('Message')}")
