"""One embedded AWS: the services, the front that calls them, and the HTTP server."""

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from local_aws.books import Books
from local_aws.call import Handler, Operations
from local_aws.capacity import Capacity
from local_aws.cloud import ACCOUNT, Cloud
from local_aws.control import Control, Setting
from local_aws.deliveries.alarm_messages import publish_change
from local_aws.deliveries.buckets import notify_functions
from local_aws.deliveries.rules import Rules
from local_aws.deliveries.topics import send_messages
from local_aws.endpoints.hosting import Hosting
from local_aws.executors import switch_off_executors
from local_aws.faults import Faults
from local_aws.front import Front
from local_aws.functions.service import Functions
from local_aws.http_server import Server
from local_aws.iam.authority import IamAuthority
from local_aws.iam.simulator import PolicySimulator
from local_aws.iam.tokens import SecurityTokens
from local_aws.iam.users import Users
from local_aws.instances.commands import Commands
from local_aws.instances.instances import Instances
from local_aws.instances.interruptions import Interruptions as InstanceInterruptions
from local_aws.journal import Journal
from local_aws.members.check import checked
from local_aws.memory.database import FILE as DATABASE
from local_aws.memory.database import FILES as DATABASE_FILES
from local_aws.memory.database import Database
from local_aws.memory.memory import Memory
from local_aws.metrics.service import Metrics
from local_aws.quotas import Quotas
from local_aws.repositories import Repositories
from local_aws.scaling.policies import Scaling
from local_aws.stack_secrets import CONTROL_HEADER, Secrets
from local_aws.stack_secrets import FILE as SECRETS
from local_aws.stacks.service import Stacks
from local_aws.store.bodies import keep_bodies_in
from local_aws.store.records import StoreRecords
from local_aws.tracking import track_nothing
from local_aws.training.interruptions import Interruptions
from local_aws.training.jobs import TrainingJobs
from local_aws.training.run import Supply
from local_aws.transform.jobs import TransformJobs
from local_aws.tuning.jobs import TuningJobs

JOURNAL = "journal.jsonl"
SECRET = {SECRETS, CONTROL_HEADER}
LASTING = frozenset({JOURNAL, "s3", "endpoints", *DATABASE_FILES})  # all other files are made again when they are needed


class Service(Protocol):
    """A service: its operations, and a `close` that ends all its child processes."""

    def operations(self) -> Operations: ...

    def close(self) -> None: ...


class LocalAws:
    """The whole embedded AWS: it binds `host:port` (0 means any free port, OSError when it is taken) and goes on with `state`."""

    def __init__(self, host: str, port: int, state: Path) -> None:
        self._server = Server(host, port)
        self._memory = remember(state.resolve())
        self.cloud = Cloud(self._server.url, state.resolve(), secrets=Secrets.kept_in(state), memory=self._memory)
        self._journal = Journal(state / JOURNAL)
        switch_off_executors()
        track_nothing()
        quotas, supply = Quotas(self.cloud), Supply(Capacity(), Interruptions())
        instances = Instances(self.cloud)
        taken_back = InstanceInterruptions(instances)
        self._services = [
            *start_services(self.cloud, quotas, supply, self._journal),
            instances,
            Commands(self.cloud, instances, taken_back),
        ]
        faults = Faults()
        operations, authority = all_operations(self._services), IamAuthority(self.cloud)
        settings: dict[str, Setting] = {
            "faults": faults,
            "quotas": quotas,
            "capacity": supply.capacity,
            "interruptions": supply.interruptions,
            "instance-interruptions": taken_back,
            "pace": self.cloud.pace,
        }
        control = Control(self.cloud.secrets, self.cloud.loops, settings)
        self._server.application = Front(operations, authority, faults, self._journal, Books(self.cloud), control, self._memory.keep_call)

    @property
    def url(self) -> str:
        return self.cloud.url

    def serve(self) -> None:
        """Answer requests until another thread calls `close`."""
        self._server.serve_forever(poll_interval=0.1)

    def close(self) -> None:
        """Stop answering, keep everything as it is now, and end every child process."""
        self._server.shutdown()
        self._server.server_close()
        self._memory.close()
        for service in self._services:
            service.close()
        self._journal.close()


def remember(state: Path) -> Memory:
    """The memory of the folder, after moto has its records back; ValueError when the folder or the records are not ours."""
    state.mkdir(parents=True, exist_ok=True)
    held = {path.name for path in state.iterdir()} - SECRET
    if held and JOURNAL not in held:
        raise ValueError(f"{state} holds files that local_aws did not make, so it is left alone. Choose another --state")
    memory, bodies = Memory(Database(state)), state / "s3"
    for name in held - (LASTING if DATABASE in held else frozenset()):
        shutil.rmtree(state / name) if (state / name).is_dir() else (state / name).unlink(missing_ok=True)
    keep_bodies_in(bodies)
    StoreRecords(memory, ACCOUNT).restore(bodies)
    memory.restore()
    return memory


def start_services(cloud: Cloud, quotas: Quotas, supply: Supply, journal: Journal) -> list[Service]:
    metrics, functions = Metrics(cloud), Functions(cloud, quotas, journal)
    training = TrainingJobs(cloud, quotas, supply)
    send_messages(functions.deliver)
    notify_functions(functions.deliver)
    metrics.alarms.on_change(cloud.arn("sns", ""), partial(publish_change, cloud))
    return [
        SecurityTokens(cloud),
        Users(cloud),
        PolicySimulator(cloud),
        Stacks(cloud),
        Repositories(),
        quotas,
        TuningJobs(cloud, training),
        training,
        Hosting(cloud, quotas),
        TransformJobs(cloud, quotas, supply.capacity),
        functions,
        Rules(cloud, functions.deliver),
        metrics,
        Scaling(cloud, metrics.alarms).start(),
    ]


def all_operations(services: list[Service]) -> Mapping[tuple[str, str], Handler]:
    operations: dict[tuple[str, str], Handler] = {}
    for service in services:
        assert not operations.keys() & service.operations().keys(), f"{service} has an operation that another service already has"
        operations.update({name: checked(*name, handler) for name, handler in service.operations().items()})
    return operations
