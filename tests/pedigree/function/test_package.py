"""The zip: reproducible, and it holds what it should."""

import io
import os
import zipfile
from pathlib import Path

from pedigree.function.package import code_sha256, zip_files
from pedigree.training.code import package_files


def test_the_same_sources_give_the_same_zip(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("x = 1\n")
    first = zip_files({"room/a.py": source})
    os.utime(source, (0, 0))
    source.chmod(0o600)
    assert zip_files({"room/a.py": source}) == first
    source.write_text("x = 2\n")
    assert code_sha256(zip_files({"room/a.py": source})) != code_sha256(first)


def test_two_folders_of_the_same_sources_give_the_same_zip_and_digest(tmp_path: Path) -> None:
    names = ["room/__init__.py", "room/b.py", "room/a.py"]
    archives = []
    for folder, order, mtime, mode in (("one", names, 1_000_000_000, 0o644), ("two", names[::-1], 1_700_000_000, 0o755)):
        for name in order:
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"name = {name!r}\n" * 50)
            path.chmod(mode)
            os.utime(path, (mtime, mtime))
        archives.append(zip_files({name: tmp_path / folder / name for name in order}))
    assert archives[0] == archives[1]
    # of these bytes, wherever they are zipped: no compression library and no file system has a say in them
    assert code_sha256(archives[0]) == "aq+mPmBZ1l4DbokpL8Del4iwSsEIptaTFYxqvMilW6w="


def test_the_zip_holds_the_handler_and_nothing_compiled() -> None:
    with zipfile.ZipFile(io.BytesIO(zip_files(package_files("lambda_handler")))) as archive:
        names = archive.namelist()
    assert "lambda_handler/__init__.py" in names
    assert not [name for name in names if "__pycache__" in name]
