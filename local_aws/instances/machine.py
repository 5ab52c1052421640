"""One instance: a private folder in which commands run as processes, with credentials of the instance's role."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from local_aws.cloud import Cloud
from local_aws.iam.roles import assume_execution_role, role_may
from local_aws.images import image_environment
from local_aws.instances.machine_images import PACKAGES
from local_aws.processes import Child

SERVICE = "ec2.amazonaws.com"
RUNNING = ("running", 16)
BOOTS, REGISTERS = 0.3, 0.3  # seconds until the instance runs, and from then until its SSM agent registers


class Machine:
    """An instance; `record` is moto's. Without a role it has no credentials, and its agent cannot register."""

    def __init__(self, cloud: Cloud, record: Any, role: str | None) -> None:
        self.id, self.record, self.role = str(record.id), record, role
        self._cloud = cloud
        self._folder = cloud.state / "instances" / self.id
        self.credentials = assume_execution_role(cloud, role, SERVICE) if role else {}
        self._children: list[Child] = []
        self._lock = threading.Lock()
        self.ended = False
        self._registers_at = time.monotonic() + BOOTS + REGISTERS
        self._booting = threading.Timer(BOOTS, self._run)
        self._booting.daemon = True

    def boot(self) -> None:
        self._booting.start()

    @property
    def online(self) -> bool:
        """Whether the SSM agent has registered, which the role must allow."""
        if self.ended or self.role is None or time.monotonic() < self._registers_at:
            return False
        return role_may(self._cloud, self.role, "ssm:UpdateInstanceInformation", self._cloud.arn("ec2", f"instance/{self.id}"))

    def start(self, command: Sequence[str], *, folder: str, on_line: Callable[[str], None]) -> Child | None:
        """Start a process in `folder`, which is created below the instance's folder; None when the instance has ended."""
        place = self._folder / folder
        with self._lock:
            if self.ended:
                return None
            place.mkdir(parents=True, exist_ok=True)
            child = Child(command, cwd=place, env=self._environment(), on_line=on_line)
            self._children.append(child)
            return child

    def write(self, name: str, text: str) -> Path:
        file = self._folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def interrupt(self) -> None:
        """End the instance as when EC2 reclaims a spot instance or loses a host."""
        self.end()
        end_record(self.record, "Server.SpotInstanceTermination", "Spot instance termination")

    def end(self) -> None:
        """Kill all processes of the instance; no process can start on it afterwards."""
        self._booting.cancel()
        with self._lock:
            self.ended = True
        for child in self._children:
            child.kill()

    def _run(self) -> None:
        with self._lock:
            if self.ended:
                return
            self.record._state.name, self.record._state.code = RUNNING

    def _environment(self) -> Mapping[str, str]:
        home = self._folder / "root"
        home.mkdir(exist_ok=True)
        packages = image_environment(PACKAGES, self._cloud.state / "images")
        # an absolute path would be a path of this machine: the container's /opt/ml is below the instance's folder
        return {**packages, **self.credentials, "HOME": str(home), "SAGEMAKER_BASE_DIR": str(self._folder / "opt" / "ml")}


def end_record(record: Any, code: str, reason: str) -> None:
    """Terminate moto's record of an instance that nobody has asked to end.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
    """
    from moto.ec2.models.instances import StateReason

    record.terminate()
    record.state_reason = StateReason(f"{code}: {reason}", code)
