"""The SageMaker Python SDK, version 2, as the students of a course use it in their notebook, after the cell of docs/students.md."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.clients.course import SCRIPTS, write_course
from tests.clients.environments import ROOT, environment
from tests.clients.notebook import Cell, Notebook, notebook
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_training import Jobs

FOLDER = "/home/me/pedigree/.pedigree"  # the one of the docs


@pytest.fixture(scope="module")
def course(aws: RunningAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """The notebook of a student whose stack this is, with their scripts and a few pictures beside it."""
    folder = tmp_path_factory.mktemp("course")
    write_course(aws, folder)
    python = environment("sagemaker-v2", "sagemaker==2.257.*")
    with notebook(python, {"PATH": "/usr/bin:/bin", "HOME": str(folder), "SAGEMAKER_SUPPRESS_V2_WARNING": "1"}, folder) as opened:
        opened.run(setup().replace(FOLDER, str(folder)))
        opened.run(
            f"""
            import sagemaker
            from sagemaker.pytorch import PyTorch, PyTorchModel
            session, role, scripts = sagemaker.Session(), sagemaker.get_execution_role(), {str(SCRIPTS)!r}
            data = session.upload_data("dogImages", key_prefix="dogImages")
            image = dict(framework_version="2.6.0", py_version="py312", instance_type="ml.m5.large", role=role)
            """
        )
        yield opened


def setup() -> str:
    """The cell of the docs."""
    found = re.search(r"```python\n(.+?)```", (ROOT / "docs" / "students.md").read_text(), re.DOTALL)
    assert found
    return found[1]


def test_the_setup_is_five_lines_and_the_role_that_of_the_notebook(course: Notebook) -> None:
    assert len([line for line in setup().splitlines() if line]) == 5
    assert course.run("_ = [role, session.default_bucket()]").value == [
        "arn:aws:iam::123456789012:role/student",
        "sagemaker-us-east-1-123456789012",
    ]


@pytest.fixture(scope="module")
def trained(course: Notebook) -> Cell:
    """What `fit` prints, and the description of its job."""
    return course.run(
        """
        from sagemaker.debugger import DebuggerHookConfig, ProfilerRule, Rule, rule_configs
        rules = [Rule.sagemaker(rule_configs.loss_not_decreasing()), ProfilerRule.sagemaker(rule_configs.ProfilerReport())]
        estimator = PyTorch(entry_point="hpo.py", source_dir=scripts, instance_count=1, hyperparameters={"lr": 0.05, "batch-size": 2},
                            rules=rules, debugger_hook_config=DebuggerHookConfig(hook_parameters={"train.save_interval": "1"}), **image)
        estimator.fit({"training": data})
        _ = estimator.latest_training_job.describe()
        _ = __import__("json").loads(__import__("json").dumps(_, default=str))
        """
    )


def test_a_script_trains_and_its_log_is_printed(trained: Cell, course: Notebook) -> None:
    assert re.search(r"Testing Loss: 0\.\d+", trained.printed)
    assert "Training job completed" in trained.printed
    assert trained.value["TrainingJobStatus"] == "Completed"
    files = course.run(
        """
        import tarfile
        from sagemaker.s3 import S3Downloader
        S3Downloader.download(estimator.model_data, "downloaded")
        S3Downloader.download(estimator.model_data.replace("model.tar.gz", "output.tar.gz"), "downloaded")
        with tarfile.open("downloaded/model.tar.gz") as model, tarfile.open("downloaded/output.tar.gz") as output:
            _ = [model.getnames(), output.extractfile("algo-1.json").read().decode()]
        """
    ).value
    assert files == [["model.pth"], json.dumps({"lr": 0.05, "batch": 2})]


def test_rules_are_kept_and_say_that_nobody_evaluates_them(trained: Cell) -> None:
    (status,) = trained.value["DebugRuleEvaluationStatuses"]
    assert (status["RuleConfigurationName"], status["RuleEvaluationStatus"]) == ("LossNotDecreasing", "Error")
    assert "evaluates none" in status["StatusDetails"]


def test_a_job_is_attached_to(trained: Cell, course: Notebook) -> None:
    cell = f"""
    attached = PyTorch.attach({trained.value["TrainingJobName"]!r})
    _ = [attached.model_data == estimator.model_data, attached.hyperparameters()["lr"], attached.entry_point]
    """
    assert course.run(cell).value == [True, "0.05", "hpo.py"]


def test_a_script_that_fails_says_why(course: Notebook) -> None:
    cell = """
    broken = PyTorch(entry_point="hpo.py", source_dir=scripts, instance_count=1, hyperparameters={"lr": "much"}, **image)
    broken.fit({"training": data}, logs="None")
    """
    error = course.error(cell)
    assert "AlgorithmError: ExecuteUserScriptError:" in error
    assert "argument --lr: invalid float value: 'much'" in error


def test_two_instances_train_one_model(course: Notebook, aws: RunningAws) -> None:
    name = course.run(
        """
        both = PyTorch(entry_point="hpo.py", source_dir=scripts, instance_count=2, **image)
        both.fit({"training": data}, logs="None")
        _ = both.latest_training_job.name
        """
    ).value
    jobs = Jobs(aws, "", "")
    assert "rank 0 of 2" in jobs.log(name, "algo-1")
    assert "rank 1 of 2" in jobs.log(name, "algo-2")


@pytest.fixture(scope="module")
def served(trained: Cell, course: Notebook) -> str:
    """The name of an endpoint that serves the trained model."""
    return str(
        course.run(
            """
            from sagemaker.predictor import Predictor
            from sagemaker.serializers import IdentitySerializer
            from sagemaker.deserializers import JSONDeserializer
            class ImagePredictor(Predictor):
                def __init__(self, endpoint_name, sagemaker_session):
                    super().__init__(endpoint_name, sagemaker_session=sagemaker_session, serializer=IdentitySerializer("image/jpeg"),
                                     deserializer=JSONDeserializer())
            server = {name: image[name] for name in ("framework_version", "py_version", "role")}
            model = PyTorchModel(model_data=estimator.model_data, entry_point="infernce2.py", source_dir=scripts,
                                 predictor_cls=ImagePredictor, **server)
            predictor = model.deploy(initial_instance_count=1, instance_type="ml.m5.large")
            _ = predictor.endpoint_name
            """
        ).value
    )


def test_an_endpoint_answers_a_picture(served: str, course: Notebook) -> None:
    cell = "_ = predictor.predict(open('dogImages/001.Red/0.jpg', 'rb').read())"
    (logits,) = course.run(cell).value
    assert logits[0] > logits[1]


def test_a_request_that_the_script_refuses_is_an_error_of_the_model(served: str, course: Notebook) -> None:
    cell = "predictor.predict('{}', initial_args={'ContentType': 'application/json'})"
    assert "Requested unsupported ContentType: application/json" in course.error(cell)


def test_an_endpoint_is_updated_and_deleted(served: str, course: Notebook, aws: RunningAws) -> None:
    course.run("predictor.update_endpoint(initial_instance_count=2, instance_type='ml.m5.large')")
    variant = aws.client("sagemaker").describe_endpoint(EndpointName=served)["ProductionVariants"][0]
    assert variant["CurrentInstanceCount"] == 2
    assert len(course.run("_ = predictor.predict(open('dogImages/002.Blue/0.jpg', 'rb').read())").value[0]) == 2
    course.run("predictor.delete_endpoint()")
    assert "not found" in course.error("predictor.predict(b'an image')")


TUNER = """
from sagemaker.tuner import CategoricalParameter, ContinuousParameter, HyperparameterTuner
tuned = PyTorch(entry_point="hpo.py", source_dir=scripts, instance_count=1, **image)
ranges = {"lr": ContinuousParameter(0.001, 0.1), "batch-size": CategoricalParameter([2, 4])}
metrics = [{"Name": "Test Loss", "Regex": "Testing Loss: ([0-9\\\\.]+)"}]
tuner = HyperparameterTuner(tuned, "Test Loss", ranges, metrics, max_jobs=2, max_parallel_jobs=2, objective_type="Minimize")
"""


def test_a_tuner_finds_the_best_of_its_jobs(course: Notebook, aws: RunningAws) -> None:
    found = course.run(
        TUNER
        + """
tuner.fit({"training": data})
best = tuner.best_estimator()
_ = [tuner.latest_tuning_job.name, tuner.best_training_job(), best.model_data, best.hyperparameters()["lr"]]
"""
    ).value
    name, best, model, lr = found
    client = aws.client("sagemaker")
    listed = client.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)["TrainingJobSummaries"]
    rates = [each["TunedHyperParameters"]["lr"] for each in listed]
    assert len(set(rates)) == 2
    losses = {each["TrainingJobName"]: each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for each in listed}
    assert losses[best] == min(losses.values())
    assert (best in model, lr.strip('"') in rates) == (True, True)
    assert all(any("Testing Loss" in line for line in Jobs(aws, "", "").log(job)) for job in losses)


def test_a_tuner_is_stopped(course: Notebook) -> None:
    cell = """
tuner.max_jobs, tuner.base_tuning_job_name = 6, "stopped"  # the SDK's own names are those of a minute
tuner.fit({"training": data}, wait=False)
tuner.stop_tuning_job()
try:
    tuner.wait()
except Exception as error:
    print(error)
_ = tuner.describe()["HyperParameterTuningJobStatus"]
"""
    assert course.run(TUNER + cell).value == "Stopped"
