"""Every question that a model package needs answered before it goes live without a run of its own that has planned it."""

from pedigree.admission.check import require_admissible
from pedigree.aws.clients import client
from pedigree.aws.quotas import endpoint_quotas, require_quotas
from pedigree.endpoint.classes import require_kept_by
from pedigree.registry.versions import describe_version
from pedigree.settings import Mission
from pedigree.values import Account


def require_deployable(account: Account, mission: Mission, package_arn: str) -> None:
    """Raise what the plan of a run would raise for the model package, as far as it concerns what is live; nothing is changed.

    InvalidInput for a package that is not there, GateRefused for one that lacks classes of the live model, QuotaTooLow for an endpoint that
    may grow over a quota, and what `require_admissible` raises.
    """
    package = describe_version(client(account.credentials, "sagemaker"), account, package_arn)
    require_admissible(account, mission, {})
    require_quotas(account, endpoint_quotas(mission.serving, mission.autoscaling))
    require_kept_by(account, mission, package)
