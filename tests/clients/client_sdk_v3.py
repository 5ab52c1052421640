"""The SageMaker Python SDK, version 3: its ModelTrainer, on one instance and with torchrun on two."""

from collections.abc import Iterator

import pytest

from local_aws.mounts import obstacle
from tests.clients.course import SCRIPTS, write_course
from tests.clients.environments import environment
from tests.clients.notebook import Notebook, notebook
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_training import IMAGE, Jobs

pytestmark = pytest.mark.skipif(bool(obstacle()), reason=f"ModelTrainer needs /opt/ml of its own: {obstacle()}")


@pytest.fixture(scope="module")
def course(aws: RunningAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("course")
    write_course(aws, folder)
    python = environment("sagemaker-v3", "sagemaker>=3.27,<4")
    own = {"AWS_CONFIG_FILE": f"{folder}/aws/config", "AWS_SHARED_CREDENTIALS_FILE": f"{folder}/aws/credentials", "AWS_PROFILE": "student"}
    with notebook(python, {"PATH": "/usr/bin:/bin", "HOME": str(folder), **own}, folder) as opened:
        opened.run(
            f"""
            import boto3
            from sagemaker.core.helper import session_helper
            session_helper.sts_regional_endpoint = lambda region: boto3.client("sts").meta.endpoint_url
            from sagemaker.train import ModelTrainer
            from sagemaker.train.configs import Compute, InputData, SourceCode
            from sagemaker.train.distributed import Torchrun
            session = session_helper.Session()
            data = session.upload_data("dogImages", key_prefix="dogImages")
            scripts, image = {str(SCRIPTS)!r}, {IMAGE!r}

            def train(script, count=1, **options):
                trainer = ModelTrainer(
                    training_image=image, source_code=SourceCode(source_dir=scripts, entry_script=script), sagemaker_session=session,
                    role=session_helper.get_execution_role(session), base_job_name=f"course-{{count}}",
                    compute=Compute(instance_type="ml.m5.large", instance_count=count), **options)
                trainer.train(input_data_config=[InputData(channel_name="training", data_source=data)], logs=False)
                return trainer._latest_training_job
            """
        )
        yield opened


def test_a_script_trains_on_one_instance(course: Notebook, aws: RunningAws) -> None:
    name = course.run("_ = train('hpo.py', hyperparameters={'lr': 0.05}).training_job_name").value
    jobs = Jobs(aws, "", "")
    assert jobs.describe(name)["TrainingJobStatus"] == "Completed"
    assert any(line.startswith("Testing Loss: 0.") for line in jobs.log(name))
    assert any("hpo.py --lr 0.05" in line for line in jobs.log(name))


def test_torchrun_starts_a_process_group_on_two_instances(course: Notebook, aws: RunningAws) -> None:
    name = course.run("_ = train('hpo.py', 2, distributed=Torchrun(process_count_per_node=1)).training_job_name").value
    jobs = Jobs(aws, "", "")
    logs = [jobs.log(name, host) for host in ("algo-1", "algo-2")]
    assert [any(f"rank {rank} of 2" in line for line in log) for rank, log in enumerate(logs)] == [True, True]
    assert any("--master_addr=algo-1" in line for line in logs[1])


def test_a_script_that_fails_says_why(course: Notebook) -> None:
    error = course.error("train('hpo.py', hyperparameters={'no-such': 1})")
    assert "'hpo.py', '--no-such', '1']' returned non-zero exit status 2" in error
