"""The account inside the embedded AWS: the bootstrap stack in it, and the AWS profiles that reach it."""

import hashlib
from pathlib import Path

from deployments.laptop.services import aws_is_ready, wait_for
from deployments.laptop.stack import PROJECT, REGION, ROOT, Stack, StackError

ADMIN, ORCHESTRATOR = "pedigree-admin", "pedigree"  # profiles of the account's root and of the role of the flows
ROOT_KEY, ROOT_SECRET = "PEDIGREEROOT", "pedigree-root"


def ensure_account(stack: Stack) -> None:
    """Deploy the bootstrap stack and write the profiles, unless both match this template already."""
    template = ROOT / "deployments" / "bootstrap.yaml"
    digest = hashlib.sha256(template.read_bytes()).hexdigest()
    if stack.bootstrapped == digest:
        return
    wait_for(stack, "local_aws", aws_is_ready)
    stack.outputs = deploy(stack.aws_url, template)
    write_profiles(stack.folder / "aws", endpoint_url=stack.aws_url, role_arn=stack.outputs["OrchestratorRoleArn"])
    stack.bootstrapped = digest
    stack.save()


def deploy(endpoint_url: str, template: Path) -> dict[str, str]:
    # imported here because boto3 takes half a second, and usually there is nothing to deploy
    import boto3

    from deployments.bootstrap import BootstrapFailed, deploy_bootstrap

    client = boto3.client(
        "cloudformation",
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=ROOT_KEY,
        aws_secret_access_key=ROOT_SECRET,
    )
    try:
        return deploy_bootstrap(client, PROJECT, template=template, poll_seconds=0.1)
    except BootstrapFailed as error:
        raise StackError(str(error)) from error


def write_profiles(folder: Path, *, endpoint_url: str, role_arn: str) -> None:
    """Write the AWS configuration files `config` and `credentials` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    where = f"region = {REGION}\nendpoint_url = {endpoint_url}\n"
    role = f"role_arn = {role_arn}\nsource_profile = {ADMIN}\nrole_session_name = pedigree\n"
    (folder / "config").write_text(f"[profile {ADMIN}]\n{where}\n[profile {ORCHESTRATOR}]\n{role}{where}")
    (folder / "credentials").write_text(f"[{ADMIN}]\naws_access_key_id = {ROOT_KEY}\naws_secret_access_key = {ROOT_SECRET}\n")
