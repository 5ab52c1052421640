"""The secret behind an access key id: of the account's root, of a user or of a session."""

from dataclasses import dataclass

from local_aws.cloud import Cloud


@dataclass(frozen=True)
class SecretKey:
    """The secret of an access key; only sessions have a token and an end."""

    secret: str
    token: str = ""
    expired: bool = False


def find_secret_key(cloud: Cloud, access_key_id: str) -> SecretKey | None:
    """The secret of a key; None for a key that is unknown or deactivated."""
    if access_key_id == cloud.secrets.root_key_id:
        return SecretKey(cloud.secrets.root_secret)
    if session := cloud.sessions.find(access_key_id):
        return SecretKey(session.secret, session.token, session.expired)
    key = cloud.books("iam").access_keys.get(access_key_id)
    return SecretKey(key.secret_access_key) if key and key.status == "Active" else None
