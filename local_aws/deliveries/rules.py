"""EventBridge: rules with an event pattern, and their targets: queues and log groups by moto, topics and functions by this module."""

import json
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.corrections import correct
from local_aws.deliveries.topics import Deliver

EVENTS = "events.amazonaws.com"
SERVICE = "events"
KINDS = ("sqs", "logs", "sns", "lambda")


class Rules:
    """PutRule and PutTargets, which refuse what nothing here sends; schedules are such."""

    def __init__(self, cloud: Cloud, deliver: Deliver) -> None:
        self._cloud = cloud
        correct("moto.events.models", lambda models: send_events(cloud, deliver, models.Rule))

    def operations(self) -> Operations:
        return {(SERVICE, "PutRule"): self.put_rule, (SERVICE, "PutTargets"): self.put_targets}

    def close(self) -> None:
        return

    def put_rule(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        if not asked.get("EventPattern"):
            raise AwsError("ValidationException", "local_aws runs rules with an EventPattern only.")
        rule = self._cloud.books(SERVICE).put_rule(
            asked["Name"],
            description=asked.get("Description"),
            event_bus_arn=asked.get("EventBusName"),
            event_pattern=asked["EventPattern"],
            state=asked.get("State"),
            tags=asked.get("Tags"),
        )
        return {"RuleArn": rule.arn}

    def put_targets(self, call: Call) -> dict[str, Any]:
        targets = call.parameters["Targets"]
        if unknown := [each["Arn"] for each in targets if each["Arn"].split(":")[2:3] not in [[kind] for kind in KINDS]]:
            raise AwsError("ValidationException", f"local_aws sends events to {', '.join(KINDS)} only, not to {', '.join(unknown)}.")
        self._cloud.books(SERVICE).put_targets(call.parameters["Rule"], call.parameters.get("EventBusName"), targets)
        return {"FailedEntryCount": 0, "FailedEntries": []}


def send_events(cloud: Cloud, deliver: Deliver, rules: Any) -> None:
    """Make moto's rules send while they are enabled, also to topics and functions."""
    kept = rules.send_to_targets

    def send(rule: Any, event: Any, *, transform_input: bool = True) -> None:
        if rule.state != "ENABLED" or not rule.event_pattern.matches_event(event):
            return
        for target in rule.targets:
            kind = target["Arn"].split(":")[2]
            if kind == "lambda":
                deliver(target["Arn"], event, EVENTS, rule.arn)
            elif kind == "sns":
                cloud.books("sns").publish(json.dumps(event), target["Arn"])
            else:
                kept(OneTarget(rule, target), event, transform_input=transform_input)

    rules.send_to_targets = send


class OneTarget:
    """A rule with one of its targets only, so that one that fails keeps no other from its event."""

    def __init__(self, rule: Any, target: Any) -> None:
        self._rule, self.targets = rule, [target]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rule, name)
