"""Images: which URI is which, and what a python inside one can import."""

import subprocess
from pathlib import Path

import pytest

from local_aws.images import Image, find_image, image_environment
from tests.lab.running_aws import RunningAws

REGISTRY = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
SMALL = Image("small", "*/small:*", ("boto3", "charset-normalizer"))


def python(environment: dict[str, str], code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["python", "-c", code], env=environment, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return image_environment(SMALL, tmp_path_factory.mktemp("images"))


@pytest.mark.parametrize("uri", [f"{REGISTRY}/pytorch-training:2.10-cpu-py313", f"{REGISTRY}/pytorch-training-amzn2023:2.14-cpu"])
def test_a_training_image_is_known_by_its_uri(uri: str) -> None:
    image = find_image(uri)
    assert image is not None
    assert image.serve == ()


def test_serving_images_have_a_serve_command() -> None:
    for name in ("pytorch-inference:2.6.0-cpu-py312", "pedigree-serving:1"):
        image = find_image(f"{REGISTRY}/{name}")
        assert image is not None
        assert image.serve


def test_an_unknown_image_is_none() -> None:
    assert find_image(f"{REGISTRY}/somebody-elses:1") is None


def test_ecr_has_a_manifest_of_the_images_that_can_be_started(aws: RunningAws) -> None:
    ecr, asked = aws.client("ecr"), {"registryId": REGISTRY.partition(".")[0], "imageIds": [{"imageTag": "2.10-cpu-py313"}]}
    (found,) = ecr.batch_get_image(repositoryName="pytorch-training", **asked)["images"]
    assert found["imageId"] == {"imageTag": "2.10-cpu-py313"}
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException, match="'somebody-elses' does not exist"):
        ecr.batch_get_image(repositoryName="somebody-elses", **asked)


def test_an_image_holds_its_packages_and_what_they_require(environment: dict[str, str], tmp_path: Path) -> None:
    answer = python(environment, "import boto3, botocore, dateutil; print(boto3.__file__)", tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "/small/lib/python" in answer.stdout


@pytest.mark.parametrize("package", ["flows", "tasks", "model", "local_aws", "prefect", "torch", "pytest"])
def test_an_image_holds_neither_this_repository_nor_other_packages(package: str, environment: dict[str, str], tmp_path: Path) -> None:
    answer = python(environment, f"import {package}", tmp_path)
    assert "ModuleNotFoundError" in answer.stderr


def test_what_a_python_inside_starts_by_its_own_name_sees_no_more(environment: dict[str, str], tmp_path: Path) -> None:
    code = "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'import pytest'], capture_output=True, text=True).stderr)"
    assert "ModuleNotFoundError" in python(environment, code, tmp_path).stdout


def test_the_console_scripts_of_its_packages_are_there(environment: dict[str, str], tmp_path: Path) -> None:
    answer = subprocess.run(["normalizer", "--help"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "usage" in answer.stdout


def test_its_pip_installs_nothing_and_says_so(environment: dict[str, str], tmp_path: Path) -> None:
    answer = subprocess.run(["pip", "install", "six"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (answer.returncode, "install no packages" in answer.stderr) == (1, True)


def test_code_comes_from_the_working_directory(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("ANSWER = 'mine'")
    assert python(environment, "import model; print(model.ANSWER)", tmp_path).stdout == "mine\n"
