"""One host of a training cluster: its folders, as in SageMaker's container contract, and its process."""

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from local_aws.mounts import OPT_ML, contained, obstacle
from local_aws.processes import Child
from local_aws.training.channels import Channel
from local_aws.training.job import HostEnded, Job

LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
GROUP = "homogeneousCluster"


class Host:
    """Host number `rank` of the job's cluster; `base` holds its /opt/ml, `port` is where its ranks may meet."""

    def __init__(self, job: Job, rank: int, base: Path, port: int) -> None:
        self._job, self._rank, self._base, self._port = job, rank, base, port
        self._names = host_names(job)
        self.name = self._names[rank]
        self.model, self.output, self.checkpoints = base / "model", base / "output" / "data", base / "checkpoints"
        self._child: Child | None = None

    def prepare(self, channels: Sequence[Channel]) -> None:
        """Lay out `input/config`, `input/data/<channel>`, `model`, `output/data` and `checkpoints`."""
        config = self._base / "input" / "config"
        for folder in (config, self.model, self.output, self.checkpoints, self._base / "home"):
            folder.mkdir(parents=True, exist_ok=True)
        for channel in channels:
            channel.link(self._base / "input" / "data" / channel.name, rank=self._rank, hosts=len(self._names))
        for name, content in configuration(self._job.spec, self._names, self.name).items():
            (config / f"{name}.json").write_text(json.dumps(content))

    def start(self, train: Sequence[str], environment: Mapping[str, str], on_line: Callable[[str], None]) -> None:
        """Start the job's entrypoint, or else `train`, the image's own; its exit status arrives in the job's events."""
        algorithm = self._job.spec["AlgorithmSpecification"]
        command = [*algorithm.get("ContainerEntrypoint", train), *algorithm.get("ContainerArguments", [])]
        if not obstacle():
            command = contained(command, self._base, self._names)
        child = self._child = Child(command, cwd=self._base, env={**environment, **self._own_environment()}, on_line=on_line)
        threading.Thread(target=lambda: self._job.events.put(HostEnded(self.name, child.wait())), daemon=True).start()

    def terminate(self) -> None:
        if self._child:
            self._child.terminate()

    def kill(self) -> None:
        if self._child:
            self._child.kill()

    def failure(self) -> str:
        """The text that the script wrote to `output/failure`."""
        file = self._base / "output" / "failure"
        return file.read_text(errors="replace") if file.is_file() else ""

    def _own_environment(self) -> dict[str, str]:
        base = str(self._base) if obstacle() else OPT_ML
        own = {
            "SAGEMAKER_BASE_DIR": base,
            "HOME": f"{base}/home",
            "TRAINING_JOB_NAME": self._job.name,
            "TRAINING_JOB_ARN": self._job.arn,
            "MASTER_ADDR": "127.0.0.1",  # no DNS has the host names here
            "MASTER_PORT": str(self._port),  # 7777 on SageMaker; here all jobs share the ports of one machine
        }
        if len(self._names) > 1:  # every host sees all cores; without a limit the hosts together would start too many threads
            own["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // len(self._names)))
        return own


def host_names(job: Job) -> list[str]:
    return [f"algo-{number + 1}" for number in range(job.spec["ResourceConfig"]["InstanceCount"])]


def configuration(spec: Mapping[str, Any], hosts: Sequence[str], current: str) -> dict[str, Any]:
    """The contents of `input/config/*.json`: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html"""
    instance = spec["ResourceConfig"].get("InstanceType", "")
    channels = {
        channel["ChannelName"]: {
            "TrainingInputMode": channel.get("InputMode", spec["AlgorithmSpecification"].get("TrainingInputMode", "File")),
            "S3DistributionType": channel["DataSource"]["S3DataSource"].get("S3DataDistributionType", "FullyReplicated"),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
        | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})
        for channel in spec.get("InputDataConfig", [])
    }
    return {
        "hyperparameters": spec.get("HyperParameters", {}),
        "inputdataconfig": channels,
        "resourceconfig": {
            "current_host": current,
            "hosts": list(hosts),
            "network_interface_name": LOOPBACK,
            "current_instance_type": instance,
            "current_group_name": GROUP,
            "instance_groups": [{"instance_group_name": GROUP, "instance_type": instance, "hosts": list(hosts)}],
        },
    }
