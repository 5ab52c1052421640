"""Messages of topics: moto puts them into queues, and this module sends them over HTTP and to functions.

https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
"""

import json
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.corrections import correct

PATIENCE = 15.0  # seconds for an answer: SNS waits no longer
PAUSES = (0.0, 1.0, 1.0)  # seconds before each try; SNS goes on for an hour
SNS = "sns.amazonaws.com"

Deliver = Callable[[str, Mapping[str, Any], str, str], None]  # (ARN of the function, event, service, ARN of the source)


def send_messages(deliver: Deliver) -> None:
    """Make moto's topics send to HTTP subscribers in the background, and to functions by `deliver`."""
    correct("moto.sns.models", lambda models: publish_by(deliver, models.Subscription))


def publish_by(deliver: Deliver, subscriptions: Any) -> None:
    kept = subscriptions.publish

    def publish(subscription: Any, message: str, message_id: str, subject: str | None = None, *given: Any, **named: Any) -> None:
        if subscription.protocol not in ("http", "https", "lambda"):
            kept(subscription, message, message_id, subject, *given, **named)
            return
        attributes = named.get("message_attributes")
        matcher = subscription._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        if named.get("message_structure") == "json":
            message = subscription._parse_message_structure(message, subscription.protocol)
        notification = subscription.get_post_data(message, message_id, subject, attributes)
        if subscription.protocol == "lambda":
            deliver(subscription.endpoint, event_of(subscription, notification), SNS, subscription.topic.arn)
        else:
            threading.Thread(target=post, args=(subscription, notification), name="sns", daemon=True).start()

    subscriptions.publish = publish


def event_of(subscription: Any, notification: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a function that is subscribed: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html"""
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn, "Sns": dict(notification)}
    return {"Records": [record]}


def post(subscription: Any, notification: Mapping[str, Any]) -> None:
    headers = {
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "Amazon Simple Notification Service Agent",
        "x-amz-sns-message-id": notification["MessageId"],
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-subscription-arn": subscription.arn,
        "x-amz-sns-topic-arn": subscription.topic.arn,
    }
    request = urllib.request.Request(subscription.endpoint, json.dumps(notification).encode(), headers)  # noqa: S310 - of its subscriber
    reason = ""
    for pause in PAUSES:
        time.sleep(pause)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
                return
        except OSError as error:
            reason = str(error)
    print(f"local_aws: {subscription.endpoint} did not take a message of {subscription.topic.arn}: {reason}", file=sys.stderr)
