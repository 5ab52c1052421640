"""An endpoint's variant as a scaled resource."""

from typing import Any

from tasks.kinds.serving import DIMENSION, NAMESPACE, variant_id
from tasks.scaling.target import ScaledResource
from tasks.settings import Autoscaling, Schedule
from tasks.values import Account, Endpoint, Outcome


class ScaledVariant(ScaledResource):
    def __init__(self, scaling: Any, cloudwatch: Any, endpoint: Endpoint) -> None:
        resource = variant_id(endpoint.name, endpoint.variant)
        super().__init__(scaling, cloudwatch, namespace=NAMESPACE, resource=resource, dimension=DIMENSION, owner=endpoint.name)

    def ensure_target(self, autoscaling: Autoscaling, account: Account) -> Outcome:
        return self.ensure_limits([limits(autoscaling), *map(limits, autoscaling.schedules)], account)


def limits(settings: Autoscaling | Schedule) -> dict[str, int]:
    return {"MinCapacity": settings.min_instances, "MaxCapacity": settings.max_instances}


def schedule_request(schedule: Schedule) -> dict[str, Any]:
    return {
        "ScheduledActionName": schedule.name,
        "Schedule": schedule.when,
        "Timezone": schedule.timezone,
        "ScalableTargetAction": limits(schedule),
    }
