"""The answers of a transform job as rows of the predictions; S3 has one object for each image."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pedigree.aws.clients import S3Client
from pedigree.aws.objects import split_uri
from pedigree.scoring.images import BadImage
from pedigree.scoring.transform_job import Chunk

Row = dict[str, Any]
READS = 16  # reads at a time


def count_answers(s3: S3Client, output: str) -> int:
    """The number of objects below the output path of a job."""
    bucket, folder = split_uri(output)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{folder}/")
    return sum(len(page.get("Contents", [])) for page in pages)


def read_answers(s3: S3Client, bucket: str, folder: str, chunk: Chunk, package: str) -> tuple[list[Row], list[BadImage]]:
    """(a row for each image with a prediction, the images that the model refused), in the order of the chunk."""

    def read(key: str) -> Any:
        return json.loads(s3.get_object(Bucket=bucket, Key=f"{folder}answers/{key}.out")["Body"].read())

    keys = [image.key for image in chunk.images]
    with ThreadPoolExecutor(READS) as pool:
        answers = list(zip(keys, pool.map(read, keys), strict=True))
    rows = [row_of(f"s3://{chunk.bucket}/{key}", answer, package) for key, answer in answers if "error" not in answer]
    return rows, [BadImage(key, answer["error"]["message"]) for key, answer in answers if "error" in answer]


def row_of(image: str, answer: list[dict[str, Any]], package: str) -> Row:
    """The row of an image; `answer` is [{label, probability}], the most probable label first."""
    return {
        "image": image,
        "label": answer[0]["label"],
        "probability": answer[0]["probability"],
        "probabilities": {each["label"]: each["probability"] for each in answer},
        "model_package": package,
    }
