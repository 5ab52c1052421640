"""The objects of a DeleteObjects call that its caller must not delete: AWS answers an error for each of them, and deletes the others.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from contextvars import ContextVar
from typing import Any

REFUSED: ContextVar[frozenset[str]] = ContextVar("the ARNs that the caller of this thread must not delete", default=frozenset())


def permission(_bucket: Any, _action: str, resource: str) -> Any:
    """The answer of a bucket policy to moto, which asks for each object: it denies what the authority refused, and says nothing else."""
    from moto.iam.access_control import PermissionResult

    return PermissionResult.DENIED if resource in REFUSED.get() else PermissionResult.NEUTRAL
