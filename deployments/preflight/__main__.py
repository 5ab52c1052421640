"""Check everything that a run needs from an account, before the run costs money.

python -m deployments.preflight --profile my-profile --region us-east-1 --params '{"training": {"instance_type": "ml.g5.xlarge"}}'

Without a profile the stack of this machine is checked. The exit status is 1 when something is missing.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial

from pydantic import ValidationError
from rich.console import Console

from deployments.access import Access, NoAccess, identify, open_access
from deployments.bootstrap_advice import command
from deployments.laptop.account import ADMIN
from deployments.laptop.choices import read_parameters
from deployments.laptop.stack import REGION, default_folder, use_environment
from deployments.preflight import account, capacity, images
from deployments.preflight.check import Answer, Check, look_at, missing, ok, unknown
from deployments.preflight.page import line, summary
from deployments.preflight.survey import Plan, Survey
from pedigree.settings.refusal import told

LOOKS: dict[str, Callable[[Survey], Answer]] = {
    "stack": account.stack,
    "orchestrator": account.orchestrator_access,
    "bucket": account.bucket_is_there,
    "bucket encryption": account.bucket_is_encrypted,
    "bucket privacy": account.bucket_is_private,
    "training role": partial(account.role_trusts, output="TrainingRoleArn", service="sagemaker.amazonaws.com"),
    "serving role": partial(account.role_trusts, output="ServingRoleArn", service="sagemaker.amazonaws.com"),
    "evaluation role": partial(account.role_trusts, output="EvaluationRoleArn", service="sagemaker.amazonaws.com"),
    "scoring role": partial(account.role_trusts, output="ScoringRoleArn", service="sagemaker.amazonaws.com"),
    "function role": partial(account.role_trusts, output="FunctionRoleArn", service="lambda.amazonaws.com"),
    "autoscaling role": account.scaling_role,
    "training quota": capacity.training_quota,
    "endpoint quota": capacity.endpoint_quota,
    "Lambda concurrency": capacity.lambda_concurrency,
    "training image": images.training_image,
    "serving image": images.serving_image,
}


def main() -> int:
    options = parse_options()
    try:
        plan = Plan.model_validate(read_parameters(options.params))
        access, repair = laptop() if not options.profile else of_profile(options.profile, options.region, options.project)
    except (ValueError, NoAccess) as error:  # pydantic's are ValueErrors
        print(f"PARAMS: {told(error)}" if isinstance(error, ValidationError) else error, file=sys.stderr)
        return 2
    console = Console(highlight=False)
    checks = []
    for check in examine(access, options.project, plan, repair):
        console.print(line(check), soft_wrap=True)
        checks.append(check)
    console.print(f"\n{summary(checks)}")
    return 1 if any(check.answer.status == "MISSING" for check in checks) else 0


def examine(access: Access, project: str, plan: Plan, repair: str) -> Iterator[Check]:
    """Run one check after the other; without credentials one UNKNOWN stands for all checks that need them."""
    try:
        caller = identify(access)
    except NoAccess as error:
        reason, _, remedy = str(error).partition("\n")
        yield Check("credentials", missing(reason, remedy))
        yield Check("everything else", unknown("without credentials nothing can be checked"))
        return
    survey = Survey(access, caller, project, plan, repair)
    role = "the orchestrator role" if survey.acts_as_orchestrator else "not the orchestrator role"
    yield Check("credentials", ok(f"{caller.arn} ({role}) in account {caller.account}, {access.region}"))
    for name, look in LOOKS.items():
        yield look_at(name, partial(look, survey))


def of_profile(profile: str, region: str, project: str) -> tuple[Access, str]:
    access = open_access(profile, region)
    return access, command("bootstrap", access, project)


def laptop() -> tuple[Access, str]:
    """Access to the embedded AWS of `make up`, as the root of its account."""
    folder = default_folder()
    if not (folder / "aws" / "config").exists():
        raise NoAccess("There is no stack on this machine: `make up` starts one. For an AWS account: make preflight PROFILE=my-profile")
    use_environment(folder)
    return open_access(ADMIN, REGION), "make up"


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployments.preflight", description="Check what a run needs from an account.")
    parser.add_argument("--profile", default="", help="profile of the AWS configuration; empty for the stack of this machine")
    parser.add_argument("--region", default="", help="AWS region; empty for the region of the profile")
    parser.add_argument("--project", default="pedigree", help="prefix of every resource name, and the name of the bootstrap stack")
    parser.add_argument("--params", default="", help="JSON object of the flow parameters of the run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
