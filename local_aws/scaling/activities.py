"""Scaling activities: the changes that autoscaling made to a target, or did not make, with the reasons."""

import threading
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local_aws.call import Call
from local_aws.listing import cut

REMEMBERED = 1_000
PAGE = 50


@dataclass
class Activity:
    """One activity; `before` and `wanted` are counts of instances or environments, and an activity with a `reason` did not scale."""

    resource: str
    dimension: str
    before: int
    wanted: int
    description: str
    cause: str
    reason: dict[str, Any] | None = None
    status: str = "InProgress"
    message: str = ""
    start: datetime = field(default_factory=lambda: datetime.now(UTC))
    end: datetime | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def is_out(self) -> bool:
        return self.wanted > self.before

    def finish(self, status: str, message: str) -> None:
        self.status, self.message, self.end = status, message, datetime.now(UTC)

    def describe(self) -> dict[str, Any]:
        shown = {
            "ActivityId": self.id,
            "ServiceNamespace": self.dimension.partition(":")[0],
            "ResourceId": self.resource,
            "ScalableDimension": self.dimension,
            "Description": self.description,
            "Cause": self.cause,
            "StartTime": self.start,
            "StatusCode": self.status,
        }
        shown |= {"StatusMessage": self.message} if self.message else {}
        shown |= {"EndTime": self.end} if self.end else {}
        return shown | ({"NotScaledReasons": [self.reason]} if self.reason else {})


class Activities:
    """The latest activities of all targets, in `latest`; safe for use from any thread. `keep` keeps them after each change."""

    def __init__(self, latest: deque[Activity], keep: Callable[[], object]) -> None:
        self._lock, self._all, self._keep = threading.Lock(), latest, keep

    def add(self, activity: Activity) -> Activity:
        with self._lock:
            self._all.append(activity)
        self._keep()
        return activity

    def finish(self, activity: Activity, status: str, message: str) -> None:
        activity.finish(status, message)
        self._keep()

    def of(self, resource: str | None = None) -> list[Activity]:
        """The activities of a resource, or of all resources, the newest first."""
        with self._lock:
            return [activity for activity in reversed(self._all) if resource in (None, activity.resource)]

    def last(self, resource: str, *, out: bool) -> Activity | None:
        """The newest activity that scaled out, or in, and did not fail."""
        scaled = (activity for activity in self.of(resource) if not activity.reason and activity.status != "Failed")
        return next((activity for activity in scaled if activity.before != activity.wanted and activity.is_out is out), None)

    def not_scaled(self, activity: Activity) -> None:
        """Record the reason for not scaling, once as long as the reason stays the same."""
        newest = next(iter(self.of(activity.resource)), None)
        if newest is None or newest.reason != activity.reason:
            activity.finish("Successful", "No scaling was done.")
            self.add(activity)

    def describe(self, call: Call) -> dict[str, Any]:
        """The DescribeScalingActivities answer."""
        asked = call.parameters
        found = [
            activity
            for activity in self.of(asked.get("ResourceId"))
            if asked.get("ScalableDimension") in (None, activity.dimension)
            and activity.dimension.startswith(f"{asked['ServiceNamespace']}:")
            and (asked.get("IncludeNotScaledActivities") or not activity.reason)
        ]
        page, token = cut(found, asked, "InvalidNextTokenException", most=PAGE)
        return {"ScalingActivities": [activity.describe() for activity in page], **token}
