"""The Lambda function in front of the endpoint."""

from pedigree.function import publish
from pedigree.settings import Function
from pedigree.values import Account, Endpoint, FunctionVersion, ModelVersion
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("function", of="{endpoint.name}", **AWS_TASK)
def publish_function(account: Account, endpoint: Endpoint, function: Function, model: ModelVersion) -> FunctionVersion:
    """Publish a version of the handler with its concurrency, and point the alias `live` to it."""
    return publish.publish_function(account, endpoint, function, model)


@stage("function rollback", of="{name}", **AWS_TASK)
def restore_function(account: Account, name: str) -> None:
    """Return to the function version that was proven last."""
    publish.restore_function(account, name)
