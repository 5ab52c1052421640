"""The one way to AWS: boto3 clients by the name of their credentials."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

# boto3 turns a success whose answer was lost into "exists already" when it tries again; adoption takes care of that
CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=70, max_pool_connections=32)
CONNECTIONS: dict[str, tuple[boto3.Session, dict[str, Any]]] = {}  # name of the credentials: session, further parameters of its clients


def connect(credentials: str, session: boto3.Session, **parameters: Any) -> None:
    """From now on clients of `credentials` come from this session; `parameters` are those of `session.client`, such as `endpoint_url`."""
    CONNECTIONS[credentials] = (session, parameters)
    client.cache_clear()  # clients of an earlier session may hold keys that have expired


@cache
def client(credentials: str, service: str, *, region: str | None = None, config: Config = CONFIG) -> Any:
    """A client of `service`, thread-safe and kept; without `connect`, `credentials` is the name of an AWS profile."""
    session, parameters = CONNECTIONS.get(credentials) or (boto3.Session(profile_name=credentials), {})
    make: Any = session.client  # its type knows services as literals only
    chosen = parameters.get("config")
    return make(service, **{**parameters, "region_name": region, "config": config.merge(chosen) if chosen else config})
