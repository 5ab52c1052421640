"""EC2 instances: RunInstances and TerminateInstances start and end machines; moto's records answer the describe calls."""

import threading
from typing import Any

from local_aws.call import Call, Operations
from local_aws.cloud import Cloud
from local_aws.instances.launch import Tokens, launch, require_profile
from local_aws.instances.machine import Machine, end_record
from local_aws.instances.machine_images import publish_images
from local_aws.instances.offers import read_one_region


class Instances:
    """All machines, ended machines included."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._tokens = Tokens(cloud.memory.shelf("ec2", "client tokens", dict))
        self._machines: dict[str, Machine] = {}
        self._lock = threading.Lock()
        publish_images()
        read_one_region()
        if books := cloud.books_in_use("ec2"):
            lose_all(books)

    def operations(self) -> Operations:
        return {
            ("ec2", "RunInstances"): self.run,
            ("ec2", "TerminateInstances"): self.terminate,
        }

    def close(self) -> None:
        for machine in self.all():
            machine.end()

    def all(self) -> list[Machine]:
        with self._lock:
            return list(self._machines.values())

    def find(self, instance_id: str) -> Machine | None:
        with self._lock:
            return self._machines.get(instance_id)

    def run(self, call: Call) -> dict[str, Any]:
        parameters = call.parameters
        profile = require_profile(self._cloud, parameters)
        role = profile.roles[0].arn if profile is not None and profile.roles else None
        with self._lock:
            reservation = self._tokens.find(parameters)
            if reservation is None:
                reservation = launch(self._cloud, parameters)
                self._tokens.keep(parameters, reservation)
                for record in reservation.instances:
                    machine = self._machines[record.id] = Machine(self._cloud, record, role)
                    machine.boot()
        return {
            "ReservationId": reservation.id,
            "OwnerId": self._cloud.account,
            "Instances": [describe(record) for record in reservation.instances],
        }

    def terminate(self, call: Call) -> dict[str, Any]:
        ids = call.parameters["InstanceIds"]
        before = {record.id: state(record) for record in self._cloud.books("ec2").get_multi_instances_by_id(ids)}
        for instance_id in ids:
            if machine := self.find(instance_id):
                machine.end()
        self._cloud.books("ec2").terminate_instances(ids)
        ending = {"Code": 32, "Name": "shutting-down"}
        return {"TerminatingInstances": [{"InstanceId": each, "PreviousState": before[each], "CurrentState": ending} for each in ids]}


def lose_all(books: Any) -> None:
    """Terminate the instances of an earlier local_aws, with which their processes ended, as when their hosts are lost."""
    for record in books.all_instances():
        if record._state.name != "terminated":
            end_record(record, "Server.InternalError", "An internal error has occurred")


def describe(record: Any) -> dict[str, Any]:
    """The part of an instance that RunInstances returns; DescribeInstances returns the rest."""
    return {
        "InstanceId": record.id,
        "ImageId": record.image_id,
        "InstanceType": record.instance_type,
        "ClientToken": record.client_token,
        "LaunchTime": record.launch_time,
        "State": state(record),
        "Tags": [{"Key": key, "Value": value} for key, value in record.ec2_backend.tags.get(record.id, {}).items()],
    }


def state(record: Any) -> dict[str, Any]:
    return {"Code": record._state.code, "Name": record._state.name}
