"""Condition blocks: operators, `IfExists`, `ForAllValues:` and `ForAnyValue:`.

An unknown operator or key raises UnknownError, so that an Allow does not apply and a Deny does.
"""

import ipaddress
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from local_aws.iam.patterns import Context, UnknownError, matches, substitute

Test = Callable[[str, str, Context], bool]  # (value in the request, value in the policy, context)

# keys that `local_aws.iam.context` sets when the request has them; all other keys are unknown
KNOWN_KEYS = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:tagkeys",
        "aws:userid",
        "aws:username",
        "aws:viaawsservice",
        "cloudwatch:namespace",
        "ec2:createaction",
        "ec2:encrypted",
        "ec2:instanceprofile",
        "ec2:instancetype",
        "ec2:metadatahttptokens",
        "ec2:owner",
        "iam:awsservicename",
        "iam:passedtoservice",
        "lambda:functionurlauthtype",
        "lambda:invokedviafunctionurl",
        "s3:delimiter",
        "s3:max-keys",
        "s3:prefix",
        "s3:x-amz-acl",
        "s3:x-amz-server-side-encryption",
        "sts:externalid",
        "sts:rolesessionname",
        "sts:transitivetagkeys",
    }
)
KNOWN_PREFIXES = ("aws:requesttag/", "aws:principaltag/", "ec2:resourcetag/", "ssm:resourcetag/")


def conditions_hold(block: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether every condition of a statement holds; UnknownError when a condition cannot be decided."""
    unknown: UnknownError | None = None
    for name, keys in block.items():
        for key, wanted in keys.items():
            try:
                if not holds(name, key, as_list(wanted), context):
                    return False  # false, whatever the undecidable conditions are
            except UnknownError as error:
                unknown = error
    if unknown:
        raise unknown
    return True


def holds(name: str, key: str, wanted: Sequence[str], context: Context) -> bool:
    key = key.lower()
    if key not in KNOWN_KEYS and not key.startswith(KNOWN_PREFIXES):
        raise UnknownError(f"condition key {key}")
    quantifier, _, rest = name.rpartition(":")
    base = rest.removesuffix("IfExists")
    actual = context.get(key)
    if name == "Null":
        return any((actual is None) == (text.lower() == "true") for text in wanted)
    negated = base in NEGATIONS
    test = TESTS.get(NEGATIONS.get(base, base))
    if test is None or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise UnknownError(f"condition operator {name}")
    if actual is None:
        return rest != base or quantifier == "ForAllValues" or (negated and not quantifier)
    verdicts = [negated != any(test(value, text, context) for text in wanted) for value in actual]
    return all(verdicts) if quantifier == "ForAllValues" else any(verdicts)


def equal(value: str, wanted: str, context: Context) -> bool:
    return value == substitute(wanted, context)


def equal_ignoring_case(value: str, wanted: str, context: Context) -> bool:
    return value.lower() == substitute(wanted, context).lower()


def like(value: str, wanted: str, context: Context) -> bool:
    return matches(wanted, value, context)


def arn_like(value: str, wanted: str, context: Context) -> bool:
    """Match each of the six parts of an ARN separately: a star matches no colon, except in the last part."""
    values, patterns = value.split(":", 5), wanted.split(":", 5)
    return len(values) == len(patterns) and all(matches(p, v, context) for p, v in zip(patterns, values, strict=True))


def compare(convert: Callable[[str], Any], relation: Callable[[Any, Any], bool]) -> Test:
    """Make the test of a relation between converted values; a value that cannot be converted is unknown."""

    def test(value: str, wanted: str, context: Context) -> bool:
        try:
            return relation(convert(value), convert(substitute(wanted, context)))
        except ValueError as error:
            raise UnknownError(str(error)) from error

    return test


def in_network(address: str, network: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


def as_time(text: str) -> float:
    """Seconds since 1970, from either of the two formats that AWS accepts."""
    return float(text) if text.isdigit() else datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def as_list(value: Any) -> list[str]:
    """A policy's value or list of values as strings: JSON's true is `true`."""
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]


RELATIONS = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
TESTS: dict[str, Test] = {
    "StringEquals": equal,
    "StringEqualsIgnoreCase": equal_ignoring_case,
    "StringLike": like,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": equal_ignoring_case,
    "IpAddress": compare(str, in_network),
    **{f"Numeric{name}": compare(float, relation) for name, relation in RELATIONS.items()},
    **{f"Date{name}": compare(as_time, relation) for name, relation in RELATIONS.items()},
}
NEGATIONS = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
