"""Temporary credentials: sessions of roles and of users, each with its end, its policies and its tags."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from local_aws.memory.rows import Rows
from local_aws.stack_secrets import new_key_id, new_secret

FORGOTTEN = 24 * 3600.0  # seconds after its end: until then a client learns that a session has expired


@dataclass(frozen=True)
class Session:
    """Credentials of a role or of a user (`owner_arn`) until `expires` (epoch seconds).

    `policies` limit what the owner may do; they are JSON documents. `transitive` names the tags that a role assumed with them gets too.
    """

    owner_arn: str
    arn: str
    user_id: str
    expires: float
    policies: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()
    access_key_id: str = field(default_factory=lambda: new_key_id("ASIA"))
    secret: str = field(default_factory=new_secret)
    token: str = field(default_factory=lambda: new_secret() + new_secret())

    @property
    def expired(self) -> bool:
        return time.time() >= self.expires

    @property
    def of_role(self) -> bool:
        return ":role/" in self.owner_arn


class Sessions:
    """All sessions of the account, by access key id."""

    def __init__(self, rows: Rows) -> None:
        self._rows, self._lock = rows, threading.Lock()
        self._sessions: dict[str, Session] = rows.all()

    def add(self, session: Session) -> Session:
        with self._lock:
            forgotten = [key for key, old in self._sessions.items() if time.time() >= old.expires + FORGOTTEN]
            for key in forgotten:
                del self._sessions[key]
            self._sessions[session.access_key_id] = session
        self._rows.change({**dict.fromkeys(forgotten), session.access_key_id: session})
        return session

    def find(self, access_key_id: str) -> Session | None:
        return self._sessions.get(access_key_id)
