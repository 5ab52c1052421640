"""The calls of Application Auto Scaling, over moto's records of targets and policies."""

from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.metrics.alarms import Alarms
from local_aws.rules import rule
from local_aws.scaling.activities import REMEMBERED, Activities
from local_aws.scaling.alarms import METRICS, put_alarms
from local_aws.scaling.scalables import scalables
from local_aws.scaling.scaler import Scaler
from local_aws.scaling.scheduled import ScheduledActions, describe_target, not_found

SERVICE, PART = "application-autoscaling", "applicationautoscaling"  # PART: of the memory


class Scaling:
    """Scalable targets and their policies; alarms and schedules trigger the scaler."""

    def __init__(self, cloud: Cloud, alarms: Alarms) -> None:
        self._cloud, self._alarms = cloud, alarms
        self._activities = Activities(
            cloud.memory.shelf(PART, "activities", lambda: deque(maxlen=REMEMBERED)), partial(cloud.memory.keep, PART)
        )
        self._scalables = scalables(cloud)
        self._scaler = Scaler(cloud, self._activities, self._scalables)
        self._scheduled = ScheduledActions(cloud)
        alarms.on_action(cloud.arn("autoscaling", "scalingPolicy:"), self._scaler.on_alarm)
        self._tags: dict[str, dict[str, str]] = cloud.memory.shelf(PART, "tags", dict)

    def operations(self) -> Operations:
        return {
            (SERVICE, "RegisterScalableTarget"): self.register,
            (SERVICE, "DeregisterScalableTarget"): self.deregister,
            (SERVICE, "PutScalingPolicy"): self.put_policy,
            (SERVICE, "DescribeScalingPolicies"): self.describe_policies,
            (SERVICE, "DeleteScalingPolicy"): self.delete_policy,
            **self._scheduled.operations(),
            (SERVICE, "DescribeScalingActivities"): self._activities.describe,
            (SERVICE, "TagResource"): self.tag,
            (SERVICE, "UntagResource"): self.untag,
            (SERVICE, "ListTagsForResource"): self.list_tags,
        }

    def start(self) -> "Scaling":
        """Begin to scale; what an earlier local_aws has registered is brought within its limits first."""
        if books := self._cloud.books_in_use(PART):
            for resource in [resource for targets in books.targets.values() for resource in targets]:
                self._scaler.check(resource, "the scalable target was registered")
        self._cloud.loops.start(self._scaler.loop)
        return self

    def close(self) -> None:
        self._scaler.loop.close()

    def register(self, call: Call) -> dict[str, Any]:
        parameters = call.parameters
        resource = parameters["ResourceId"]
        scalable = self._scalables.get(parameters["ScalableDimension"])
        if scalable is None or scalable.namespace != parameters["ServiceNamespace"]:
            raise invalid(f"Unsupported service namespace, resource type or scalable dimension; there are {', '.join(self._scalables)}.")
        if missing := scalable.missing(resource):
            raise invalid(missing)
        known = self._books.targets.get(parameters["ScalableDimension"], {}).get(resource)
        lowest = parameters.get("MinCapacity", known and known.min_capacity)
        highest = parameters.get("MaxCapacity", known and known.max_capacity)
        if lowest is None or highest is None:
            raise invalid("Minimum and maximum capacity are required to register a new scalable target.")
        if lowest > highest:
            raise invalid("Maximum capacity cannot be less than minimum capacity")
        if known and parameters.get("Tags"):
            raise invalid("Tags can only be given to a new scalable target; use TagResource for one that exists.")
        scalable.role.ensure(self._cloud)
        target = self._books.register_scalable_target(
            parameters["ServiceNamespace"],
            resource,
            parameters["ScalableDimension"],
            min_capacity=lowest,
            max_capacity=highest,
            role_arn=scalable.role.arn(self._cloud),
            suspended_state=parameters.get("SuspendedState"),
        )
        self._tags.setdefault(target.arn, {}).update(parameters.get("Tags", {}))
        self._scaler.check(resource, "the scalable target was registered")
        return {"ScalableTargetARN": target.arn}

    def deregister(self, call: Call) -> dict[str, Any]:
        """Delete the target with its policies, their alarms and its scheduled actions."""
        target = self._target(call, "found")
        self._scheduled.forget(target)
        for policy in self._policies(call):
            self._delete(policy)
        self._tags.pop(target.arn, None)
        del self._books.targets[target.scalable_dimension][target.resource_id]
        return {}

    def put_policy(self, call: Call) -> dict[str, Any]:
        parameters = call.parameters
        self._target(call, "registered")
        kind = parameters.get("PolicyType", "StepScaling")
        config = parameters.get(f"{kind}PolicyConfiguration")
        refuse_bad(kind, config)
        others = [policy for policy in self._policies(call) if policy.policy_name != parameters["PolicyName"]]
        one_policy_for_a_metric(config or {}, others)
        before = next((p for p in self._policies(call) if p.policy_name == parameters["PolicyName"]), None)
        policy = self._books.put_scaling_policy(
            parameters["PolicyName"],
            parameters["ServiceNamespace"],
            parameters["ResourceId"],
            parameters["ScalableDimension"],
            config,
            kind,
        )
        if before is not None:
            policy.policy_arn, policy.creation_time = before.policy_arn, before.creation_time
        self._put_alarms(policy, before)
        return {"PolicyARN": policy.policy_arn, "Alarms": alarms_of(policy)}

    def describe_policies(self, call: Call) -> dict[str, Any]:
        wanted = call.parameters.get("PolicyNames")
        policies = [policy for policy in self._policies(call) if not wanted or policy.policy_name in wanted]
        return {"ScalingPolicies": [describe(policy) for policy in policies]}

    def delete_policy(self, call: Call) -> dict[str, Any]:
        name = call.parameters["PolicyName"]
        policy = next((policy for policy in self._policies(call) if policy.policy_name == name), None)
        if policy is None:
            raise not_found(f"No scaling policy found for {describe_target(call)}, policy name: {name}")
        self._delete(policy)
        return {}

    def tag(self, call: Call) -> dict[str, Any]:
        self._tags_of(call).update(call.parameters["Tags"])
        return {}

    def untag(self, call: Call) -> dict[str, Any]:
        for key in call.parameters["TagKeys"]:
            self._tags_of(call).pop(key, None)
        return {}

    def list_tags(self, call: Call) -> dict[str, Any]:
        return {"Tags": self._tags_of(call)}

    @property
    def _books(self) -> Any:
        """moto's records, loaded on first use: moto also imports EC2 for them, which takes a second."""
        return self._cloud.books("applicationautoscaling")

    def _tags_of(self, call: Call) -> dict[str, str]:
        arn = call.parameters["ResourceARN"]
        if arn not in self._tags:
            raise AwsError("ResourceNotFoundException", f"The specified resource does not exist: {arn}")
        return self._tags[arn]

    def _target(self, call: Call, verb: str) -> Any:
        target = self._books.targets.get(call.parameters["ScalableDimension"], {}).get(call.parameters["ResourceId"])
        if target is None:
            raise not_found(f"No scalable target {verb} for {describe_target(call)}")
        return target

    def _policies(self, call: Call) -> list[Any]:
        """The policies of the namespace and, when the call names them, of the resource and dimension."""
        wanted = {name: call.parameters.get(member) for name, member in FILTERS.items()}
        return [
            policy
            for policy in list(self._books.policies.values())
            if all(value is None or getattr(policy, name) == value for name, value in wanted.items())
        ]

    def _put_alarms(self, policy: Any, before: Any) -> None:
        names = {name: alarm.name for name, alarm in before.alarms_by_kind.items()} if before else {}
        tracking = policy.policy_type == "TargetTrackingScaling"
        policy.alarms_by_kind = put_alarms(self._alarms, policy, names) if tracking else {}
        policy.alarms = list(policy.alarms_by_kind.values())
        kept = {alarm.name for alarm in policy.alarms}
        self._alarms.delete([name for name in names.values() if name not in kept])

    def _delete(self, policy: Any) -> None:
        self._alarms.delete([alarm.name for alarm in policy.alarms])
        self._books.delete_scaling_policy(policy.policy_name, policy.service_namespace, policy.resource_id, policy.scalable_dimension)


FILTERS = {"service_namespace": "ServiceNamespace", "resource_id": "ResourceId", "scalable_dimension": "ScalableDimension"}


def refuse_bad(kind: str, config: dict[str, Any] | None) -> None:
    if config is None:
        raise invalid(f"{kind}PolicyConfiguration is required for policy type {kind}.")
    metric = config.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    if metric is not None and metric not in METRICS:
        raise invalid(f"local_aws knows no predefined metric {metric}; it knows {', '.join(METRICS)}.")


@rule(
    "Application Auto Scaling PutScalingPolicy",
    "A scalable target has one target tracking policy for a metric specification.",
    "https://github.com/hashicorp/terraform-provider-aws/issues/41179",
)
def one_policy_for_a_metric(config: dict[str, Any], others: Sequence[Any]) -> None:
    """Raise ValidationException when another policy of the target tracks the metric of a configuration."""
    tracked = [metric_of(other.target_tracking_scaling_policy_configuration or {}) for other in others]
    if metric_of(config) is not None and metric_of(config) in tracked:
        raise invalid("Only one TargetTrackingScaling policy for a given metric specification is allowed.")


def metric_of(config: dict[str, Any]) -> Any:
    """The metric of a target tracking policy; None for a step scaling policy."""
    return config.get("PredefinedMetricSpecification") or config.get("CustomizedMetricSpecification")


def describe(policy: Any) -> dict[str, Any]:
    config = policy.target_tracking_scaling_policy_configuration or policy.step_scaling_policy_configuration
    return {
        "PolicyARN": policy.policy_arn,
        "PolicyName": policy.policy_name,
        "ServiceNamespace": policy.service_namespace,
        "ResourceId": policy.resource_id,
        "ScalableDimension": policy.scalable_dimension,
        "PolicyType": policy.policy_type,
        f"{policy.policy_type}PolicyConfiguration": config,
        "Alarms": alarms_of(policy),
        "CreationTime": policy.creation_time,
    }


def alarms_of(policy: Any) -> list[dict[str, str]]:
    return [{"AlarmName": alarm.name, "AlarmARN": alarm.alarm_arn} for alarm in policy.alarms]


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
