"""Every question to the account that a run needs answered before it costs anything."""

from collections.abc import Mapping

from pedigree.admission.groups import require_agreement
from pedigree.admission.names import require_names
from pedigree.admission.policies import require_policies
from pedigree.aws.clients import client
from pedigree.aws.naming import endpoint_name
from pedigree.function.reserve import require_concurrency
from pedigree.settings import Mission
from pedigree.values import Account


def require_admissible(account: Account, mission: Mission, counts: Mapping[str, int]) -> None:
    """Raise the error that a later stage would raise, as far as the account can tell now; this changes nothing in the account.

    `counts` is {split: images}. InvalidInput for settings that contradict each other or the images, SpecDiffers for a name or a metric
    that is somebody else's, QuotaTooLow for more reserved concurrency than the account has left.
    """
    require_agreement(account, mission, counts)
    require_names(account, mission.serving)
    require_policies(account, mission)
    require_concurrency(client(account.credentials, "lambda"), endpoint_name(account.project, mission.serving), mission.function, account)
