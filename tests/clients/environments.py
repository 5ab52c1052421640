"""Environments of their own for other people's packages, below `.clients/`."""

import os
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from shutil import rmtree, which

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".clients"


def environment(name: str, *packages: str) -> Path:
    """The Python of an environment that holds these packages; it is made once, and again when the packages change."""
    folder = HOME / name
    stamp, wanted = folder / "packages", sha256("\n".join(packages).encode()).hexdigest()
    python = folder / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    rmtree(folder, ignore_errors=True)
    if which("uv"):
        subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
        subprocess.run(["uv", "pip", "install", "--quiet", "--python", str(python), *packages], check=True)
    else:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
    stamp.write_text(wanted)
    return python


def caller_environment(url: str, credentials: Mapping[str, str], home: Path) -> dict[str, str]:
    """The variables that point a client at an embedded AWS, and nothing of this machine's but its PATH."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **credentials,
    }
