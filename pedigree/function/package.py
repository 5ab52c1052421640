"""The Lambda zip: the same sources give the same bytes."""

import base64
import hashlib
import io
import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
READABLE, UNIX = 0o644 << 16, 3


def zip_files(files: dict[str, Path]) -> bytes:
    """A zip of {name: path} without any time, mode, order or compression of this machine: zlib's bytes differ between its versions."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr, entry.create_system = READABLE, UNIX
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def code_sha256(archive: bytes) -> str:
    """As Lambda writes it: base64 of the SHA-256."""
    return base64.b64encode(hashlib.sha256(archive).digest()).decode()
