"""The endpoint: deployed, then confirmed or restored."""

from pedigree.endpoint import deploy
from pedigree.function import publish
from pedigree.settings import Serving
from pedigree.values import Account, Endpoint, FunctionVersion, ModelVersion
from tasks.runs.announce import announce
from tasks.runs.beside import beside
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("endpoint", of="{version.name}", **AWS_TASK)
def deploy_endpoint(account: Account, version: ModelVersion, serving: Serving) -> Endpoint:
    """Deploy this model version to the endpoint and verify it with its golden images."""
    return deploy.deploy_endpoint(account, version, serving)


@stage("confirmation", of="{endpoint.name}", **AWS_TASK)
def confirm_endpoint(account: Account, endpoint: Endpoint, function: FunctionVersion, version: ModelVersion) -> Endpoint:
    """Mark endpoint config and function version as proven, so that a later run can return to them, and announce a new live model.

    A run that dies between the mark and the announcement, or cannot announce it, leaves the announcement to the next one.
    """
    publish.confirm_function(account, function)
    if deploy.confirm_endpoint(account, endpoint):
        with beside("the announcement"):
            announce(account, "promoted", subject=f"{endpoint.name}: a new model is live", message=version.arn)
            deploy.announced(account, endpoint)
    return endpoint


@stage("endpoint rollback", of="{endpoint.name}", **AWS_TASK)
def restore_endpoint(account: Account, endpoint: Endpoint) -> None:
    """Return to the last proven endpoint config; delete an endpoint without one."""
    deploy.restore_endpoint(account, endpoint)
