"""Script mode: what the image does with the script and the hyperparameters that the SageMaker SDK sends."""

import json
from pathlib import Path
from typing import Any

import pytest

from local_aws import mounts
from local_aws.call import AwsError
from local_aws.script_mode import ClientError, Settings, command, require_packages, variables
from local_aws.training import request as requests
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import refusal_of
from tests.lab.sagemaker_training import IMAGE, Jobs, make_jobs

SCRIPT = """
import json, os, socket, sys
print("arguments", *sys.argv[1:], flush=True)
for line in open("/etc/hosts"):
    pass
print(os.environ["SM_CURRENT_HOST"], "of", os.environ["SM_HOSTS"], os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"], flush=True)
open(os.path.join(os.environ["SM_MODEL_DIR"], os.environ["SM_CURRENT_HOST"]), "w").write(os.environ["SM_HP_LR"])
if os.environ["SM_HP_LR"] == "0":
    raise ValueError("a learning rate of nothing")
"""


@pytest.fixture(scope="module")
def jobs(aws: RunningAws) -> Jobs:
    return make_jobs(aws)


def request(jobs: Jobs, files: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A CreateTrainingJob request as the SDK makes it: no entrypoint, the script in an archive, hyperparameters in JSON."""
    parameters = jobs.script_mode(**files) | changes.pop("HyperParameters", {"lr": "0.5"})
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    return jobs.request("", AlgorithmSpecification=algorithm, HyperParameters=parameters, **changes)


def run(jobs: Jobs, asked: dict[str, Any]) -> dict[str, Any]:
    jobs.client.create_training_job(**asked)
    return jobs.wait(asked["TrainingJobName"])


def test_the_hosts_of_a_job_run_the_script_and_know_each_other(jobs: Jobs) -> None:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
    job = run(jobs, request(jobs, {"train_py": SCRIPT}, ResourceConfig=resources))
    assert job["TrainingJobStatus"] == "Completed"
    assert jobs.artifact(job["TrainingJobName"]) == {"algo-1": "0.5", "algo-2": "0.5"}
    logs = [jobs.log(job["TrainingJobName"], host) for host in ("algo-1", "algo-2")]
    assert all("arguments --lr 0.5" in log for log in logs)
    met = [line.split()[-2:] for log in logs for line in log if " of " in line]
    assert met[0] == met[1]
    assert met[0][0] == "127.0.0.1"


def test_a_script_that_raises_fails_the_job_with_its_traceback(jobs: Jobs) -> None:
    job = run(jobs, request(jobs, {"train_py": SCRIPT}, HyperParameters={"lr": "0"}))
    assert job["FailureReason"].startswith('AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "Traceback')
    assert "ValueError: a learning rate of nothing" in job["FailureReason"]
    assert job["FailureReason"].endswith(", exit code: 1")


def test_a_package_that_is_not_there_is_named(jobs: Jobs) -> None:
    job = run(jobs, request(jobs, {"train_py": SCRIPT, "requirements_txt": "numpy>=1\n# fine\nsmdebug==1.0\n"}))
    assert "its image holds no smdebug" in job["FailureReason"]


@pytest.mark.skipif(bool(mounts.obstacle()), reason=mounts.obstacle())
def test_a_container_has_its_own_opt_ml_and_the_names_of_its_hosts(jobs: Jobs) -> None:
    script = "import socket; open('/opt/ml/model/address', 'w').write(socket.gethostbyname('algo-1'))"
    assert jobs.artifact(jobs.run(script)["TrainingJobName"]) == {"address": "127.0.0.1"}
    assert not Path("/opt/ml/model/address").exists()


def test_rules_and_keys_are_described_as_the_sdk_reads_them(jobs: Jobs) -> None:
    rules = [{"RuleConfigurationName": "Overfit", "RuleEvaluatorImage": "rules:latest"}]
    job = jobs.run("", DebugRuleConfigurations=rules)
    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    (status,) = job["DebugRuleEvaluationStatuses"]
    assert (status["RuleConfigurationName"], status["RuleEvaluationStatus"]) == ("Overfit", "Error")


def test_arguments_need_an_entrypoint(jobs: Jobs) -> None:
    asked = jobs.request("", AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File", "ContainerArguments": ["train"]})
    assert "no default entrypoint" in refusal_of(lambda: jobs.client.create_training_job(**asked))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of a container of two hosts."""
    config = tmp_path / "input" / "config"
    config.mkdir(parents=True)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "hpo.py").touch()
    resources = {"current_host": "algo-2", "hosts": ["algo-1", "algo-2"], "network_interface_name": "lo"}
    (config / "resourceconfig.json").write_text(json.dumps(resources))
    (config / "inputdataconfig.json").write_text('{"train": {"TrainingInputMode": "File"}}')
    return tmp_path


def settings(base: Path, **parameters: str) -> Settings:
    (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps({"sagemaker_program": '"hpo.py"', **parameters}))
    return Settings(base)


def test_hyperparameters_become_arguments_and_variables(base: Path) -> None:
    found = settings(base, **{"batch-size": '"64"', "b": "true", "grid": '{"a": 1}', "_tuning_objective_metric": "loss", "raw": "abc"})
    assert found.arguments == ["-b", "True", "--batch-size", "64", "--grid", "a=1", "--raw", "abc"]
    known = variables(found)
    assert json.loads(known["SM_HPS"]) == {"b": True, "batch-size": "64", "grid": {"a": 1}, "raw": "abc"}
    assert (known["SM_HP_BATCH-SIZE"], known["SM_CHANNEL_TRAIN"]) == ("64", str(base / "input" / "data" / "train"))
    assert json.loads(known["SM_TRAINING_ENV"])["is_master"] is False


def test_torchrun_starts_the_script_where_the_sdk_asks_for_it(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("MASTER_PORT", "20001")
    words = command(settings(base, sagemaker_torch_distributed_enabled="true", lr="1"), base / "code")
    assert words[:3] == ["torchrun", "--nnodes", "2"]
    assert words[5:] == ["--master_addr", "127.0.0.1", "--master_port", "20001", "--node_rank", "1", "hpo.py", "--lr", "1"]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"sagemaker_mpi_enabled": "true"}, "no launcher for MPI"),
        ({"sagemaker_program": '"absent.py"'}, "'absent.py' is not in"),
        ({"sagemaker_program": '"../hpo.py"'}, "'../hpo.py' is not in"),
    ],
)
def test_what_cannot_run_is_refused(base: Path, parameters: dict[str, str], reason: str) -> None:
    (base / "hpo.py").touch()
    with pytest.raises(ClientError, match=reason):
        command(settings(base, **parameters), base / "code")


def test_requirements_that_the_image_holds_are_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("numpy\n\n# a comment\n--no-cache\n")
    require_packages(tmp_path / "requirements.txt")


def test_a_machine_without_namespaces_refuses_what_names_opt_ml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "obstacle", lambda: "darwin has no namespaces of Linux")
    algorithm = {"TrainingImage": IMAGE, "ContainerEntrypoint": ["bash"], "ContainerArguments": ["-c", "sh /opt/ml/input/run.sh"]}
    with pytest.raises(AwsError, match=r"The entrypoint names /opt/ml, which local_aws cannot .*: darwin has no namespaces"):
        requests.validate_image(algorithm, "role")
