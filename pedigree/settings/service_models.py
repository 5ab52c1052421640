"""AWS's own models of its services, as botocore carries them."""

from functools import cache
from typing import Any


@cache
def service_model(service: str) -> Any:
    """The model of a service: its operations with their members, and its enumerations."""
    import botocore.session  # the import takes half a second, so only a field that asks AWS's model waits for it

    return botocore.session.get_session().get_service_model(service)
