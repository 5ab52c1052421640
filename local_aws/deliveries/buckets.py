"""Notifications of buckets: moto sends them to queues, topics and rules, and this module to functions."""

from typing import Any

from local_aws.books import ANSWERED
from local_aws.corrections import correct
from local_aws.deliveries.topics import Deliver

S3 = "s3.amazonaws.com"
CAUSES = {"OBJECT_ACL_UPDATE_EVENT": "PutObjectAcl", "OBJECT_TAGGING_PUT_EVENT": "PutObjectTagging"}


def notify_functions(deliver: Deliver) -> None:
    """Make moto's buckets invoke functions by `deliver`, and say nothing of the ACL and tags that moto gives to each new object."""
    correct("moto.s3.notifications", lambda notifications: notify_by(deliver, notifications))


def notify_by(deliver: Deliver, notifications: Any) -> None:
    kept = notifications.send_event

    def invoke(_account: str, event: dict[str, list[dict[str, dict[str, dict[str, str]]]]], arn: str, _region: str) -> None:
        deliver(arn, event, S3, event["Records"][0]["s3"]["bucket"]["arn"])

    def send(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        if ANSWERED.get() == CAUSES.get(event_name.name, ANSWERED.get()):
            kept(account_id, event_name, bucket, key)

    notifications._invoke_awslambda = invoke
    notifications.send_event = send
