"""Settings that contradict each other or could only fail are refused by pure functions, with what to do."""

import pytest

from pedigree.admission.groups import require_agreement
from pedigree.aws.errors import InvalidInput
from pedigree.settings import Autoscaling, Ec2, Mission, Serving, Training
from pedigree.values import Account

ACCOUNT = Account("block", "dogs", "us-east-1", "bucket", "arn", "arn", "arn", "arn")
THERE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1"
HERE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"
PRIVATE = {"AlgorithmSpecification": {"TrainingImageConfig": {"TrainingRepositoryAccessMode": "Vpc"}}}


@pytest.mark.parametrize(
    ("mission", "advice"),
    [
        (Mission(serving=Serving(initial_instance_count=4)), "lower it, or raise autoscaling.max_instances"),
        (Mission(training=Training(image=THERE)), "push the image to us-east-1 and set training.image"),
        (Mission(serving=Serving(image=THERE)), "push the image to us-east-1 and set serving.image"),
        (Mission(training=Training(image="docker.io/library/python:3")), "push it to ECR and set training.image"),
        (Mission(serving=Serving(image="ghcr.io/team/serving:3")), "push it to ECR and set serving.image"),
        (Mission(training=Training(instance_count=4, batch_size=4)), "raise training.batch_size to 8"),
        (Mission(training=Training(architecture="small_cnn")), "set training.pretrained to false"),
    ],
)
def test_groups_that_do_not_go_together_are_refused(mission: Mission, advice: str) -> None:
    with pytest.raises(InvalidInput, match=f"What to do: .*{advice}"):
        require_agreement(ACCOUNT, mission, {})


@pytest.mark.parametrize(
    "mission",
    [
        Mission(),
        Mission(ec2=Ec2(enabled=True), training=Training(image=HERE, instance_count=2, compare=True)),
        Mission(serving=Serving(initial_instance_count=4, image="local/pytorch-inference:1"), autoscaling=Autoscaling(max_instances=4)),
        Mission(training=Training(image="registry.example.org/mine:1", extra=PRIVATE)),
    ],
)
def test_groups_that_go_together_are_taken(mission: Mission) -> None:
    require_agreement(ACCOUNT, mission, {})
