"""The file prefect.toml of the project's folder: `prefect` commands and flows that start there reach the default stack by it.

A file that a person wrote stays as it is.
"""

import shlex
from pathlib import Path

from deployments.laptop.auth_string import auth_file, read_auth_string
from deployments.laptop.stack import ROOT, Stack, write_private

PATH = ROOT / "prefect.toml"
OURS = "# written by make up, removed by make clean\n"


def update_prefect_toml(stack: Stack, path: Path = PATH) -> None:
    """Write address and auth string of the server into the file when the stack is the default one."""
    own = path.exists() and not path.read_text().startswith(OURS)
    if stack.folder == path.parent / ".pedigree" and not own:
        write_private(path, content(stack))


def content(stack: Stack) -> str:
    return f'{OURS}[api]\nurl = "{stack.api_url}"\nauth_string = "{read_auth_string(stack.folder)}"\n'


def how_to_use_prefect(stack: Stack, path: Path = PATH) -> str:
    """Say to a person at a shell how `prefect` reaches the server of the stack."""
    here = path.exists() and path.read_text() == content(stack)
    when = f"In {path.parent} the prefect command needs nothing more; elsewhere:" if here else "To use Prefect as the flows do:"
    return f"{when}\n    export {environment(stack)}"


def environment(stack: Stack) -> str:
    """The settings of a client as words of a shell, in which the auth string is not written."""
    return f'PREFECT_API_URL={stack.api_url} PREFECT_API_AUTH_STRING="$(cat {shlex.quote(str(auth_file(stack.folder)))})"'
