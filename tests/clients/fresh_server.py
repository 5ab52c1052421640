"""An embedded AWS that forgets everything on demand: `python -m tests.clients.fresh_server`.

It prints one JSON line with its address and the access key of the account's root, and again for each line of its input, when it has
forgotten everything. It ends with its input. Each server is a fork of a process that has loaded moto and serves nobody.
"""

import gc
import json
import os
import signal
import socket
import sys
import tempfile
import warnings
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from local_aws.__main__ import MOTO_SETTINGS
from local_aws.stack_secrets import FILE, Secrets, write_private

ACCOUNT = MOTO_SETTINGS["MOTO_ACCOUNT_ID"]
SERVICES: tuple[str, ...] = ("application-autoscaling", "cloudformation", "cloudwatch", "ec2", "ecr", "events", "iam", "lambda", "logs")
SERVICES += ("s3", "sagemaker", "service-quotas", "sns", "sqs", "ssm", "sts")


def main() -> None:
    os.environ.update(MOTO_SETTINGS)
    warnings.filterwarnings("ignore")
    load()
    port, secrets = free_port(), Secrets()
    ready = json.dumps({"url": f"http://127.0.0.1:{port}", "key": secrets.root_key_id, "secret": secrets.root_secret})
    asked = "forget"
    while asked:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # functions that still start write into it
            write_private(Path(folder) / FILE, json.dumps(asdict(secrets)))
            server = fork_server(port, Path(folder))
            print(ready, flush=True)
            asked = sys.stdin.readline()
            os.kill(server, signal.SIGKILL)
            os.waitpid(server, 0)


def load() -> None:
    """Load what a server would load at its first calls: moto's modules, botocore's models, and the managed policies of IAM."""
    from moto.backends import get_backend
    from moto.core.utils import get_service_model
    from moto.iam.models import IAMBackend

    for module in ("local_aws.server", "moto.moto_server.werkzeug_app"):
        import_module(module)
    for service in SERVICES:
        find: Any = get_backend  # its types accept literal names only
        backends = find(service)
        backends[ACCOUNT]  # moto looks for its regions here, and makes no records yet
        import_module(f"moto.{backends.backend.__module__.split('.')[1]}.responses")
        get_service_model(service)
    policies = IAMBackend("aws", ACCOUNT).aws_managed_policies
    patched: Any = IAMBackend
    patched._init_aws_policies = lambda _books: policies
    gc.freeze()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def fork_server(port: int, state: Path) -> int:
    """The process of a new server, when it listens."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        serve(port, state, writer)
    os.close(writer)
    os.read(reader, 1)
    os.close(reader)
    return child


def serve(port: int, state: Path, ready: int) -> None:
    """Serve in the child until it is killed."""
    from local_aws.server import LocalAws

    try:
        aws = LocalAws("127.0.0.1", port, state)
        os.close(ready)
        aws.serve()
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
