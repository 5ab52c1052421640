"""The record of the stack of this laptop: one folder, with one file that names the running processes."""

import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = "pedigree"
REGION = "us-east-1"
MARK = "PEDIGREE_STACK"  # environment variable of every process that a stack starts: it names the folder; prefect.yaml uses it


class StackError(Exception):
    """A part of the stack does not work; the message says what, why and what to do."""


@dataclass(frozen=True)
class Service:
    """A detached process: `created` (epoch seconds) distinguishes it from a later process with the same pid; port 0 means no port."""

    pid: int
    created: float
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Stack:
    """The record in `<folder>/stack.json`: services, the ports they had, outputs of the bootstrap stack, digests of what was registered."""

    folder: Path
    services: dict[str, Service] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    bootstrapped: str = ""
    registered: str = ""
    ports: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "Stack":
        """Load the record of a folder; an empty record when the folder has none."""
        try:
            record = json.loads((folder / "stack.json").read_text())
        except FileNotFoundError:
            return cls(folder)
        services = {name: Service(**service) for name, service in record.pop("services").items()}
        return cls(folder, services, **record)

    def save(self) -> None:
        record = asdict(self)
        del record["folder"]
        draft = self.folder / "stack.json.draft"
        draft.write_text(json.dumps(record, indent=2) + "\n")
        draft.replace(self.folder / "stack.json")

    def last_port(self, service: str) -> tuple[int, ...]:
        """The port that a service had last time, if any."""
        return (self.ports[service],) if service in self.ports else ()

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    @property
    def aws_url(self) -> str:
        return self.services["local_aws"].url

    @property
    def prefect_url(self) -> str:
        return self.services["server"].url

    @property
    def api_url(self) -> str:
        return f"{self.prefect_url}/api"


def default_folder() -> Path:
    """The folder `.pedigree` of the project, or the folder that PEDIGREE_STATE names: one machine can have several stacks."""
    return Path(os.environ.get("PEDIGREE_STATE") or ROOT / ".pedigree").resolve()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read and write; it is complete at every moment."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.", delete=False) as draft:  # with mode 600
        draft.write(text)
    Path(draft.name).replace(path)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a lock on `folder`, so that only one process at a time starts or ends its stack."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another `make` that starts or ends this stack.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def use_environment(folder: Path) -> None:
    """Replace the AWS and Prefect settings in this process's environment with those of the stack; child processes inherit them."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "PREFECT_"))]:
        del os.environ[name]
    os.environ |= {
        MARK: str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1"])),
        "AWS_CONFIG_FILE": str(folder / "aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "aws" / "credentials"),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "DO_NOT_TRACK": "1",
    }
