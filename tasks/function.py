"""The Lambda function in front of the endpoint."""

from pedigree.function import publish
from pedigree.settings import Function
from pedigree.values import Account, Endpoint, FunctionVersion, ModelVersion
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("function", of="{endpoint.name}", **AWS_TASK)
def publish_function(account: Account, endpoint: Endpoint, function: Function, model: ModelVersion) -> FunctionVersion:
    """A version of the handler with its concurrency in place, and the alias `live` pointing to it."""
    return publish.publish_function(account, endpoint, function, model)


@stage("function rollback", of="{function.name}", **AWS_TASK)
def restore_function(account: Account, function: FunctionVersion) -> None:
    """Point the alias back to where it was before this run moved it."""
    publish.restore_function(account, function)
