"""Archives that a job of ours never wrote."""

import gzip
import io
import tarfile
from collections.abc import Iterable

import pytest

from pedigree.aws.archives import CHUNK, MOST_MEMBERS, MOST_PADDING, BadArchive, Known, read_archive

KNOWN = (Known.whole(r"a\.json", 10), Known(r"pictures/\d+\.jpg", 100, 4))


def tar(names: Iterable[tuple[str, bytes]], *, form: int = tarfile.PAX_FORMAT) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as archive:
        for name, content in names:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = len(content), tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def read(plain: bytes) -> dict[str, bytes]:
    return {name: member.content for name, member in read_archive(io.BytesIO(gzip.compress(plain, 1)), KNOWN).items()}


def test_members_and_their_folders_are_read_and_no_more_is_kept_than_wanted() -> None:
    files = [("./", b""), ("./pictures/", b""), ("./pictures/1.jpg", b"123456"), ("./a.json", b"{}")]
    assert read(tar(files)) == {"pictures/1.jpg": b"1234", "a.json": b"{}"}
    assert read_archive(io.BytesIO(gzip.compress(tar(files))), KNOWN)["pictures/1.jpg"].size == 6


@pytest.mark.parametrize(
    ("plain", "cause"),
    [
        (tar([("other/", b"")]), "'other', which does not belong there"),
        (tar([("a.json", b""), ("./a.json", b"")]), "'a.json' twice"),
        (tar([("a.json", b"12345678901")]), "11 bytes, more than the 10 that it may have"),
        (tar((f"pictures/{number}.jpg", b"") for number in range(MOST_MEMBERS + 1)), "more than 1,000 members"),
        (tar([("a.json", b"")]) + b"hidden" + bytes(1018), "something comes after its last member"),
        (tar([("a.json", b"")]) + bytes(MOST_PADDING), "something comes after its last member"),
        (tar([("x" * 2 * CHUNK, b"")]), "a header of more than 1,048,576 bytes"),
        (tar([("x" * 2 * CHUNK, b"")], form=tarfile.GNU_FORMAT), "a header of more than 1,048,576 bytes"),
        (tar([("pictures/1.jpg", b"123456")])[:514], "the archive is damaged"),
        (b"no tar", "the archive is damaged"),
    ],
    ids=["folder", "twice", "size", "count", "hidden", "padding", "pax header", "long name", "cut off", "no tar"],
)
def test_an_archive_that_nobody_should_unpack_is_refused(plain: bytes, cause: str) -> None:
    with pytest.raises(BadArchive, match=cause):
        read(plain)


@pytest.mark.parametrize("damage", [lambda body: body[:-3], lambda body: body[:30] + bytes(9) + body[39:], lambda _: b""])
def test_a_damaged_archive_is_refused(damage: object) -> None:
    assert callable(damage)
    with pytest.raises(BadArchive, match="the archive is damaged"):
        read_archive(io.BytesIO(damage(gzip.compress(tar([("a.json", b"{}")])))), KNOWN)
