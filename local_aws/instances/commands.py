"""SSM's Run Command: commands are sent to the agent of an instance, run, listed and cancelled."""

import threading
from collections.abc import Mapping
from typing import Any

from local_aws.call import AwsError, Call, Operations
from local_aws.cloud import Cloud
from local_aws.instances.command import DOCUMENT, Command
from local_aws.instances.instances import Instances
from local_aws.instances.interruptions import Interruptions
from local_aws.instances.machine import Machine
from local_aws.instances.output import log_writer
from local_aws.listing import cut

AGENT = "3.3.4624.0"
PAGE = 50
PARAMETERS = {"commands", "executionTimeout"}


class Commands:
    """The commands that were sent, the newest last."""

    def __init__(self, cloud: Cloud, instances: Instances, interruptions: Interruptions) -> None:
        self._cloud, self._instances, self._interruptions = cloud, instances, interruptions
        self._commands: list[Command] = []

    def operations(self) -> Operations:
        return {
            ("ssm", "DescribeInstanceInformation"): self.describe_instances,
            ("ssm", "SendCommand"): self.send,
            ("ssm", "ListCommands"): self.list_commands,
            ("ssm", "ListCommandInvocations"): self.list_invocations,
            ("ssm", "GetCommandInvocation"): self.get_invocation,
            ("ssm", "CancelCommand"): self.cancel,
        }

    def close(self) -> None:
        return  # the commands end with their instances

    def describe_instances(self, call: Call) -> dict[str, Any]:
        filters = call.parameters.get("Filters", [])
        if unknown := {each["Key"] for each in filters} - {"InstanceIds"}:
            raise AwsError("InvalidInstanceInformationFilterValue", f"local_aws filters by InstanceIds only, not by {sorted(unknown)}.")
        wanted = [set(each["Values"]) for each in filters]
        found = [machine for machine in self._instances.all() if machine.online and all(machine.id in ids for ids in wanted)]
        return page([information(machine) for machine in found], call.parameters, "InstanceInformationList")

    def send(self, call: Call) -> dict[str, Any]:
        spec = call.parameters
        require_runnable(spec)
        machine = self._instances.find(spec["InstanceIds"][0])
        if machine is None or not machine.online:
            raise AwsError(
                "InvalidInstanceId", f"Instances [[{spec['InstanceIds'][0]}]] not in a valid state for account {self._cloud.account}"
            )
        command = Command(spec, machine)
        self._commands.append(command)
        threading.Thread(target=self._run, args=[command], name=f"command {command.id}", daemon=True).start()
        return {"Command": command.describe()}

    def list_commands(self, call: Call) -> dict[str, Any]:
        return page([command.describe() for command in self._matching(call)], call.parameters, "Commands")

    def list_invocations(self, call: Call) -> dict[str, Any]:
        details = bool(call.parameters.get("Details"))
        return page([command.summary(details=details) for command in self._matching(call)], call.parameters, "CommandInvocations")

    def get_invocation(self, call: Call) -> dict[str, Any]:
        asked = call.parameters
        for command in self._commands:
            if (command.id, command.machine.id) == (asked["CommandId"], asked["InstanceId"]):
                return command.invocation()
        raise AwsError("InvocationDoesNotExist", "")

    def cancel(self, call: Call) -> dict[str, Any]:
        found = [command for command in self._commands if command.id == call.parameters["CommandId"]]
        if not found:
            raise AwsError("InvalidCommandId", "")
        for command in found:
            command.cancel()
        return {}

    def _run(self, command: Command) -> None:
        write = log_writer(self._cloud, command)

        def read_line(line: str) -> None:
            write(line)
            self._interruptions.read_line(command.machine, line)

        command.run(read_line)

    def _matching(self, call: Call) -> list[Command]:
        """The commands that match the call, the newest first."""
        asked = call.parameters
        if asked.get("Filters"):
            raise AwsError("InvalidFilterKey", "local_aws lists commands by CommandId and InstanceId only.")
        return [
            command
            for command in reversed(self._commands)
            if asked.get("CommandId", command.id) == command.id and asked.get("InstanceId", command.machine.id) == command.machine.id
        ]


def require_runnable(spec: Mapping[str, Any]) -> None:
    if spec["DocumentName"] != DOCUMENT:
        raise AwsError("InvalidDocument", f"local_aws runs {DOCUMENT} only, not {spec['DocumentName']}.")
    if len(spec.get("InstanceIds", [])) != 1 or spec.get("Targets"):
        raise AwsError("InvalidTarget", "local_aws runs a command on one instance, named in InstanceIds.")
    given = spec.get("Parameters", {})
    if "commands" not in given or given.keys() - PARAMETERS:
        raise AwsError("InvalidParameters", f"{DOCUMENT} takes {sorted(PARAMETERS)} here, got {sorted(given)}.")


def information(machine: Machine) -> dict[str, Any]:
    return {
        "InstanceId": machine.id,
        "PingStatus": "Online",
        "AgentVersion": AGENT,
        "PlatformType": "Linux",
        "PlatformName": "Amazon Linux",
        "PlatformVersion": "2023",
        "ResourceType": "EC2Instance",
        "IPAddress": machine.record.private_ip,
        "ComputerName": machine.record.private_dns_name,
    }


def page(entries: list[dict[str, Any]], parameters: Mapping[str, Any], member: str) -> dict[str, Any]:
    found, token = cut(entries, parameters, "InvalidNextToken", most=PAGE)
    return {member: found, **token}
