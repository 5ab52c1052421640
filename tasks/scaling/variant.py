"""An endpoint's variant as a scaled resource."""

from typing import Any

from tasks.kinds.serving import DIMENSION, NAMESPACE, variant_id
from tasks.scaling.target import ScaledResource, limits
from tasks.settings import Autoscaling
from tasks.values import Account, Endpoint, Outcome


class ScaledVariant(ScaledResource):
    def __init__(self, scaling: Any, cloudwatch: Any, endpoint: Endpoint) -> None:
        resource = variant_id(endpoint.name, endpoint.variant)
        super().__init__(scaling, cloudwatch, namespace=NAMESPACE, resource=resource, dimension=DIMENSION, owner=endpoint.name)

    def ensure_target(self, autoscaling: Autoscaling, account: Account) -> Outcome:
        scheduled = [limits(each.min_instances, each.max_instances) for each in autoscaling.schedules]
        return self.ensure_limits([limits(autoscaling.min_instances, autoscaling.max_instances), *scheduled], account)
