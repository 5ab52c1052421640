"""The AWS command line, version 1, against the embedded AWS: the commands of our docs, and those that people type first."""

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.clients.environments import caller_environment, environment
from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import make_hosted
from tests.lab.sagemaker_training import ENDED, Jobs, make_jobs


class CommandLine:
    """Runs `aws` as the administrator, in a home of its own."""

    def __init__(self, aws: RunningAws, home: Path) -> None:
        self._program = environment("aws-cli", "awscli<2").with_name("aws")
        self._environment, self._home = caller_environment(aws.url, aws.admin, home), home

    def run(self, command: str, *more: str) -> subprocess.CompletedProcess[str]:
        words = [str(self._program), *command.split(), *more]
        return subprocess.run(words, env=self._environment, cwd=self._home, capture_output=True, text=True, check=False)

    def text(self, command: str, *more: str) -> str:
        """What a command prints that must succeed."""
        ended = self.run(command, *more)
        assert ended.returncode == 0, f"aws {command}: {ended.stderr}"
        return ended.stdout

    def answer(self, command: str, *more: str) -> Any:
        return json.loads(self.text(command, *more))


@pytest.fixture(scope="module")
def cli(aws: RunningAws, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    return CommandLine(aws, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def jobs(aws: RunningAws) -> Jobs:
    return make_jobs(aws)


def test_it_knows_who_calls(cli: CommandLine) -> None:
    assert cli.answer("sts get-caller-identity")["Arn"] == "arn:aws:iam::123456789012:user/admin"


def test_folders_are_synchronised_both_ways(cli: CommandLine, aws: RunningAws, tmp_path: Path) -> None:
    pictures, copy, bucket = tmp_path / "pictures", tmp_path / "copy", aws.make_bucket()
    (pictures / "cats").mkdir(parents=True)
    (pictures / "cats" / "1.jpg").write_bytes(b"a cat")
    (pictures / "large.bin").write_bytes(bytes(9 << 20))  # in parts
    cli.text("s3 sync", str(pictures), f"s3://{bucket}/pictures")
    cli.text("s3 sync", f"s3://{bucket}/pictures", str(copy))
    assert {file.name: file.stat().st_size for file in copy.rglob("*.*")} == {"1.jpg": 5, "large.bin": 9 << 20}
    (pictures / "cats" / "1.jpg").unlink()
    assert "delete" in cli.text("s3 sync --delete", str(pictures), f"s3://{bucket}/pictures")
    assert cli.text("s3 ls --recursive", f"s3://{bucket}/").split()[-1] == "pictures/large.bin"


def test_a_presigned_address_needs_no_keys(cli: CommandLine, aws: RunningAws, tmp_path: Path) -> None:
    bucket, file = aws.make_bucket(), tmp_path / "cat.jpg"
    file.write_bytes(b"a cat")
    cli.text("s3 cp", str(file), f"s3://{bucket}/cat.jpg")
    with urlopen(cli.text("s3 presign --expires-in 60", f"s3://{bucket}/cat.jpg").strip(), timeout=10) as answer:
        assert answer.read() == b"a cat"


def test_a_training_job_is_made_awaited_and_read(cli: CommandLine, jobs: Jobs) -> None:
    request = jobs.request("print('epoch=1', flush=True)\nopen('../../../model/weights', 'w').write('1')")
    name = request["TrainingJobName"]
    cli.text("sagemaker create-training-job --cli-input-json", json.dumps(request))
    status = "sagemaker describe-training-job --query TrainingJobStatus --output text --training-job-name"
    wait_until(lambda: cli.text(status, name).strip() in ENDED, pause=0.5)  # the command below looks every minute only
    cli.text("sagemaker wait training-job-completed-or-stopped --training-job-name", name)
    stream = cli.answer("logs describe-log-streams --log-group-name /aws/sagemaker/TrainingJobs --log-stream-name-prefix", name)
    assert stream["logStreams"][0]["logStreamName"].startswith(f"{name}/algo-1-")
    events = cli.answer("logs filter-log-events --log-group-name /aws/sagemaker/TrainingJobs --log-stream-name-prefix", name)
    assert [event["message"] for event in events["events"]] == ["epoch=1"]
    model = cli.answer("sagemaker describe-training-job --training-job-name", name)["ModelArtifacts"]["S3ModelArtifacts"]
    assert cli.text("s3 ls", model).split()[-1] == "model.tar.gz"


def test_the_wait_for_a_failed_job_fails(cli: CommandLine, jobs: Jobs) -> None:
    name = jobs.run("raise SystemExit(3)")["TrainingJobName"]
    ended = cli.run("sagemaker wait training-job-completed-or-stopped --training-job-name", name)
    assert (ended.returncode, "terminal failure state" in ended.stderr) == (255, True)


def test_an_endpoint_is_made_awaited_asked_and_deleted(cli: CommandLine, aws: RunningAws, tmp_path: Path) -> None:
    hosted, answer = make_hosted(aws), tmp_path / "answer"
    endpoint = hosted.endpoint(hosted.config_of())
    cli.text("sagemaker wait endpoint-in-service --endpoint-name", endpoint)
    body = ["--content-type", "application/json", "--body", '"hello"']
    cli.text("sagemaker-runtime invoke-endpoint --endpoint-name", endpoint, *body, str(answer))
    assert json.loads(answer.read_text())["sent"] == "hello"
    cli.text("sagemaker delete-endpoint --endpoint-name", endpoint)
    wait_until(lambda: cli.run("sagemaker describe-endpoint --endpoint-name", endpoint).returncode, pause=0.5)
    cli.text("sagemaker wait endpoint-deleted --endpoint-name", endpoint)


def test_errors_are_those_of_aws(cli: CommandLine) -> None:
    ended = cli.run("sagemaker describe-training-job --training-job-name nobody")
    assert "(ValidationException) when calling the DescribeTrainingJob operation: Requested resource not found." in ended.stderr
    ended = cli.run("s3 ls s3://no-bucket-of-this-name")
    assert "(NoSuchBucket)" in ended.stderr


@pytest.mark.parametrize(
    "command",
    [
        "resourcegroupstaggingapi get-resources --tag-filters Key=pedigree:project,Values=pedigree",
        "ecr create-repository --repository-name pedigree-flows",
        "cloudwatch delete-alarms --alarm-names no-such-alarm",
        "sagemaker list-endpoints",
    ],
)
def test_commands_of_the_docs_work(cli: CommandLine, command: str) -> None:
    cli.text(command)


def test_the_stack_is_made_subscribed_to_and_deleted(cli: CommandLine, tmp_path: Path) -> None:
    template = tmp_path / "stack.yaml"
    template.write_text("Resources:\n  Topic:\n    Type: AWS::SNS::Topic\nOutputs:\n  TopicArn:\n    Value: !Ref Topic\n")
    cli.text("cloudformation deploy --stack-name by-hand --template-file", str(template))
    topic = cli.text("cloudformation describe-stacks --stack-name by-hand --query Stacks[0].Outputs[0].OutputValue --output text").strip()
    cli.text("sns subscribe --protocol email --notification-endpoint you@example.org --topic-arn", topic)
    cli.text("cloudformation delete-stack --stack-name by-hand")
    cli.text("cloudformation wait stack-delete-complete --stack-name by-hand")


def test_the_bucket_of_a_deleted_stack_is_protected_by_hand(cli: CommandLine, aws: RunningAws) -> None:
    everything = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
    cli.text(f"s3api put-public-access-block --public-access-block-configuration {everything} --bucket", aws.make_bucket())
