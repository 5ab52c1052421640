"""The auth string of a stack: a random secret in a file that only its owner may read. The Prefect server answers nobody without it."""

import secrets
from pathlib import Path

from deployments.laptop.stack import write_private


def auth_file(folder: Path) -> Path:
    return folder / "prefect-auth"


def ensure_auth_string(folder: Path) -> None:
    """Write a new auth string for the stack in `folder`, unless there is one."""
    if not auth_file(folder).exists():
        write_private(auth_file(folder), f"pedigree:{secrets.token_urlsafe(32)}\n")


def read_auth_string(folder: Path) -> str:
    return auth_file(folder).read_text().strip()


def how_to_log_in(folder: Path) -> str:
    """Say to a person in front of the UI what it asks for."""
    return f"The Prefect UI asks for the auth string: paste the line that is in {auth_file(folder)}"
