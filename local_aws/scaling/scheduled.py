"""The calls about scheduled actions."""

from datetime import UTC, datetime
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.scaling.schedules import next_time

SERVICE = "application-autoscaling"


class ScheduledActions:
    """Scheduled actions, kept in moto's records, where the scaler finds them."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def operations(self) -> Operations:
        return {
            (SERVICE, "PutScheduledAction"): self.put,
            (SERVICE, "DescribeScheduledActions"): self.describe,
            (SERVICE, "DeleteScheduledAction"): self.delete,
        }

    def put(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        books = self._cloud.books("applicationautoscaling")
        if asked["ResourceId"] not in books.targets.get(asked["ScalableDimension"], {}):
            raise not_found(f"No scalable target registered for {describe_target(call)}")
        next_time(asked.get("Schedule", ""), asked.get("Timezone") or "UTC", datetime.now(UTC), self._cloud.pace)
        books.put_scheduled_action(
            asked["ServiceNamespace"],
            asked["Schedule"],
            asked.get("Timezone"),
            asked["ScheduledActionName"],
            asked["ResourceId"],
            asked["ScalableDimension"],
            asked.get("StartTime"),
            asked.get("EndTime"),
            asked.get("ScalableTargetAction", {}),
        )
        return {}

    def describe(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        found = self._cloud.books("applicationautoscaling").describe_scheduled_actions(
            asked.get("ScheduledActionNames"), asked["ServiceNamespace"], asked.get("ResourceId"), asked.get("ScalableDimension")
        )
        return {"ScheduledActions": [describe(action) for action in found]}

    def delete(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        named = self.describe(
            Call(call.service, call.operation, call.principal, asked | {"ScheduledActionNames": [asked["ScheduledActionName"]]})
        )
        if not named["ScheduledActions"]:
            raise not_found(f"No scheduled action found for {describe_target(call)}, scheduled action name: {asked['ScheduledActionName']}")
        members = ("ServiceNamespace", "ScheduledActionName", "ResourceId", "ScalableDimension")
        self._cloud.books("applicationautoscaling").delete_scheduled_action(*(asked[member] for member in members))
        return {}

    def forget(self, target: Any) -> None:
        """Delete the scheduled actions of a target that is deregistered."""
        books = self._cloud.books("applicationautoscaling")
        books.scheduled_actions = [
            action
            for action in books.scheduled_actions
            if (action.resource_id, action.scalable_dimension) != (target.resource_id, target.scalable_dimension)
        ]


def describe(action: Any) -> dict[str, Any]:
    optional = {"Timezone": action.timezone, "StartTime": action.start_time, "EndTime": action.end_time}
    return {
        "ScheduledActionName": action.scheduled_action_name,
        "ScheduledActionARN": action.arn,
        "ServiceNamespace": action.service_namespace,
        "Schedule": action.schedule,
        "ResourceId": action.resource_id,
        "ScalableDimension": action.scalable_dimension,
        "ScalableTargetAction": action.scalable_target_action,
        "CreationTime": action.creation_time,
        **{member: value for member, value in optional.items() if value},
    }


def describe_target(call: Call) -> str:
    parameters = call.parameters
    return (
        f"service namespace: {parameters['ServiceNamespace']}, resource ID: {parameters['ResourceId']}, "
        f"scalable dimension: {parameters['ScalableDimension']}"
    )


def not_found(message: str) -> AwsError:
    return AwsError("ObjectNotFoundException", message)
