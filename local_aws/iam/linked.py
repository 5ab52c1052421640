"""Service-linked roles: a service creates one at the first call that needs it, with the caller's permission."""

import json
from dataclasses import dataclass

from local_aws.cloud import Cloud
from local_aws.iam.principals import find_role


@dataclass(frozen=True)
class LinkedRole:
    """A service-linked role: only `service` may assume it, and it allows `actions`."""

    name: str
    service: str
    actions: tuple[str, ...]

    def arn(self, cloud: Cloud) -> str:
        return f"arn:aws:iam::{cloud.account}:role/aws-service-role/{self.service}/{self.name}"

    def exists(self, cloud: Cloud) -> bool:
        return find_role(cloud, self.arn(cloud)) is not None

    def ensure(self, cloud: Cloud) -> None:
        if not self.exists(cloud):
            trust = {"Effect": "Allow", "Principal": {"Service": self.service}, "Action": "sts:AssumeRole"}
            cloud.books("iam").create_role(
                self.name,
                json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
                f"/aws-service-role/{self.service}/",
                permissions_boundary=None,
                description="",
                tags=[],
                max_session_duration="3600",
                linked_service=self.service,
            )
            allowed = {"Effect": "Allow", "Action": list(self.actions), "Resource": "*"}
            cloud.books("iam").put_role_policy(self.name, "service", json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))


ENDPOINT_SCALING = LinkedRole(
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
    "sagemaker.application-autoscaling.amazonaws.com",
    ("sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"),
)
PROVISIONED_SCALING = LinkedRole(
    "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency",
    "lambda.application-autoscaling.amazonaws.com",
    (
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:PutProvisionedConcurrencyConfig",
        "lambda:DeleteProvisionedConcurrencyConfig",
    ),
)
SCALING_ROLES = {"sagemaker": ENDPOINT_SCALING, "lambda": PROVISIONED_SCALING}  # by service namespace
