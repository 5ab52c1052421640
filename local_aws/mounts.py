"""A container's own `/opt/ml` and `/etc/hosts`: a Linux namespace in which folders of this machine are mounted there, without root."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

OPT_ML = "/opt/ml"
# $1: the folder that becomes /opt/ml, $2: the file that becomes /etc/hosts, $3: an empty folder, then the command.
# /opt belongs to this machine and may hold no ml: an empty /opt takes its place, into which all that it holds is mounted again.
SETUP = """
set -e
base=$1 hosts=$2 rest=$3; shift 3
mount --bind "$hosts" /etc/hosts
if [ ! -d /opt/ml ]; then
  mount --rbind /opt "$rest"
  mount -t tmpfs tmpfs /opt
  for each in "$rest"/*; do
    place=/opt/${each##*/}
    if [ -d "$each" ] && [ ! -L "$each" ]; then mkdir "$place"; mount --rbind "$each" "$place"; else cp -P "$each" "$place" || true; fi
  done
  mkdir /opt/ml
fi
mount --rbind "$base" /opt/ml
exec "$@"
"""


def contained(command: Sequence[str], base: Path, hosts: Sequence[str]) -> list[str]:
    """The command that runs `command` with `base` as its /opt/ml, and with `hosts` as names of this machine; see `obstacle`."""
    names, rest = base.with_name(base.name + ".hosts"), base.with_name(base.name + ".opt")
    rest.mkdir(exist_ok=True)
    names.write_text(Path("/etc/hosts").read_text() + "".join(f"127.0.0.1 {host}\n" for host in hosts))
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SETUP, "sh", str(base), str(names), str(rest), *command]


@cache
def obstacle() -> str:
    """The reason why this machine cannot give a container its own /opt/ml; empty when it can."""
    if not sys.platform.startswith("linux"):
        return f"{sys.platform} has no namespaces of Linux"
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "ml"
        base.mkdir()
        try:
            tried = subprocess.run(contained(["test", "-d", OPT_ML], base, []), capture_output=True, text=True, check=False)
        except OSError as error:
            return f"{error.filename}: {error.strerror}"
    return "" if tried.returncode == 0 else f"unprivileged namespaces are not allowed here ({tried.stderr.strip()})"
