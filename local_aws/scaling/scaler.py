"""The scaler: it acts on alarms and schedules, and changes resources with the service-linked roles of autoscaling."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.cloud import Cloud
from local_aws.loops import Loop
from local_aws.scaling.activities import Activities, Activity
from local_aws.scaling.capacity import cooldown_of, larger, wanted_by
from local_aws.scaling.scalables import Scalable
from local_aws.scaling.schedules import next_time

PART = "applicationautoscaling"  # moto also loads EC2 for it, which takes a second
PAUSE = 12.0  # seconds of AWS's time between two checks of schedules and of changes in progress


class Scaler:
    """Scales the targets; `check` requests that the capacity of a target is brought within its limits as soon as possible.

    `scalables` maps dimensions to scalables.
    """

    def __init__(self, cloud: Cloud, activities: Activities, scalables: Mapping[str, Scalable]) -> None:
        self._cloud, self._activities, self._scalables = cloud, activities, scalables
        self._unchecked: dict[str, str] = {}  # resource -> reason
        self._due: dict[tuple[str, ...], datetime | None] = {}
        self._lock = threading.Lock()  # an alarm and a schedule must not scale one target at the same time
        self.loop = Loop("scaling", lambda: self.tick(datetime.now(UTC)), cloud.pace, PAUSE)

    def check(self, resource: str, why: str) -> None:
        self._unchecked[resource] = why

    def on_alarm(self, arn: str, alarm: str, value: float) -> None:
        """Scale as the policy with this ARN says, unless a cooldown, a limit or a change in progress prevents it."""
        policy = next((policy for policy in list(self._books.policies.values()) if policy.policy_arn == arn), None)
        target = self._target(policy.resource_id) if policy else None
        if policy is None or target is None:
            return
        with self._lock:
            current = self._scalable(target).capacity(policy.resource_id)
            if current is None:
                return
            threshold = self._cloud.books("cloudwatch").alarms[alarm].threshold
            wanted = self._wanted(policy, current, value, threshold)
            if wanted != current and not suspended(target, out=wanted > current):
                self._decide(policy, target, current, wanted, f"monitor alarm {alarm} in state ALARM triggered policy {policy.policy_name}")

    def tick(self, now: datetime) -> None:
        with self._lock:
            self.loop.each([activity for activity in self._activities.of() if activity.status == "InProgress"], self._settle)
            self.loop.each(self._scheduled(), lambda action: self._run_schedule(action, now))
            self.loop.each(list(self._unchecked), self._keep_limits)

    @property
    def _books(self) -> Any:
        return self._cloud.books(PART)

    def _scheduled(self) -> list[Any]:
        books = self._cloud.books_in_use(PART)
        return list(books.scheduled_actions) if books else []

    def _target(self, resource: str) -> Any:
        return next((targets[resource] for targets in self._books.targets.values() if resource in targets), None)

    def _scalable(self, target: Any) -> Scalable:
        """The scalable of a target or policy."""
        return self._scalables[target.scalable_dimension]

    def _wanted(self, policy: Any, current: int, value: float, threshold: float) -> int:
        config, wanted_from = wanted_by(policy, value, threshold)
        last = self._activities.last(policy.resource_id, out=True)
        cooling = last is not None and self._cooling(last, cooldown_of(config, self._scalable(policy).cooldown, out=True))
        return larger(wanted_from, current, last.before) if last and cooling else wanted_from(current)

    def _decide(self, policy: Any, target: Any, current: int, wanted: int, cause: str) -> None:
        out = wanted > current
        limited = max(target.min_capacity, min(target.max_capacity, wanted))
        if limited == current:
            self._not_scaled(target, current, cause, at_limit(target, current, out=out))
            return
        if out or not self._scale_in_is_cooling(policy, target):  # the wanted capacity of a scale-out already respects the cooldown
            self._set(target, current, limited, cause)

    def _scale_in_is_cooling(self, policy: Any, target: Any) -> bool:
        """Whether the scale-in cooldown is still running."""
        config = policy.target_tracking_scaling_policy_configuration or policy.step_scaling_policy_configuration
        last = self._activities.last(target.resource_id, out=False)
        return last is not None and self._cooling(last, cooldown_of(config, self._scalable(target).cooldown, out=False))

    def _cooling(self, last: Activity, cooldown: float) -> bool:
        since = (datetime.now(UTC) - last.end).total_seconds() if last.end else 0.0
        return last.end is None or since < self._cloud.pace.seconds(cooldown)

    def _not_scaled(self, target: Any, current: int, cause: str, reason: dict[str, Any]) -> None:
        description = "Attempting to scale due to alarm triggered"
        self._activities.not_scaled(Activity(target.resource_id, target.scalable_dimension, current, current, description, cause, reason))

    def _set(self, target: Any, current: int, wanted: int, cause: str) -> None:
        scalable = self._scalable(target)
        description = f"Setting {scalable.noun} to {wanted}."
        activity = self._activities.add(Activity(target.resource_id, target.scalable_dimension, current, wanted, description, cause))
        try:
            scalable.change(target.resource_id, wanted)
        except (ClientError, BotoCoreError) as error:
            self._activities.finish(activity, "Failed", f"Failed to set {scalable.noun} to {wanted}. Reason: {error}")

    def _settle(self, activity: Activity) -> None:
        scalable = self._scalables[activity.dimension]
        failure = scalable.failure(activity.resource, activity.wanted)
        if failure == "":
            done = f"Successfully set {scalable.noun} to {activity.wanted}. Change successfully fulfilled by {scalable.namespace}."
            self._activities.finish(activity, "Successful", done)
        elif failure is not None:
            self._activities.finish(activity, "Failed", f"Failed to set {scalable.noun} to {activity.wanted}. Reason: {failure}")

    def _run_schedule(self, action: Any, now: datetime) -> None:
        key = (action.arn, action.schedule, action.timezone or "UTC", str(action.start_time), str(action.end_time))
        if key not in self._due:
            self._due[key] = next_time(action.schedule, key[2], now, self._cloud.pace)
        due, target = self._due[key], self._target(action.resource_id)
        if due is not None and due <= now and target is not None:
            self._due[key] = next_time(action.schedule, key[2], now, self._cloud.pace)
            if not (target.suspended_state or {}).get("ScheduledScalingSuspended") and within(action, now):
                self._apply(action, target)

    def _apply(self, action: Any, target: Any) -> None:
        limits = action.scalable_target_action
        target.update(limits.get("MinCapacity"), limits.get("MaxCapacity"), None)
        said = " and ".join(f"{kind} capacity to {limits[member]}" for kind, member in LIMITS.items() if member in limits)
        cause = f"scheduled action name {action.scheduled_action_name} was triggered"
        activity = Activity(target.resource_id, target.scalable_dimension, 0, 0, f"Setting {said}", cause)
        activity.finish("Successful", f"Successfully set {said}")
        self._activities.add(activity)
        self.check(target.resource_id, cause)

    def _keep_limits(self, resource: str) -> None:
        why = self._unchecked[resource]
        target = self._target(resource)
        current = self._scalable(target).capacity(resource) if target else None
        if target is None:
            del self._unchecked[resource]
        elif current is not None:
            del self._unchecked[resource]
            wanted = max(target.min_capacity, min(target.max_capacity, current))
            if wanted != current and not suspended(target, out=wanted > current):
                self._set(target, current, wanted, why)


LIMITS = {"min": "MinCapacity", "max": "MaxCapacity"}


def suspended(target: Any, *, out: bool) -> bool:
    return bool((target.suspended_state or {}).get("DynamicScalingOutSuspended" if out else "DynamicScalingInSuspended"))


def at_limit(target: Any, current: int, *, out: bool) -> dict[str, Any]:
    if out:
        return {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": target.max_capacity, "CurrentCapacity": current}
    return {"Code": "AlreadyAtMinCapacity", "MinCapacity": target.min_capacity, "CurrentCapacity": current}


def within(action: Any, now: datetime) -> bool:
    return (not action.start_time or action.start_time <= now) and (not action.end_time or now <= action.end_time)
