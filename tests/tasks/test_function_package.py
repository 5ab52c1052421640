"""The zip: reproducible, and it holds what it should."""

import io
import os
import zipfile
from pathlib import Path

from tasks.function.package import code_sha256, zip_files
from tasks.training.code import package_files


def test_the_same_sources_give_the_same_zip(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("x = 1\n")
    first = zip_files({"room/a.py": source})
    os.utime(source, (0, 0))
    source.chmod(0o600)
    assert zip_files({"room/a.py": source}) == first
    source.write_text("x = 2\n")
    assert code_sha256(zip_files({"room/a.py": source})) != code_sha256(first)


def test_the_zip_holds_the_handler_and_nothing_compiled() -> None:
    with zipfile.ZipFile(io.BytesIO(zip_files(package_files("lambda_handler")))) as archive:
        names = archive.namelist()
    assert "lambda_handler/__init__.py" in names
    assert not [name for name in names if "__pycache__" in name]
