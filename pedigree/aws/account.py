"""The AWS account of a run, from the outputs of its bootstrap stack."""

from botocore.exceptions import ClientError, ProfileNotFound

from pedigree.aws.clients import client
from pedigree.aws.errors import AwsDenied, InvalidInput, is_missing
from pedigree.settings import Environment
from pedigree.values import NO_FLOW_RUN, Account


def find_account(environment: Environment, *, run: str = NO_FLOW_RUN) -> Account:
    """The account behind the credentials, from the outputs of the stack with the project's name; `run` is the flow run's id."""
    try:
        cloudformation = client(environment.credentials, "cloudformation")
    except ProfileNotFound as error:
        raise missing_credentials(environment.credentials, error) from error
    try:
        stack = cloudformation.describe_stacks(StackName=environment.project)["Stacks"][0]
    except ClientError as error:
        if is_missing(error):
            raise missing_stack(environment.project) from error
        raise
    except AwsDenied as error:
        raise denied_stack(environment, error) from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return Account(
        credentials=environment.credentials,
        project=environment.project,
        region=cloudformation.meta.region_name,
        bucket=outputs["BucketName"],
        training_role=outputs["TrainingRoleArn"],
        serving_role=outputs["ServingRoleArn"],
        function_role=outputs["FunctionRoleArn"],
        topic=outputs["TopicArn"],
        instance_profile=outputs.get("InstanceProfileName", ""),
        scoring_role=outputs.get("ScoringRoleArn", ""),
        evaluation_role=outputs.get("EvaluationRoleArn", ""),
        run=run,
        log_days=environment.log_days,
    )


def missing_credentials(block: str, error: Exception) -> InvalidInput:
    action = "name another block, or set PREFECT_API_URL and AWS_CONFIG_FILE to where it and its profile are; `make up` prints both"
    return InvalidInput("find account", f"credentials block {block}", str(error), action)


def missing_stack(project: str) -> InvalidInput:
    return InvalidInput(
        "find account",
        f"CloudFormation stack {project}",
        "there is no such stack in this account and region",
        "`make up` on a laptop; for an AWS account deploy deployments/bootstrap.yaml under this name, as the README says",
    )


def denied_stack(environment: Environment, error: AwsDenied) -> InvalidInput:
    return InvalidInput(
        "find account",
        f"CloudFormation stack {environment.project}",
        error.cause,
        f"credentials block {environment.credentials} must act as the project's own orchestrator role; name its project or another block",
    )
