"""The secrets of one embedded AWS: the access key of the account's root, and the token of the control path.

They are random, lie in files that only their owner can read, and stay the same until their folder is deleted.
"""

import json
import os
import secrets
import string
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = "secrets.json"
CONTROL_HEADER = "control-header"  # curl -H @<folder>/control-header
KEY_ALPHABET = string.ascii_uppercase + "234567"


def new_key_id(prefix: str) -> str:
    """An access key id: AKIA is the prefix of a long-term key, ASIA that of a session."""
    return prefix + "".join(secrets.choice(KEY_ALPHABET) for _ in range(16))


def new_secret() -> str:
    return secrets.token_urlsafe(30)


@dataclass(frozen=True)
class Secrets:
    root_key_id: str = field(default_factory=lambda: new_key_id("AKIA"))
    root_secret: str = field(default_factory=new_secret)
    control_token: str = field(default_factory=new_secret)

    @property
    def control_header(self) -> str:
        return f"Bearer {self.control_token}"

    @classmethod
    def kept_in(cls, folder: Path) -> "Secrets":
        """The secrets of the folder, made when there are none; ValueError when their file cannot be understood."""
        path = folder / FILE
        if path.exists():
            return cls.read(path)
        made = cls()
        write_private(path, json.dumps(asdict(made), indent=2) + "\n")
        write_private(folder / CONTROL_HEADER, f"Authorization: {made.control_header}\n")
        return made

    @classmethod
    def read(cls, path: Path) -> "Secrets":
        try:
            return cls(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path} does not hold the secrets of a local_aws server; delete it, and new ones are made") from error


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)  # the file may be older
        file.write(text)
