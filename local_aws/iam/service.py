"""The STS operation that moto answers without regard to the caller."""

from typing import Any

from local_aws.call import Call, Operations
from local_aws.cloud import Cloud


class SecurityTokens:
    """STS with GetCallerIdentity."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def operations(self) -> Operations:
        return {("sts", "GetCallerIdentity"): self.get_caller_identity}

    def close(self) -> None:
        return

    def get_caller_identity(self, call: Call) -> dict[str, Any]:
        arn = call.principal.session_arn or call.principal.arn
        return {"UserId": call.principal.access_key_id, "Account": self._cloud.account, "Arn": arn}
