"""The names that a run will use, and whose they are."""

from pedigree.aws.adoption import describe
from pedigree.aws.clients import LambdaClient, SageMakerClient, client
from pedigree.aws.errors import SpecDiffers
from pedigree.aws.naming import endpoint_name, within
from pedigree.aws.resources.kind import is_ours
from pedigree.aws.resources.sagemaker import tags_of
from pedigree.aws.resources.table import ENDPOINT, MODEL_PACKAGE_GROUP
from pedigree.endpoint.rollout import Rollout
from pedigree.function.version import require_ours
from pedigree.settings import Serving
from pedigree.settings.serving import REHEARSAL
from pedigree.values import Account


def require_names(account: Account, serving: Serving) -> None:
    """Raise SpecDiffers when somebody else's endpoint, model package group or function has a name of this run."""
    sagemaker, name = client(account.credentials, "sagemaker"), endpoint_name(account.project, serving)
    for endpoint in (name, within(name, REHEARSAL)):
        if found := describe(ENDPOINT.on(sagemaker), endpoint):
            Rollout(sagemaker, account, endpoint).require_ours(found)
    require_group(account, sagemaker, name)
    require_function(account, client(account.credentials, "lambda"), name)


def require_group(account: Account, sagemaker: SageMakerClient, name: str) -> None:
    found = describe(MODEL_PACKAGE_GROUP.on(sagemaker), name)
    if found and not is_ours(account, tags_of(sagemaker, found["ModelPackageGroupArn"])):
        raise not_ours("model package group", name, account)


def require_function(account: Account, aws_lambda: LambdaClient, name: str) -> None:
    """A function must run under the project's role and carry its tags."""
    try:
        require_ours(aws_lambda, name, account.function_role)
        arn = aws_lambda.get_function_configuration(FunctionName=name)["FunctionArn"]
    except aws_lambda.exceptions.ResourceNotFoundException:
        return
    if not is_ours(account, aws_lambda.list_tags(Resource=arn)["Tags"]):
        raise not_ours("function", name, account)


def not_ours(kind: str, name: str, account: Account) -> SpecDiffers:
    cause = f"it has the name that this run needs and not the tags of the project {account.project}: somebody else made it"
    return SpecDiffers(kind, name, cause, "delete it if it is not needed, or choose another serving.endpoint_name")
