"""Work of a service under an execution role, beside the calls that a container makes itself: log lines, metrics, image pulls.

https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html and
https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html say what a role needs.
"""

from dataclasses import dataclass
from typing import Protocol

from local_aws.cloud import Cloud
from local_aws.iam.roles import role_may

PULLS = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


class Log(Protocol):
    """A log stream to which lines are written."""

    group: str
    stream: str

    def write(self, line: str) -> None: ...


@dataclass
class LostLog:
    """The log of a role that may not write it: as on AWS, nothing fails and no line is there."""

    group: str
    stream: str

    def write(self, _line: str) -> None:
        return


def log_under(cloud: Cloud, role: str, group: str, stream: str) -> Log:
    """The log stream, where the role may make and write it."""
    arn = cloud.arn("logs", f"log-group:{group}")
    needed = [("logs:CreateLogStream", f"{arn}:log-stream:{stream}"), ("logs:PutLogEvents", f"{arn}:log-stream:{stream}")]
    if group not in cloud.books("logs").groups:
        needed.append(("logs:CreateLogGroup", arn))
    return cloud.log(group, stream) if all(role_may(cloud, role, *each) for each in needed) else LostLog(group, stream)


def may_put_metrics(cloud: Cloud, role: str, namespace: str) -> bool:
    return role_may(cloud, role, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": [namespace]})


def missing_pull(cloud: Cloud, role: str, image: str) -> str:
    """The first action of a pull that the role lacks for a container image; empty when it may pull it."""
    registry, _, repository = image.partition("/")
    arn = f"arn:aws:ecr:{cloud.region}:{registry.partition('.')[0]}:repository/{repository.partition(':')[0]}"
    needed = [("ecr:GetAuthorizationToken", "*"), *((action, arn) for action in PULLS)]
    return next((action for action, resource in needed if not role_may(cloud, role, action, resource)), "")


def pull_denied(role: str, action: str, image: str) -> str:
    """SageMaker's words for a role that may not pull an image."""
    return f"The role '{role}' does not have {action.partition(':')[2]} permission for the image: '{image}'."
