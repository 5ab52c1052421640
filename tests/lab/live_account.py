"""An account of its own in a running local_aws: the bootstrap stack of a project, and the tasks acting as its orchestrator role."""

import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from prefect_aws import AwsCredentials
from prefect_aws.client_parameters import AwsClientParameters
from pydantic import SecretStr

from deployments.bootstrap import deploy_bootstrap
from local_aws.cloud import REGION
from local_aws.journal import Entry
from pedigree.aws.clients import connect
from pedigree.aws.naming import belongs_to
from pedigree.values import Account
from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws

READING = ("Describe", "Get", "List", "Head", "Invoke")


@dataclass(frozen=True)
class LiveAccount:
    """`account` is what the tasks take; clients that tests ask for are the account's root."""

    aws: RunningAws
    account: Account
    orchestrator: str
    begun: int  # where the journal ended when the account was new

    @classmethod
    def deploy(cls, aws: RunningAws) -> "LiveAccount":
        project, begun = f"p{uuid.uuid4().hex[:8]}", aws.journal_size()
        outputs = deploy_bootstrap(admin_client(aws, "cloudformation"), project, poll_seconds=0.05)
        account = Account(
            credentials=project,
            project=project,
            region=REGION,
            bucket=outputs["BucketName"],
            training_role=outputs["TrainingRoleArn"],
            serving_role=outputs["ServingRoleArn"],
            function_role=outputs["FunctionRoleArn"],
            topic=outputs["TopicArn"],
            instance_profile=outputs["InstanceProfileName"],
            scoring_role=outputs["ScoringRoleArn"],
            evaluation_role=outputs["EvaluationRoleArn"],
        )
        return cls(aws, account, outputs["OrchestratorRoleArn"], begun)

    def credentials_block(self) -> AwsCredentials:
        return credentials_block(self.aws, self.aws.assume(self.orchestrator))

    def connect(self) -> None:
        """Let the library's clients act as the orchestrator role."""
        block = self.credentials_block()
        connect(self.account.credentials, block.get_boto3_session(), **block.aws_client_parameters.get_params_override())

    def client(self, service: str) -> Any:
        return admin_client(self.aws, service)

    def calls(self) -> list[Entry]:
        """What the orchestrator has done so far."""
        return [entry for entry in self.aws.journal(self.begun) if entry.principal == self.orchestrator]

    def writes(self) -> list[str]:
        """The orchestrator's actions that changed something, in their order."""
        actions = [entry.action for entry in self.calls() if entry.outcome == "ok"]
        return [action for action in actions if not action.split(":")[1].startswith(READING)]

    def put(self, key: str, body: bytes) -> str:
        """URI of a new object of the account's bucket."""
        self.client("s3").put_object(Bucket=self.account.bucket, Key=key, Body=body)
        return f"s3://{self.account.bucket}/{key}"

    def get(self, key: str) -> bytes:
        body: bytes = self.client("s3").get_object(Bucket=self.account.bucket, Key=key)["Body"].read()
        return body

    def keys(self, prefix: str) -> list[str]:
        found = self.client("s3").list_objects_v2(Bucket=self.account.bucket, Prefix=prefix).get("Contents", [])
        return [entry["Key"] for entry in found]

    def end(self) -> None:
        """End the processes of the account's endpoints and functions."""
        sagemaker, aws_lambda = self.client("sagemaker"), self.client("lambda")

        def end_endpoints() -> bool:
            """Whether there is none left; one whose instances autoscaling changes right now can only be deleted afterwards."""
            found = sagemaker.list_endpoints(NameContains=self.account.project)["Endpoints"]
            for endpoint in found:
                try:
                    sagemaker.delete_endpoint(EndpointName=endpoint["EndpointName"])
                except ClientError as error:
                    if "in-progress" not in str(error) and "Could not find" not in str(error):  # it may have gone since it was listed
                        raise
            return not found

        for name in (function["FunctionName"] for function in aws_lambda.list_functions()["Functions"]):
            if belongs_to(self.account.project, name):
                aws_lambda.delete_function(FunctionName=name)
        wait_until(end_endpoints, "an endpoint is still there")


@cache
def admin_client(aws: RunningAws, service: str) -> Any:
    """Making a client takes as long as many a test."""
    return aws.client(service)


def credentials_block(aws: RunningAws, credentials: dict[str, str]) -> AwsCredentials:
    """The block through which the tasks reach this server with these `AWS_*` credentials."""
    return AwsCredentials(
        aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=SecretStr(credentials["AWS_SECRET_ACCESS_KEY"]),
        aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
        region_name=REGION,
        aws_client_parameters=AwsClientParameters(endpoint_url=aws.url),
    )
