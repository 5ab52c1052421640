"""Events of other services for functions: invoked asynchronously, where the function's resource policy lets the service do so."""

import json
from collections.abc import Mapping
from typing import Any

from local_aws.call import AwsError
from local_aws.cloud import Cloud
from local_aws.functions.invocation import Invoker
from local_aws.functions.registry import Registry, split_reference
from local_aws.iam.context import service_context
from local_aws.iam.evaluator import Request
from local_aws.iam.principals import as_policy
from local_aws.iam.resource_policy import Grant, evaluate_resource_policy
from local_aws.journal import Entry, Journal

ACTION = "lambda:InvokeFunction"


class FunctionEvents:
    """Delivers events; one line of the journal each says how it went, because nobody waits for the answer."""

    def __init__(self, cloud: Cloud, registry: Registry, invoker: Invoker, journal: Journal) -> None:
        self._cloud, self._registry, self._invoker, self._journal = cloud, registry, invoker, journal

    def deliver(self, arn: str, event: Mapping[str, Any], service: str, source: str) -> None:
        """Invoke the function with the event; `service` is a principal such as s3.amazonaws.com, `source` the ARN of what sends it."""
        outcome = "ok"
        try:
            name, qualifier = split_reference(arn)
            if not self._is_allowed(name, arn, service, source):
                raise AwsError("AccessDeniedException", f"The policy of {arn} does not let {service} invoke it for {source}.")
            self._invoker.start(name, qualifier, json.dumps(event).encode())
        except AwsError as error:
            outcome = error.code
        self._journal.write(Entry(service, ACTION, arn, outcome))

    def _is_allowed(self, name: str, arn: str, service: str, source: str) -> bool:
        statements = self._registry.latest(name).policy.statements
        request = Request(ACTION, arn, {**service_context(self._cloud), "aws:sourcearn": [source]})
        policy = as_policy({"Version": "2012-10-17", "Statement": statements})
        return evaluate_resource_policy(policy, request, (), self._cloud.account, service) is Grant.GRANTED
