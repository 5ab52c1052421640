"""Script mode compared with SageMaker's own training toolkit: the same folder of a container, the same variables and arguments."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local_aws.script_mode import FRAMEWORK, Settings, variables
from tests.clients.environments import environment

ASKED = {
    "sagemaker_program": '"hpo.py"',
    "sagemaker_submit_directory": '"s3://bucket/source/sourcedir.tar.gz"',
    "sagemaker_region": '"us-east-1"',
    "sagemaker_job_name": '"job-1"',
    "sagemaker_container_log_level": "20",
    "sagemaker_torch_distributed_enabled": "true",
    "_tuning_objective_metric": "loss",
    "lr": "0.1",
    "batch-size": '"64"',
    "b": "true",
    "grid": '{"a": 1, "b": [2]}',
    "nothing": "null",
    "raw": "a word",
}
PRINT = """
import json
from sagemaker_training import environment
found = environment.Environment()
print(json.dumps(found.to_env_vars()))
"""
# facts of launchers that are not in our image, and an empty list of a machine that we do not have
NOT_SAID = {"is_modelparallel_enabled", "is_smddprun_installed", "is_smddpmprun_installed", "topology"}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    config = tmp_path / "input" / "config"
    config.mkdir(parents=True)
    group = {"instance_group_name": "homogeneousCluster", "instance_type": "ml.m5.large", "hosts": ["algo-1", "algo-2"]}
    resources: dict[str, Any] = {"current_host": "algo-2", "hosts": ["algo-1", "algo-2"], "network_interface_name": "lo"}
    resources |= {"current_instance_type": "ml.m5.large", "current_group_name": "homogeneousCluster", "instance_groups": [group]}
    channels = {name: {"TrainingInputMode": "File", "RecordWrapperType": "None"} for name in ("train", "test")}
    for name, content in (("hyperparameters", ASKED), ("resourceconfig", resources), ("inputdataconfig", channels)):
        (config / f"{name}.json").write_text(json.dumps(content))
    return tmp_path


def test_the_variables_are_those_of_the_toolkit(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINING_JOB_NAME", "job-1")
    python = environment("sagemaker-training", "sagemaker-training==5.1.4")
    own = {"SAGEMAKER_BASE_DIR": str(base), "SAGEMAKER_TRAINING_MODULE": FRAMEWORK}
    said = subprocess.run([python, "-c", PRINT], env=os.environ | own, capture_output=True, text=True, check=True).stdout
    theirs, ours = json.loads(said.splitlines()[-1]), variables(Settings(base))
    their_whole, our_whole = (json.loads(each.pop("SM_TRAINING_ENV")) for each in (theirs, ours))
    assert ours == theirs
    assert our_whole == {name: value for name, value in their_whole.items() if name not in NOT_SAID}
