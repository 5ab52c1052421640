"""Advice after a deployment of the bootstrap stack: the next steps when it succeeded, the commands that repair it when it failed."""

import re
from pathlib import Path

from deployments import BLOCK
from deployments.access import Access, Caller

TAKEN = re.compile("already ?exist|already ?owned|name is not available", re.IGNORECASE)
DENIED = re.compile("not authorized|AccessDenied", re.IGNORECASE)
TEMPLATE = Path(__file__).with_name("bootstrap.yaml")


def next_steps(access: Access, project: str, orchestrator: str) -> str:
    """The next steps: add the profile of the flows, save the Prefect block that names it, check the account."""
    name = f"{project}-orchestrator"
    endpoint = f"\n     endpoint_url = {access.endpoint_url}" if access.endpoint_url else ""
    block = f'A(profile_name="{name}", region_name="{access.region}").save("{BLOCK}", overwrite=True)'
    return f"""
Next steps:
  1. Add this to ~/.aws/config. The flows act as this role; it may do only what they need.
     [profile {name}]
     role_arn = {orchestrator}
     source_profile = {access.profile}
     role_session_name = pedigree
     region = {access.region}{endpoint}
  2. Save the Prefect block that names this profile, on the server that PREFECT_API_URL names:
     .venv/bin/python -c 'from prefect_aws import AwsCredentials as A; {block}'
     Then register the deployments NAME/aws there: on a laptop `make up`, elsewhere `.venv/bin/python -m deployments.register`.
  3. Check what is still missing, above all quotas:
     {command("preflight", access, project)}"""


def command(target: str, access: Access, project: str) -> str:
    """The make command for this account."""
    other = "" if project == "pedigree" else f" PROJECT={project}"
    return f"make {target} PROFILE={access.profile} REGION={access.region}{other}"


def options(access: Access) -> str:
    """The options that a command of the AWS CLI needs for this account."""
    return f"--profile {access.profile} --region {access.region}"


def advice(reason: str, access: Access, caller: Caller, project: str) -> str:
    """Say how to repair a stack that failed for this reason; empty when CloudFormation's own message is enough."""
    if TAKEN.search(reason):
        return about_a_taken_name(access, f"{project}-{caller.account}-{access.region}", project)
    if DENIED.search(reason):
        return f"{caller.arn} may not create the stack's resources: roles, a policy, a bucket, a topic. Use an administrator's profile."
    if "UPDATE_ROLLBACK_FAILED" in reason:
        return f"First: aws cloudformation continue-update-rollback --stack-name {project} {options(access)}"
    return ""


def about_a_taken_name(access: Access, bucket: str, project: str) -> str:
    """Say what to do about a name that is taken: the bucket outlives its stack, so that no model and no dataset is lost."""
    where = options(access)
    return f"""A resource of this name exists already. If it is the bucket {bucket} of an earlier stack, choose one of three ways.
  Import the bucket with its content into the stack:
    aws cloudformation delete-stack --stack-name {project} {where}
    aws cloudformation wait stack-delete-complete --stack-name {project} {where}
    aws cloudformation create-change-set --stack-name {project} --change-set-name take-back --change-set-type CREATE \\
      --import-existing-resources --capabilities CAPABILITY_NAMED_IAM --template-body file://{TEMPLATE} \\
      --parameters ParameterKey=Project,ParameterValue={project} --tags Key=pedigree:project,Value={project} {where}
    aws cloudformation wait change-set-create-complete --stack-name {project} --change-set-name take-back {where}
    aws cloudformation execute-change-set --stack-name {project} --change-set-name take-back {where}
  Or empty the bucket, old versions too, and delete it, in the S3 console.
  Or leave the bucket and choose another project name: PROJECT=my-project"""
