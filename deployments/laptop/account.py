"""The account inside the embedded AWS: its administrator, the bootstrap stack in it, and the AWS profiles that reach it."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployments.laptop.services import aws_is_ready, aws_secrets, wait_for
from deployments.laptop.stack import PROJECT, REGION, ROOT, Stack, StackError, write_private

if TYPE_CHECKING:
    from boto3.session import Session

ADMIN, ORCHESTRATOR = "pedigree-admin", "pedigree"  # profiles of the administrator, who is a user, and of the role of the flows
STUDENT = "student"  # profile of a role for the SageMaker SDK in a notebook, which passes itself to its jobs: docs/students.md
SAGEMAKER_ACCESS = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


def ensure_account(stack: Stack) -> None:
    """Deploy the bootstrap stack and write the profiles, unless both match this template and this address already."""
    template = ROOT / "deployments" / "bootstrap.yaml"
    digest = hashlib.sha256(template.read_bytes() + stack.aws_url.encode()).hexdigest()
    if stack.bootstrapped == digest:
        return
    wait_for(stack, "local_aws", aws_is_ready)
    administrator = make_administrator(stack)
    stack.outputs = deploy(stack.aws_url, administrator, template)
    roles = {
        ORCHESTRATOR: stack.outputs["OrchestratorRoleArn"],
        STUDENT: make_student(administrator.client("iam", endpoint_url=stack.aws_url)),
    }
    write_profiles(stack.folder / "aws", administrator, endpoint_url=stack.aws_url, roles=roles)
    stack.bootstrapped = digest
    stack.save()


def make_administrator(stack: Stack) -> "Session":
    """A session of the user ADMIN with a new access key. The account's root, which may assume no role, does nothing but this."""
    # imported here because boto3 takes half a second, and usually there is nothing to deploy
    import boto3

    secrets = aws_secrets(stack)
    root = boto3.Session(secrets["root_key_id"], secrets["root_secret"], region_name=REGION)
    iam = root.client("iam", endpoint_url=stack.aws_url)
    try:
        iam.create_user(UserName=ADMIN)
    except iam.exceptions.EntityAlreadyExistsException:
        for old in iam.list_access_keys(UserName=ADMIN)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=ADMIN, AccessKeyId=old["AccessKeyId"])
    iam.attach_user_policy(UserName=ADMIN, PolicyArn=ADMINISTRATOR_ACCESS)
    key = iam.create_access_key(UserName=ADMIN)["AccessKey"]
    return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)


def deploy(endpoint_url: str, administrator: "Session", template: Path) -> dict[str, str]:
    from deployments.bootstrap import BootstrapFailed, deploy_bootstrap

    client = administrator.client("cloudformation", endpoint_url=endpoint_url)
    try:
        return deploy_bootstrap(client, PROJECT, template=template, poll_seconds=0.1)
    except BootstrapFailed as error:
        raise StackError(str(error)) from error


def make_student(iam: Any) -> str:
    """ARN of the role STUDENT, as the execution role of a notebook on SageMaker: the administrator and SageMaker may assume it."""
    principals = {"AWS": iam.get_user(UserName=ADMIN)["User"]["Arn"], "Service": "sagemaker.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=STUDENT, AssumeRolePolicyDocument=document)
    iam.attach_role_policy(RoleName=STUDENT, PolicyArn=SAGEMAKER_ACCESS)
    return str(iam.get_role(RoleName=STUDENT)["Role"]["Arn"])


def write_profiles(folder: Path, administrator: "Session", *, endpoint_url: str, roles: Mapping[str, str]) -> None:
    """Write the AWS configuration files `config` and `credentials` into `folder`; only their owner can read the credentials."""
    folder.mkdir(parents=True, exist_ok=True)
    where = f"region = {REGION}\nendpoint_url = {endpoint_url}\n"
    sections = [f"[profile {ADMIN}]\n{where}"]
    for name, arn in roles.items():
        sections.append(f"[profile {name}]\nrole_arn = {arn}\nsource_profile = {ADMIN}\nrole_session_name = {name}\n{where}")
    (folder / "config").write_text("\n".join(sections))
    keys = administrator.get_credentials()
    assert keys, "the session was made with credentials"
    write_private(folder / "credentials", f"[{ADMIN}]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n")
