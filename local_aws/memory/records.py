"""The records of one part: what of moto's backends is kept, and how they get it back."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.core.base_backend import BackendDict

from local_aws.memory.changes import APART, FORGOTTEN
from local_aws.memory.pickling import AWSS_OWN, Hollow, backend, dump, load, module_of

Attributes = dict[str, Any]  # of one backend
ATTACHED = "attached policies"  # AWS's own policies that are attached to something, with the number of times

# Lines of logs and sent notifications only grow: they are kept when local_aws ends, and not at every call.
HOLLOW: Hollow = {("logs", "LogGroup"): {"streams": {}}, ("sns", "Topic"): {"sent_notifications": []}}


def save(part: str, extras: Mapping[str, Any], *, whole: bool) -> bytes:
    """The records of a part, and what our services keep beside them; what only grows is left out unless `whole`."""
    kept = {(home.account_id, home.region_name): attributes(part, vars(home)) for home in backends_of(module_of_part(part))}
    return dump((kept, dict(extras)), module_of_part(part), {} if whole else HOLLOW)


def restore(part: str, saved: bytes) -> Attributes:
    """Give moto's backends the records of a part; return what our services keep beside them."""
    kept, extras = load(saved)
    for (account, region), state in kept.items():
        home = backend(module_of_part(part), account, region)
        RESTORE.get(part, put_back)(home, state)
    return dict(extras)


def modules_in_use() -> set[str]:
    return {module_of(each.backend) for each in in_use()}


def in_use() -> list[Any]:
    """moto's backends of the services that were used."""
    every: Any = BackendDict
    return list(every._instances)


def backends_of(module: str) -> Iterator[Any]:
    for each in in_use():
        if module_of(each.backend) == module:
            for _, _, home in list(each.iter_backends()):
                yield home


def module_of_part(part: str) -> str:
    return "sagemaker" if part in APART else part


def attributes(part: str, every: Attributes) -> Attributes:
    """The attributes of a backend that are kept."""
    if part in APART:
        return {part: every[part]}
    return TRIM.get(part, dict)(every)


def put_back(home: Any, state: Attributes) -> None:
    vars(home).update(state)


def without_apart(every: Attributes) -> Attributes:
    return {name: value for name, value in every.items() if name not in (*APART, *FORGOTTEN)}


def without_awss_own(every: Attributes) -> Attributes:
    """IAM without the policies that AWS wrote, more than a thousand; whether they are attached is kept."""
    kept = {name: value for name, value in every.items() if name != "aws_managed_policies"}
    kept["managed_policies"] = {arn: policy for arn, policy in every["managed_policies"].items() if type(policy).__name__ not in AWSS_OWN}
    return kept | {ATTACHED: {policy.arn: policy.attachment_count for policy in every["aws_managed_policies"] if policy.attachment_count}}


def put_back_policies(home: Any, state: Attributes) -> None:
    for arn, count in state.pop(ATTACHED).items():
        home.managed_policies[arn].attachment_count = count
    state["managed_policies"] = home.managed_policies | state["managed_policies"]
    put_back(home, state)


TRIM: dict[str, Callable[[Attributes], Attributes]] = {"iam": without_awss_own, "sagemaker": without_apart}
RESTORE: dict[str, Callable[[Any, Attributes], None]] = {"iam": put_back_policies}
