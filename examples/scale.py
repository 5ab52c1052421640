"""Change the autoscaling of the live endpoint, and nothing else: from one instance to MAX_INSTANCES.

python -m examples.scale MAX_INSTANCES [PROJECT]
"""

import argparse

from pedigree.autoscaling.variant import register_autoscaling
from pedigree.aws.account import find_account
from pedigree.aws.errors import InvalidInput
from pedigree.endpoint.champion import find_champion
from pedigree.endpoint.config import VARIANT
from pedigree.settings import Autoscaling, Environment, Serving
from pedigree.values import Endpoint, ScalingPolicy


def scale(project: str, autoscaling: Autoscaling) -> ScalingPolicy:
    """The policy of the endpoint's production variant, once its alarms exist."""
    account = find_account(Environment(credentials=project, project=project))
    champion = find_champion(account, Serving())
    if champion is None:
        raise InvalidInput("scale", project, "no model is live", "run `operationalize` first")
    endpoint = Endpoint(champion.endpoint, champion.config, VARIANT, champion.model, "adopted")
    return register_autoscaling(account, endpoint, autoscaling)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.scale")
    parser.add_argument("max_instances", type=int, help="instances behind the endpoint at most")
    parser.add_argument("project", nargs="?", default="pedigree", help="the project, and the AWS profile of its orchestrator role")
    options = parser.parse_args()
    policy = scale(options.project, Autoscaling(max_instances=options.max_instances))
    print(f"{policy.resource}: {policy.outcome}, {policy.rule}")
    print("\n".join(policy.alarms))


if __name__ == "__main__":
    main()
