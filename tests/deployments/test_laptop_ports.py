"""A port is one stack's from the moment it is chosen, also before its server binds it."""

import os
import socket
import sys
from pathlib import Path

import pytest

from deployments.laptop import processes
from deployments.laptop.ports import reserved_port
from deployments.laptop.stack import Stack

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_gives_another_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with reserved_port(number) as port:
            assert port.number != number
    with reserved_port(number) as port:
        assert port.number == number


def test_two_that_choose_at_the_same_moment_get_two_ports() -> None:
    number = free()
    with reserved_port(number) as first, reserved_port(number) as second:
        assert first.number == number != second.number
    with reserved_port(number) as third:
        assert third.number == number


def test_a_service_keeps_its_port_before_it_binds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "idle.py").write_text("import sys; sys.stdin.read(); import time; time.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    number = free()
    with reserved_port(number) as port:
        service = processes.start(["idle"], tmp_path / "log", port=port)
    with reserved_port(number) as other:
        assert other.number != number
    process = processes.find(service)
    assert process
    processes.stop([process])
    with reserved_port(number) as again:
        assert again.number == number


def test_a_stack_remembers_its_ports(tmp_path: Path) -> None:
    stack = Stack(tmp_path, ports={"server": 4242})
    stack.save()
    assert [Stack.load(tmp_path).last_port(name) for name in ("server", "local_aws")] == [(4242,), ()]
