"""Deploy a model package that was approved before, for example to go back to an older one: no training, no gate.

python -m examples.deploy MODEL_PACKAGE_ARN [PROJECT]
"""

import argparse

from pedigree.aws.account import find_account
from pedigree.aws.clients import client
from pedigree.aws.errors import InvalidInput
from pedigree.endpoint.classes import require_kept_by
from pedigree.endpoint.deploy import confirm_endpoint, deploy_endpoint
from pedigree.registry.versions import describe_version, version_of
from pedigree.settings import Environment, Mission
from pedigree.values import Endpoint


def deploy(project: str, package: str, mission: Mission | None = None) -> Endpoint:
    """The endpoint that serves the package, blue/green, once golden images come back right from it.

    Raises GateRefused for a package that lacks a class of the live model, unless `gate.classes` of the mission is `replace`.
    """
    mission = mission or Mission()
    account = find_account(Environment(credentials=project, project=project))
    described = describe_version(client(account.credentials, "sagemaker"), account, package)
    version = version_of(described, "adopted")
    if not version.approved:
        raise InvalidInput("deploy", package, "it is not approved", "decide about it in the flow `approve`")
    require_kept_by(account, mission, described)
    endpoint = deploy_endpoint(account, version, mission.serving)
    confirm_endpoint(account, endpoint)
    return endpoint


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.deploy")
    parser.add_argument("package", help="ARN of an approved version in the project's model package group")
    parser.add_argument("project", nargs="?", default="pedigree", help="the project, and the AWS profile of its orchestrator role")
    options = parser.parse_args()
    endpoint = deploy(options.project, options.package)
    print(f"{endpoint.resource}: {endpoint.outcome}")


if __name__ == "__main__":
    main()
