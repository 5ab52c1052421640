"""The smoke test: golden images through the function, as a caller sends them."""

from pedigree.function import smoke
from pedigree.values import Account, FunctionVersion, ModelVersion, SmokeTest
from tasks.runs.options import AWS_TASK
from tasks.runs.stage import stage


@stage("smoke test", of="{function.name}", **AWS_TASK)
def smoke_test(account: Account, function: FunctionVersion, version: ModelVersion) -> SmokeTest:
    """Send every golden image of the version to the alias; SmokeTestFailed names each wrong answer."""
    return smoke.smoke_test(account, function, version)
