"""A training on EC2 as AWS is asked for it: pure functions of the settings."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pedigree.aws.errors import InvalidInput
from pedigree.aws.identity import extended
from pedigree.aws.naming import Tag
from pedigree.settings import Ec2, Training
from pedigree.training.training_job import FRAMEWORK_VERSION, JobParts, training_job_request, training_key
from pedigree.values import Account

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import EbsBlockDeviceTypeDef, RunInstancesRequestTypeDef
    from mypy_boto3_ssm.type_defs import SendCommandRequestTypeDef

# PyTorch as in the training image; "latest" is AWS's newest build of it
# https://docs.aws.amazon.com/dlami/latest/devguide/find-dlami-id.html
FAMILY = f"oss-nvidia-driver-gpu-pytorch-{FRAMEWORK_VERSION}-amazon-linux-2023"
IMAGE_PARAMETER = f"/aws/service/deeplearning/ami/x86_64/{FAMILY}/latest/ami-id"
SPARE = timedelta(hours=1)  # to boot, to install, to bring away the results, on top of the training's own time
DELIVERY_SECONDS = 600
HOST = Path(__file__).with_name("host.py")
# no key depends on the AMI of today
ANY_IMAGE = {"ImageId": "", "RootDeviceName": "/", "BlockDeviceMappings": [{"DeviceName": "/", "Ebs": {"VolumeSize": 0}}]}
NOT_OF_A_MACHINE = ("RoleArn", "Tags", "CheckpointConfig")  # the instance has its profile and tags; what it has done goes with it


def on_one_instance(training: Training, ec2: Ec2) -> Training:
    """The same training, on this machine; its image is part of the key. InvalidInput for fields that only SageMaker understands."""
    if training.extra:
        cause = f"an EC2 instance cannot do what {', '.join(training.extra)} asks SageMaker for"
        raise InvalidInput("training on EC2", "training.extra", cause, "leave training.extra empty, or run without ec2.enabled")
    here = {"image": FAMILY, "instance_type": ec2.instance_type, "fallback_instance_types": (), "instance_count": 1, "spot": False}
    return training.model_copy(update=here)


def job_of(name: str, parts: JobParts) -> dict[str, Any]:
    """The job of the instance: a CreateTrainingJob request, which `host.py` runs as SageMaker does."""
    request = training_job_request(name, parts)
    return {field: value for field, value in request.items() if field not in NOT_OF_A_MACHINE}


def instance_key(job: Mapping[str, Any], training: Training, account: Account) -> str:
    """The key of the training, which a further member of the instance's request changes."""
    instance = launch_request(job, account=account, image=ANY_IMAGE, group="", tags=())
    return extended(training_key(job, training), "instance", instance)


def lifetime(job: Mapping[str, Any]) -> timedelta:
    """After this the instance of the job has no business to be there any more."""
    return timedelta(seconds=job["StoppingCondition"]["MaxRuntimeInSeconds"]) + SPARE


def launch_request(
    job: Mapping[str, Any], *, account: Account, image: Mapping[str, Any], group: str, tags: Sequence[Tag]
) -> "RunInstancesRequestTypeDef":
    """RunInstances: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html"""
    name, machine = job["TrainingJobName"], job["ResourceConfig"]
    marks: Any = [*tags, {"Key": "Name", "Value": name}]  # each service's stub has a tag type of its own
    volume: EbsBlockDeviceTypeDef = {
        "Encrypted": True,
        "VolumeSize": root_gb(image) + machine["VolumeSizeInGB"],
        "VolumeType": "gp3",
        "DeleteOnTermination": True,
    }
    return {
        "ClientToken": name,
        "ImageId": image["ImageId"],
        "InstanceType": machine["InstanceType"],
        "MinCount": 1,
        "MaxCount": 1,
        "IamInstanceProfile": {"Name": account.instance_profile},
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
        "SecurityGroupIds": [group],
        "BlockDeviceMappings": [{"DeviceName": image["RootDeviceName"], "Ebs": volume}],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": marks}, {"ResourceType": "volume", "Tags": marks}],
        # should nobody be there to terminate it, it does so itself
        "InstanceInitiatedShutdownBehavior": "terminate",
        "UserData": f"#!/bin/sh\nshutdown -P +{lifetime(job) // timedelta(minutes=1)}\n",
    }


def root_gb(image: Mapping[str, Any]) -> int:
    """GB that the image itself takes of the disk."""
    sizes = [each["Ebs"]["VolumeSize"] for each in image["BlockDeviceMappings"] if each["DeviceName"] == image["RootDeviceName"]]
    return int(sizes[0])


def command_request(job: Mapping[str, Any], *, account: Account, instance: str, uri: str, log_group: str) -> "SendCommandRequestTypeDef":
    """SendCommand: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html"""
    return {
        "InstanceIds": [instance],
        "DocumentName": "AWS-RunShellScript",
        "Comment": job["TrainingJobName"],  # by which it is found again: SendCommand takes no token
        "TimeoutSeconds": DELIVERY_SECONDS,
        "Parameters": {"commands": script(account.region, uri), "executionTimeout": [str(job["StoppingCondition"]["MaxRuntimeInSeconds"])]},
        "CloudWatchOutputConfig": {"CloudWatchOutputEnabled": True, "CloudWatchLogGroupName": log_group},
    }


def script(region: str, uri: str) -> list[str]:
    """Lines of shell that run `host.py` on the job at this URI."""
    return [
        f"export PATH=/opt/pytorch/bin:$PATH AWS_DEFAULT_REGION={region} PYTHONUNBUFFERED=1",
        "python -c 'import importlib.util as u, sys; sys.exit(u.find_spec(\"boto3\") is None)' || python -m pip install --quiet boto3",
        f"exec python - {uri} <<'END_OF_HOST'",
        *HOST.read_text().splitlines(),
        "END_OF_HOST",
    ]
