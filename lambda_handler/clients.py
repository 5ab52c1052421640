"""boto3 clients, made on first use and kept for the life of the execution environment."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config


@cache
def session() -> Any:
    return boto3.session.Session()


@cache
def client(service: str, seconds: int) -> Any:
    """A client with a timeout of `seconds`; it never retries, because the caller waits."""
    config = Config(connect_timeout=min(seconds, 3), read_timeout=seconds, retries={"total_max_attempts": 1})
    return session().client(service, config=config)
