"""The AWS PyTorch training image: downloads the script of a training job and runs it as SageMaker's training toolkit does.

`python script_mode.py` under SAGEMAKER_BASE_DIR. The hyperparameters `sagemaker_program` and `sagemaker_submit_directory`, which the
SageMaker SDK sends, name the script; all others become its arguments. The file runs inside a container image, so it imports the standard
library and boto3 only. https://github.com/aws/sagemaker-training-toolkit
"""

import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FRAMEWORK = "sagemaker_pytorch_container.training:main"
LAST_LINES = 20  # of the errors of a script that fails without a traceback
REFUSED = {  # launchers that are not in this image
    "sagemaker_mpi_enabled": "MPI",
    "sagemaker_distributed_dataparallel_enabled": "SMDDP",
    "sagemaker_pytorch_xla_multi_worker_enabled": "XLA",
}
TORCHRUN = ("sagemaker_torch_distributed_enabled", "sagemaker_pytorch_ddp_enabled")


class ClientError(Exception):
    """The script cannot run, or it failed; the text becomes the FailureReason of the job."""


class Settings:
    """The configuration files of a job below `base`, as SageMaker's container contract lays them out."""

    def __init__(self, base: Path) -> None:
        self.base = base
        config = base / "input" / "config"
        asked = {name: decoded(value) for name, value in json.loads((config / "hyperparameters.json").read_text()).items()}
        self.own = {name: value for name, value in asked.items() if name.startswith("sagemaker_") or name == "_tuning_objective_metric"}
        self.hyperparameters = {name: value for name, value in asked.items() if name not in self.own}
        self.resources: dict[str, Any] = json.loads((config / "resourceconfig.json").read_text())
        self.inputs: dict[str, Any] = json.loads((config / "inputdataconfig.json").read_text())
        self.host, self.hosts = self.resources["current_host"], self.resources["hosts"]

    @property
    def program(self) -> str:
        if "sagemaker_program" not in self.own:
            raise ClientError("The hyperparameter sagemaker_program is missing: it names the script that this image runs.")
        return str(self.own["sagemaker_program"])

    @property
    def source(self) -> str:
        return str(self.own.get("sagemaker_submit_directory", self.base / "code"))

    @property
    def launched(self) -> bool:
        """Whether torchrun starts the script, on all hosts."""
        return any(self.own.get(parameter) for parameter in TORCHRUN)

    @property
    def arguments(self) -> list[str]:
        pairs = ((f"--{name}" if len(name) > 1 else f"-{name}", argument(value)) for name, value in sorted(self.hyperparameters.items()))
        return [word for pair in pairs for word in pair]


def decoded(value: Any) -> Any:
    """A hyperparameter, which the SDK encodes as JSON."""
    try:
        return json.loads(value)
    except (ValueError, TypeError):
        return value


def argument(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{name}={item}" for name, item in sorted(value.items()))
    return "" if value is None else str(value)


def described(settings: Settings) -> dict[str, Any]:
    """The facts of a job that its script may know; each becomes a variable SM_<NAME>, and all together SM_TRAINING_ENV."""
    base, resources = settings.base, settings.resources
    groups = {group["instance_group_name"]: group for group in resources.get("instance_groups", [])}
    group = resources.get("current_group_name", "homogeneousCluster")
    return {
        "hosts": settings.hosts,
        "current_host": settings.host,
        "current_instance_type": resources.get("current_instance_type", "local"),
        "current_instance_group": group,
        "current_instance_group_hosts": groups.get(group, {}).get("hosts", settings.hosts),
        "instance_groups": list(groups),
        "instance_groups_dict": groups,
        "distribution_instance_groups": [group] if settings.launched else [],
        "is_hetero": len(groups) > 1,
        "network_interface_name": resources.get("network_interface_name", "eth0"),
        "resource_config": resources,
        "input_data_config": settings.inputs,
        "user_entry_point": settings.program,
        "module_name": settings.program.removesuffix(".py"),
        "module_dir": settings.source,
        "framework_module": FRAMEWORK,
        "log_level": settings.own.get("sagemaker_container_log_level", 20),
        "input_dir": str(base / "input"),
        "input_config_dir": str(base / "input" / "config"),
        "output_dir": str(base / "output"),
        "output_data_dir": str(base / "output" / "data"),
        "output_intermediate_dir": str(base / "output" / "intermediate"),
        "model_dir": str(base / "model"),
        "num_cpus": os.cpu_count(),
        "num_gpus": gpus(),
        "num_neurons": 0,
    }


def variables(settings: Settings) -> dict[str, str]:
    """The SM_* variables of the toolkit."""
    known = described(settings)
    parameters = {name: value for name, value in settings.own.items() if name not in TOOLKIT_PARAMETERS}
    folders = {name: str(settings.base / "input" / "data" / name) for name in settings.inputs}
    whole = known | {
        "hyperparameters": settings.hyperparameters,
        "additional_framework_parameters": parameters,
        "channel_input_dirs": folders,
        "job_name": os.environ.get("TRAINING_JOB_NAME"),
        "master_hostname": settings.hosts[0],
        "distribution_hosts": settings.hosts if settings.launched else [],
        "is_master": settings.host == settings.hosts[0],
    }
    named = known | {
        "hps": settings.hyperparameters,
        "framework_params": parameters,
        "channels": sorted(folders),
        "training_env": whole,
        "user_args": settings.arguments,
        **{f"channel_{name}": folder for name, folder in folders.items()},
        **{f"hp_{name}": value for name, value in settings.hyperparameters.items()},
    }
    return {f"SM_{name.upper()}": text(value) for name, value in named.items()}


TOOLKIT_PARAMETERS = {
    f"sagemaker_{name}"
    for name in ("program", "submit_directory", "enable_cloudwatch_metrics", "region", "container_log_level", "job_name", "s3_output")
} | {"_tuning_objective_metric"}


def text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def gpus() -> int:
    try:
        listed = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return sum(line.startswith("GPU ") for line in listed.splitlines())


def fetch_source(source: str, folder: Path) -> None:
    """Unpack the archive of the script, from S3 or from a channel, unless a folder was named."""
    folder.mkdir(exist_ok=True)
    path = Path(source)
    if source.startswith("s3://"):
        import boto3

        address, path = urlsplit(source), folder.with_name("sourcedir.tar.gz")
        boto3.client("s3").download_file(address.netloc, address.path.lstrip("/"), str(path))
    if path.is_file():
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")


def require_packages(requirements: Path) -> None:
    """Refuse a requirements.txt that names a package which is not in this image: nothing is installed here."""
    lines = requirements.read_text().splitlines() if requirements.is_file() else []
    names = [found[0] for line in lines if (found := re.match(r"\s*[A-Za-z0-9][\w.-]*", line))]
    missing = [name.strip() for name in names if not installed(name.strip())]
    if missing:
        raise ClientError(f"InstallRequirementsError: local_aws installs no packages, and its image holds no {', '.join(missing)}.")


def installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def command(settings: Settings, folder: Path) -> list[str]:
    """The command of the script: with Python, with a shell, or with torchrun where the SDK asks for it."""
    if refused := [name for parameter, name in REFUSED.items() if settings.own.get(parameter)]:
        raise ClientError(f"The image of local_aws has no launcher for {', '.join(refused)}; torch_distributed has one.")
    script = folder / settings.program
    if not script.is_file() or not script.resolve().is_relative_to(folder.resolve()):
        raise ClientError(f"The training entry point {settings.program!r} is not in {settings.source}.")
    if not settings.program.endswith(".py"):
        return ["/bin/sh", settings.program, *settings.arguments]
    if not settings.launched:
        return [sys.executable, settings.program, *settings.arguments]
    several = ["--master_addr", os.environ["MASTER_ADDR"], "--master_port", os.environ["MASTER_PORT"]]
    several += ["--node_rank", str(settings.hosts.index(settings.host))]
    nodes = ["torchrun", "--nnodes", str(len(settings.hosts)), "--nproc_per_node", str(gpus() or 1)]
    return [*nodes, *(several if len(settings.hosts) > 1 else []), settings.program, *settings.arguments]


def run(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
    """Run the script to its end; ClientError with the end of its error output when it fails."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # the script got it too, and this program ends after it
    print(f"Invoking script with the following command:\n\n{' '.join(words)}\n", flush=True)
    process = subprocess.Popen(words, env=dict(environment), cwd=folder, stderr=subprocess.PIPE, text=True, errors="replace")
    errors: list[str] = []
    reader = threading.Thread(target=pass_on, args=(process, errors), daemon=True)
    reader.start()
    status = process.wait()
    reader.join(timeout=5)  # a process that the script left behind may hold the other end
    if status:
        raise ClientError(f'ExecuteUserScriptError:\nExitCode {status}\nErrorMessage "{end_of(errors)}"\nCommand "{" ".join(words)}"')


def pass_on(process: subprocess.Popen[str], errors: list[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        sys.stderr.write(line)
        errors.append(line)
        del errors[:-1000]


def end_of(errors: Sequence[str]) -> str:
    starts = [number for number, line in enumerate(errors) if line.startswith("Traceback")]
    return "".join(errors[starts[-1] :] if starts else errors[-LAST_LINES:]).rstrip()


def main() -> int:
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    folder = base / "code"
    try:
        settings = Settings(base)
        fetch_source(settings.source, folder)
        require_packages(folder / "requirements.txt")
        own = {"SAGEMAKER_REGION": str(settings.own.get("sagemaker_region", "")), "CURRENT_HOST": settings.host}
        own["SAGEMAKER_JOB_NAME"] = str(settings.own.get("sagemaker_job_name", ""))
        run(command(settings, folder), {**os.environ, **variables(settings), **own, "PYTHONPATH": str(folder)}, folder)
    except ClientError as error:
        (base / "output" / "failure").write_text(str(error))
        print(f"Reporting training FAILURE\n{error}", file=sys.stderr, flush=True)
        return 1
    print("Reporting training SUCCESS", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
