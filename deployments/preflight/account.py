"""Checks of the bootstrap stack and its resources: access, bucket, roles."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from deployments.bootstrap import STEADY, TEMPLATE
from deployments.preflight.check import DENIED, Answer, missing, ok, unknown
from deployments.preflight.survey import Survey
from pedigree.aws.errors import code_of

SCALING_ROLE, SCALING_SERVICE = (
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
    "sagemaker.application-autoscaling.amazonaws.com",
)


def orchestrator_access(survey: Survey) -> Answer:
    """Check that this profile is the orchestrator role or can assume it, because the flows act as this role."""
    if survey.acts_as_orchestrator:
        return ok("this profile is the orchestrator role; checks that need an administrator stay UNKNOWN")
    role = survey.output("OrchestratorRoleArn")
    try:
        survey.access.client("sts").assume_role(RoleArn=role, RoleSessionName="preflight", DurationSeconds=900)
    except ClientError as error:
        if code_of(error) in DENIED:
            return missing(f"{survey.caller.arn} may not assume {role}", f"allow it sts:AssumeRole on {role}")
        raise
    return ok(f"{role} can be assumed")


def stack(survey: Survey) -> Answer:
    """Check that the stack exists and equals this template."""
    if survey.stack is None:
        return missing(f"there is no CloudFormation stack {survey.project} in {survey.access.region}", survey.repair)
    status = survey.stack["StackStatus"]
    if status.endswith("_IN_PROGRESS"):
        return unknown(f"the stack is {status}", "wait until no operation is in progress")
    answer = survey.access.client("cloudformation").get_template(StackName=survey.project, TemplateStage="Original")
    body: Any = answer["TemplateBody"]  # of YAML it is a text, whatever the stub says
    if body != TEMPLATE.read_text():
        return missing(f"the stack is {status}, but does not equal deployments/bootstrap.yaml", survey.repair)
    return ok(f"{status}, of this template") if status in STEADY else missing(f"the stack is {status}", survey.repair)


def bucket_is_there(survey: Survey) -> Answer:
    bucket = survey.output("BucketName")
    try:
        survey.access.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if code_of(error) == "404":
            return missing(f"there is no bucket {bucket}, though the stack made it", about_a_lost_bucket(survey))
        raise
    return ok(bucket)


def about_a_lost_bucket(survey: Survey) -> str:
    return f"the bucket was deleted by hand: delete the stack {survey.project}, then {survey.repair}"


def bucket_is_encrypted(survey: Survey) -> Answer:
    s3, bucket = survey.access.client("s3"), survey.output("BucketName")
    try:
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    except ClientError as error:
        if code_of(error) == "ServerSideEncryptionConfigurationNotFoundError":
            return missing("the bucket has no default encryption", survey.repair)
        raise
    return ok(" ".join(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules))


def bucket_is_private(survey: Survey) -> Answer:
    s3, bucket = survey.access.client("s3"), survey.output("BucketName")
    command = f"aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration {everything_blocked()}"
    try:
        block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if code_of(error) == "NoSuchPublicAccessBlockConfiguration":
            return missing("public access is not blocked", command)
        raise
    open_ways = [name for name, blocked in block.items() if not blocked]
    return missing(f"public access is not blocked: {', '.join(open_ways)}", command) if open_ways else ok("public access is blocked")


def everything_blocked() -> str:
    return ",".join(f"{name}=true" for name in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"))


def role_trusts(survey: Survey, output: str, service: str) -> Answer:
    """Check that the role exists and that the service may assume it."""
    arn = survey.output(output)
    role = role_named(survey, arn.rsplit("/", 1)[-1])
    if role is None:
        return missing(f"there is no role {arn}, though the stack made it", survey.repair)
    trusted = set(trusted_services(role["AssumeRolePolicyDocument"]))
    if service not in trusted:
        return missing(f"{arn} does not trust {service}, but {', '.join(trusted) or 'no service'}", survey.repair)
    return ok(f"{arn} trusts {service}")


def scaling_role(survey: Survey) -> Answer:
    """Check that the service-linked role of autoscaling exists, or that the orchestrator may create it."""
    role = role_named(survey, SCALING_ROLE)
    if role is not None:
        return ok(role["Arn"])
    arn = f"arn:aws:iam::{survey.caller.account}:role/aws-service-role/{SCALING_SERVICE}/{SCALING_ROLE}"
    answer = survey.access.client("iam").simulate_principal_policy(
        PolicySourceArn=survey.output("OrchestratorRoleArn"), ActionNames=["iam:CreateServiceLinkedRole"], ResourceArns=[arn]
    )
    decision = answer["EvaluationResults"][0]["EvalDecision"]
    if decision == "allowed":
        return ok("the role does not exist yet; the first run may create it")
    return missing(
        f"the role does not exist, and iam:CreateServiceLinkedRole is {decision} for the orchestrator",
        f"aws iam create-service-linked-role --aws-service-name {SCALING_SERVICE} --profile {survey.access.profile}",
    )


def role_named(survey: Survey, name: str) -> dict[str, Any] | None:
    try:
        return dict(survey.access.client("iam").get_role(RoleName=name)["Role"])
    except ClientError as error:
        if code_of(error) == "NoSuchEntity":
            return None
        raise


def trusted_services(policy: dict[str, Any]) -> Iterable[str]:
    """The services that a trust policy allows to assume its role."""
    for statement in policy["Statement"]:
        services = statement["Principal"].get("Service", []) if isinstance(statement["Principal"], dict) else []
        if statement["Effect"] == "Allow":
            yield from [services] if isinstance(services, str) else services
