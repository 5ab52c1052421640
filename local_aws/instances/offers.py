"""Which instance types EC2 offers where. moto reads the offers of all regions, 60 MB, and the account has one region."""

from functools import cache
from typing import Any

from local_aws.cloud import REGION
from local_aws.corrections import correct

FOLDER = "instance_type_offerings"


@cache  # once in a process
def read_one_region() -> None:
    """Let moto read the offers of the region only."""
    correct("moto.utilities.utils", read_less)


def read_less(utils: Any) -> None:
    load = utils.load_resource

    def load_of_region(resource: str) -> Any:
        return [] if FOLDER in resource and f"/{REGION}." not in resource else load(resource)

    utils.load_resource = load_of_region
