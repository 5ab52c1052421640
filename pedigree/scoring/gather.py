"""The gathering of all chunks into one file of predictions and one file of bad images with reasons."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import pyarrow as pa
from pyarrow import parquet

from pedigree.aws.clients import S3Client, client
from pedigree.aws.naming import key_of
from pedigree.aws.objects import head
from pedigree.scoring.answers import Row
from pedigree.scoring.chunk import ScoredChunk
from pedigree.scoring.images import BadImage, Images
from pedigree.values import Account

SCHEMA = pa.schema(
    [
        ("image", pa.string()),
        ("label", pa.string()),
        ("probability", pa.float64()),
        ("probabilities", pa.map_(pa.string(), pa.float64())),
        ("model_package", pa.string()),
    ]
)


class Files(NamedTuple):
    """The keys of the two files of a score."""

    predictions: str
    bad_images: str


@dataclass(frozen=True)
class Scores:
    """The result of a score; `predictions` and `bad_images` are the URIs of the two files."""

    package: str
    predictions: str
    bad_images: str
    counts: dict[str, int]
    bad: tuple[BadImage, ...]

    @property
    def predicted(self) -> int:
        return sum(self.counts.values())


def gather_predictions(account: Account, package: str, images: Images, scored: Sequence[ScoredChunk], file_format: str) -> Scores:
    """Write each image once, in the order of the keys: into `predictions.parquet` or `predictions.jsonl`, or else into `bad.jsonl`."""
    s3 = client(account.credentials, "s3")
    bad = sorted((*images.bad, *(each for chunk in scored for each in chunk.bad)), key=lambda each: each.key)
    listed = [[each.key, each.reason] for each in bad]
    folder = f"scores/{key_of(package=package, jobs=[chunk.predictions for chunk in scored], bad=listed, format=file_format)}/"
    keys = Files(f"{folder}predictions.{file_format}", f"{folder}bad.jsonl")
    if any(head(s3, account.bucket, key) is None for key in keys):  # a further run over the same images writes nothing
        with TemporaryFile() as file:
            rows = WRITERS[file_format](file, (read_rows(s3, account.bucket, chunk.predictions) for chunk in scored))
            assert rows + len(bad) == len(images.good) + len(images.bad), "every image is in one of the two files, and once"
            file.seek(0)
            s3.upload_fileobj(file, account.bucket, keys.predictions)
        s3.put_object(Bucket=account.bucket, Key=keys.bad_images, Body=bad_lines(images, bad).encode())
    counts = sum((Counter(chunk.counts) for chunk in scored), Counter[str]())
    predictions, bad_images = (f"s3://{account.bucket}/{key}" for key in keys)
    return Scores(package, predictions, bad_images, dict(counts.most_common()), tuple(bad))


def bad_lines(images: Images, bad: Iterable[BadImage]) -> str:
    return "".join(json.dumps({"image": f"s3://{images.bucket}/{each.key}", "reason": each.reason}) + "\n" for each in bad)


def read_rows(s3: S3Client, bucket: str, key: str) -> list[Row]:
    return [json.loads(line) for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()]


def write_parquet(file: IO[bytes], chunks: Iterable[list[Row]]) -> int:
    """Write a row group for each chunk, with one chunk in memory at a time; return the number of rows."""
    count = 0
    with parquet.ParquetWriter(file, SCHEMA) as writer:
        for rows in filter(None, chunks):
            writer.write_table(pa.Table.from_pylist(list(with_pairs(rows)), schema=SCHEMA))
            count += len(rows)
    return count


def with_pairs(rows: Iterable[Row]) -> Iterator[Row]:
    return ({**row, "probabilities": list(row["probabilities"].items())} for row in rows)


def write_jsonl(file: IO[bytes], chunks: Iterable[list[Row]]) -> int:
    count = 0
    for rows in chunks:
        file.writelines(json.dumps(row).encode() + b"\n" for row in rows)
        count += len(rows)
    return count


WRITERS = {"parquet": write_parquet, "jsonl": write_jsonl}
