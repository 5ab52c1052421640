"""The recorded latency curves, each beside the record of the run that measured it."""

import logging
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from pedigree.aws.clients import client
from pedigree.aws.errors import InvalidInput
from pedigree.aws.objects import put_json, split_uri
from pedigree.planning.curve import LatencyCurve
from pedigree.planning.live import LiveModel, find_live
from pedigree.settings import Serving
from pedigree.values import Account

LOG = logging.getLogger(__name__)
RECORD = "latency-curve.json"


def find_curve(account: Account, serving: Serving, curve: str | None) -> LatencyCurve:
    """Read the given curve, or else the newest recorded curve of the live model; InvalidInput when there is none."""
    if curve is not None:
        return parse_curve(read_text(account, curve), curve)
    live = find_live(account, serving)
    found = next((each for each in recorded_curves(account) if is_of(each, live)), None)
    if found is None:
        cause = f"no latency curve of {live.model} on {live.instance_type} was recorded"
        action = (
            "run `plan` once with `measure` on, which deploys the model on a separate endpoint for some minutes and measures it at rising "
            "concurrency; or give a recorded `curve`"
        )
        raise InvalidInput("plan", f"endpoint {live.endpoint}", cause, action)
    LOG.info(f"Latency curve of {found.measured_at:%Y-%m-%d %H:%M}, {found.capacity:.3g} requests per second an instance")
    return found


def put_curve(account: Account, curve: LatencyCurve) -> str:
    """Record the curve and return its S3 URI."""
    key = f"runs/{account.run}/{RECORD}"
    put_json(client(account.credentials, "s3"), account.bucket, key, curve.model_dump(mode="json"))
    return f"s3://{account.bucket}/{key}"


def recorded_curves(account: Account) -> Iterator[LatencyCurve]:
    """All recorded curves, the newest first."""
    s3 = client(account.credentials, "s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=account.bucket, Prefix="runs/")
    found = [entry for page in pages for entry in page.get("Contents", []) if entry["Key"].endswith(f"/{RECORD}")]
    for entry in sorted(found, key=lambda entry: entry["LastModified"], reverse=True):
        uri = f"s3://{account.bucket}/{entry['Key']}"
        yield parse_curve(read_text(account, uri), uri)


def is_of(curve: LatencyCurve, live: LiveModel) -> bool:
    return (curve.model, curve.image, curve.instance_type) == (live.model, live.image, live.instance_type)


def parse_curve(text: str, name: str) -> LatencyCurve:
    try:
        return LatencyCurve.model_validate_json(text)
    except ValidationError as error:
        action = f"give a file that `plan` wrote with `measure` on: {RECORD} beside the other records of the run"
        raise InvalidInput("plan", f"latency curve {name}", str(error), action) from error


def read_text(account: Account, name: str) -> str:
    """Read the text of a file or an s3:// address; InvalidInput for a missing file."""
    if name.startswith("s3://"):
        bucket, key = split_uri(name)
        body: bytes = client(account.credentials, "s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return body.decode()
    try:
        return Path(name).expanduser().read_text()
    except OSError as error:
        where = "give a file of the machine that runs the flow, or an s3:// address of the project's bucket"
        raise InvalidInput("plan", name, str(error), where) from error
