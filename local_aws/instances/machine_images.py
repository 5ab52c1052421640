"""AWS's public deep-learning AMI: its record in moto, and the public SSM parameter that names the newest AMI."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from moto.core.utils import utcnow

from local_aws.corrections import after_making, correct
from local_aws.images import TORCH, Image

FAMILY = "oss-nvidia-driver-gpu-pytorch-2.10-amazon-linux-2023"
PUBLIC = "/aws/service"  # where AWS's public parameters begin
PARAMETER = f"{PUBLIC}/deeplearning/ami/x86_64/{FAMILY}/latest/ami-id"
AMI_ID = "ami-0ded1ca7ed0000210"
AMAZON = "898082745236"  # the account that owns these images
PACKAGES = Image("pytorch", "ami:*", TORCH)


@cache  # once in a process
def publish_images() -> None:
    """Add the AMI to EC2 and its parameter to SSM, as soon as moto makes their records."""
    correct("moto.ec2.models", lambda models: after_making(models.EC2Backend, add_image))
    correct("moto.ssm.models", lambda models: after_making(models.SimpleSystemManagerBackend, add_parameter))
    correct("moto.ssm.models", hide_public)


def add_image(books: Any) -> None:
    from moto.ec2.models.amis import Ami

    books.amis[AMI_ID] = Ami(
        books,
        AMI_ID,
        name="Deep Learning OSS Nvidia Driver AMI GPU PyTorch 2.10 (Amazon Linux 2023) 20260808",
        owner_id=AMAZON,
        owner_alias="amazon",
        public=True,
        virtualization_type="hvm",
        architecture="x86_64",
        hypervisor="xen",
        root_device_type="ebs",
        root_device_name="/dev/xvda",
        region_name=f"{books.region_name}a",
    )


def add_parameter(books: Any) -> None:
    from moto.ssm.models import Parameter

    parameter: Any = Parameter  # partly untyped
    books._parameters[PARAMETER] = [
        parameter(
            account_id="",  # as in the ARN of the parameter
            name=PARAMETER,
            value=AMI_ID,
            parameter_type="String",
            description=None,
            allowed_pattern=None,
            keyid=None,
            last_modified_date=utcnow(),
            version=1,
            data_type="aws:ec2:image",
        )
    ]


def hide_public(models: Any) -> None:
    """Leave public parameters out of the lists of the account's parameters, and show them below their own path.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-finding-public-parameters.html
    """

    def own(parameters: Any) -> Iterator[str]:
        return (name for name in parameters.keys() if not name.startswith(PUBLIC))  # noqa: SIM118 - to iterate is what is replaced

    def below(parameters: Any, path: str, recursive: bool) -> list[str]:  # noqa: FBT001 - as moto calls it
        parameters._check_loading_status(path)
        names = parameters.keys() if path.startswith(PUBLIC) else own(parameters)
        inside = (name for name in names if path == "/" or name.startswith(path))
        return [name for name in inside if recursive or "/" not in name[len(path) + 1 :]]

    models.ParameterDict.__iter__ = own
    models.ParameterDict.get_keys_beginning_with = below
