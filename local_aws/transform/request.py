"""The refusals of CreateTransformJob: requests that AWS refuses, and requests that local_aws cannot run."""

from collections.abc import Mapping
from typing import Any

from local_aws.call import AwsError

MOST_IN_FLIGHT_MB = 100  # MaxConcurrentTransforms x MaxPayloadInMB
DATA_TYPES, SPLITS = ("S3Prefix", "ManifestFile"), ("None", "Line")


def validate(spec: Mapping[str, Any]) -> None:
    """Check a request; ValidationException for what AWS refuses or local_aws cannot run."""
    source, given = spec["TransformInput"]["DataSource"]["S3DataSource"], spec["TransformInput"]
    for name, uri in (("S3Uri", source["S3Uri"]), ("S3OutputPath", spec["TransformOutput"]["S3OutputPath"])):
        if not uri.startswith("s3://"):
            raise invalid(f"{name} {uri} is not an S3 URI.")
    require_small(spec)
    if spec.get("BatchStrategy") == "MultiRecord" and given.get("SplitType", "None") == "None":
        raise invalid("BatchStrategy MultiRecord needs a SplitType: without one, every object is one record.")
    if (
        source["S3DataType"] not in DATA_TYPES
        or given.get("SplitType", "None") not in SPLITS
        or given.get("CompressionType", "None") != "None"
    ):
        raise invalid("local_aws transforms uncompressed objects of an S3Prefix or ManifestFile, whole or split by Line.")
    if spec.get("DataProcessing") or spec.get("DataCaptureConfig"):
        raise invalid("local_aws transforms without DataProcessing and DataCaptureConfig.")


def require_small(spec: Mapping[str, Any]) -> None:
    payload, concurrent = spec.get("MaxPayloadInMB", 6), max(1, spec.get("MaxConcurrentTransforms", 1))
    if payload > MOST_IN_FLIGHT_MB or payload * concurrent > MOST_IN_FLIGHT_MB:
        raise invalid(f"MaxConcurrentTransforms * MaxPayloadInMB must not exceed {MOST_IN_FLIGHT_MB} MB, got {concurrent} * {payload} MB.")


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
