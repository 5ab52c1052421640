"""A pytest plugin for moto's own tests: it points their server mode at an embedded AWS, which forgets everything between two tests.

It runs in moto's environment, in which `tests` is moto's package, so it imports nothing of this project. PEDIGREE_ROOT names the project,
and PEDIGREE_PYTHON its Python.
"""

import json
import os
import subprocess
from typing import Any

import pytest

SERVER = pytest.StashKey[subprocess.Popen[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the server before a conftest imports moto, which reads its settings then."""
    command = [os.environ["PEDIGREE_PYTHON"], "-m", "tests.clients.fresh_server"]
    root = os.environ["PEDIGREE_ROOT"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "MOTO_", "PYTHONPATH"))}
    server = subprocess.Popen(command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    early_config.stash[SERVER] = server
    ready = json.loads(line_of(server))
    os.environ |= {"TEST_SERVER_MODE": "true", "TEST_SERVER_MODE_ENDPOINT": ready["url"], "AWS_DEFAULT_REGION": "us-east-1"}
    use_root(server, {"AWS_ACCESS_KEY_ID": ready["key"], "AWS_SECRET_ACCESS_KEY": ready["secret"]})


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash[SERVER]
    assert server.stdin
    server.stdin.close()
    server.wait(timeout=60)


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
