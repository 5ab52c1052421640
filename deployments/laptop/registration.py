"""Keep the Prefect server's deployments equal to prefect.yaml and the flows; register again only after a change."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from deployments import BLOCK, CLOUD, LAPTOP
from deployments.laptop.prefect_api import ApiError, PrefectApi
from deployments.laptop.processes import end_of
from deployments.laptop.services import client_environment
from deployments.laptop.stack import PROJECT, ROOT, Stack, StackError


@contextmanager
def registering(stack: Stack) -> Iterator[None]:
    """Register the deployments while the body runs, and wait for the end on leaving. Raises StackError when it failed.

    When they are registered according to the stack's record, the server is asked after the body whether it holds them.
    """
    digest = registered_digest(stack)
    if stack.registered == digest:
        yield
        if not held(PrefectApi.of(stack)):
            with registration(stack):
                pass
        return
    with registration(stack):
        yield
    stack.registered = digest
    stack.save()


def held(api: PrefectApi) -> bool:
    """Whether the server has the block of the account's credentials, and the deployments that it can run.

    Those for a real account come with the block that names its credentials, and go with it.
    """
    wanted = {LAPTOP: len(names(LAPTOP)), CLOUD: len(names(CLOUD)) if has_block(api, BLOCK) else 0}
    return has_block(api, PROJECT) and all(count(api, name) == number for name, number in wanted.items())


def names(name: str) -> list[str]:
    """The lines of prefect.yaml that begin a deployment of this name."""
    return [line for line in (ROOT / "prefect.yaml").read_text().splitlines() if line == f"  - name: {name}"]


def has_block(api: PrefectApi, name: str) -> bool:
    try:
        api.get(f"/block_types/slug/aws-credentials/block_documents/name/{name}")
    except ApiError:
        return False
    return True


def count(api: PrefectApi, name: str) -> int:
    return int(api.post("/deployments/count", {"deployments": {"name": {"any_": [name]}}}))


@contextmanager
def registration(stack: Stack) -> Iterator[None]:
    """Run the process that registers everything beside the body. Raises StackError, with the end of its log, when it failed."""
    log = stack.log("register")
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "deployments.laptop.register", str(stack.folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | client_environment(stack),
        )
    try:
        yield
        if process.wait() != 0:
            raise StackError(f"The deployments of prefect.yaml could not be registered. {end_of(log)}")
    finally:
        process.kill()
        process.wait()


def registered_digest(stack: Stack) -> str:
    """Digest of every input of the registration: prefect.yaml, work pools, the code of the forms, the address in the block."""
    digest = hashlib.sha256(f"{stack.aws_url} {stack.folder}".encode())
    for file in [
        ROOT / "prefect.yaml",
        *(file for room in ("deployments", "flows", "tasks", "pedigree") for file in sorted((ROOT / room).rglob("*.py"))),
    ]:
        digest.update(file.read_bytes())
    return digest.hexdigest()
