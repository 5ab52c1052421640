"""What AWS or an owner would refuse late, `plan` refuses before anything is created."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from pedigree.aws.errors import InvalidInput, PedigreeError, QuotaTooLow, SpecDiffers
from pedigree.aws.naming import tag_list
from pedigree.endpoint.deploy import deploy_endpoint
from pedigree.settings import Autoscaling, Function, Mission, Schedule, Serving, Training
from tasks.cost import plan_costs
from tests.lab.inspected import inspected
from tests.lab.live_account import LiveAccount
from tests.lab.small_models import SERVING, registered

MISSION = Mission(training=Training(image="local/pytorch-training:1"), serving=SERVING)
SCALED = Function(max_provisioned_concurrency=4)
NIGHT = Schedule(name="night", when="cron(0 22 * * ? *)", min_instances=1, max_instances=30)
Refused = Callable[..., str]


@pytest.fixture
def refused(live: LiveAccount) -> Refused:
    """Plans with these groups and gives the error; nothing may have been created or changed."""

    def plan(error: type[PedigreeError], **groups: Any) -> str:
        before = live.writes()
        with pytest.raises(error) as raised:
            plan_costs.fn(live.account, Mission(**{**vars(MISSION), **groups}), inspected())
        assert live.writes() == before
        return str(raised.value)

    return plan


@pytest.fixture
def scale(live: LiveAccount) -> Callable[..., None]:
    """Puts a target-tracking policy by hand on a resource that exists."""
    scaling = live.client("application-autoscaling")

    def put(namespace: str, resource: str, dimension: str, metric: str) -> None:
        named = {"ServiceNamespace": namespace, "ResourceId": resource, "ScalableDimension": dimension}
        scaling.register_scalable_target(**named, MinCapacity=1, MaxCapacity=2)
        tracking = {"TargetValue": 0.5, "PredefinedMetricSpecification": {"PredefinedMetricType": metric}}
        scaling.put_scaling_policy(
            PolicyName="by-hand", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking, **named
        )

    return put


def make_endpoint(live: LiveAccount, name: str, config: str) -> None:
    """An endpoint of somebody's; it need not come to serve."""
    sagemaker = live.client("sagemaker")
    container = {"Image": "local/pytorch-inference:1", "ModelDataUrl": live.put("models/theirs/model.tar.gz", b"")}
    sagemaker.create_model(ModelName=config, ExecutionRoleArn=live.account.serving_role, PrimaryContainer=container)
    variant = {"VariantName": "AllTraffic", "ModelName": config, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)


def make_function(live: LiveAccount, role: str) -> Any:
    """A function of the project's name, made by hand."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("theirs.py", "def handler(event, context): return 1")
    aws_lambda, name = live.client("lambda"), live.account.project
    code = {"ZipFile": archive.getvalue()}
    aws_lambda.create_function(FunctionName=name, Runtime="python3.12", Role=role, Handler="theirs.handler", Code=code)
    aws_lambda.get_waiter("function_active_v2").wait(FunctionName=name)
    return aws_lambda


def test_nothing_in_the_way_is_planned(live: LiveAccount) -> None:
    assert plan_costs.fn(live.account, MISSION, inspected()).outcome == "passed"
    assert live.writes() == []


@pytest.mark.parametrize(("ending", "config"), [("", "theirs-{}"), ("--rehearsal", "them-{}")])
def test_an_endpoint_of_somebody_else(live: LiveAccount, refused: Refused, ending: str, config: str) -> None:
    project = live.account.project
    make_endpoint(live, f"{project}{ending}", config.format(project))
    assert "choose another serving.endpoint_name" in refused(SpecDiffers)


def test_a_model_package_group_of_somebody_else(live: LiveAccount, refused: Refused) -> None:
    sagemaker, name = live.client("sagemaker"), live.account.project
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    assert "choose another serving.endpoint_name" in refused(SpecDiffers)
    sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=tag_list(live.account, name))
    assert plan_costs.fn(live.account, MISSION, inspected()).outcome == "passed"


def test_a_function_of_somebody_else(live: LiveAccount, refused: Refused) -> None:
    make_function(live, live.aws.make_role(trusts={"Service": "lambda.amazonaws.com"}))
    assert "which is not this project's role" in refused(SpecDiffers)


def test_a_function_by_hand_with_our_role(live: LiveAccount, refused: Refused) -> None:
    make_function(live, live.account.function_role)
    assert "somebody else made it" in refused(SpecDiffers)


def test_a_policy_by_hand_on_the_variant(live: LiveAccount, refused: Refused, scale: Callable[..., None]) -> None:
    endpoint = deploy_endpoint(live.account, registered(live), SERVING)
    resource = f"endpoint/{endpoint.name}/variant/{endpoint.variant}"
    scale("sagemaker", resource, "sagemaker:variant:DesiredInstanceCount", "SageMakerVariantInvocationsPerInstance")
    assert "delete that policy, or choose another autoscaling.policy" in refused(SpecDiffers)
    assert (
        plan_costs.fn(live.account, Mission(**{**vars(MISSION), "autoscaling": Autoscaling(policy="latency")}), inspected()).outcome
        == "passed"
    )


@pytest.mark.parametrize("qualifier", ["1", "live"])
def test_a_policy_by_hand_on_the_function(live: LiveAccount, refused: Refused, scale: Callable[..., None], qualifier: str) -> None:
    aws_lambda, name = make_function(live, live.account.function_role), live.account.project
    arn = aws_lambda.get_function_configuration(FunctionName=name)["FunctionArn"]
    aws_lambda.tag_resource(Resource=arn, Tags={tag["Key"]: tag["Value"] for tag in tag_list(live.account, name)})
    aws_lambda.publish_version(FunctionName=name)
    aws_lambda.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    scale("lambda", f"function:{name}:{qualifier}", "lambda:function:ProvisionedConcurrency", "LambdaProvisionedConcurrencyUtilization")
    assert "leave function.max_provisioned_concurrency empty" in refused(SpecDiffers, function=SCALED)
    assert plan_costs.fn(live.account, MISSION, inspected()).outcome == "passed"


@pytest.mark.parametrize(
    ("groups", "quota"),
    [
        ({"autoscaling": Autoscaling(max_instances=21)}, "21"),
        ({"autoscaling": Autoscaling(schedules=(NIGHT,))}, "30"),
        ({"serving": Serving(initial_instance_count=25), "autoscaling": Autoscaling(max_instances=25)}, "25"),
    ],
)
def test_an_endpoint_that_may_grow_over_the_quota(refused: Refused, groups: dict[str, Any], quota: str) -> None:
    said = refused(QuotaTooLow, **groups)
    assert "a lower autoscaling.max_instances" in said
    assert f"--desired-value {quota} " in said


def test_a_reservation_that_leaves_too_little(live: LiveAccount, refused: Refused) -> None:
    free = live.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    said = refused(QuotaTooLow, function=Function(reserved_concurrency=free - 99))
    assert "lower function.reserved_concurrency, or request more" in said
    assert "--service-code lambda --quota-code L-B99A9384 --desired-value" in said
    aws_lambda = make_function(live, live.account.function_role)
    aws_lambda.put_function_concurrency(FunctionName=live.account.project, ReservedConcurrentExecutions=free - 100)
    arn = aws_lambda.get_function_configuration(FunctionName=live.account.project)["FunctionArn"]
    aws_lambda.tag_resource(Resource=arn, Tags={tag["Key"]: tag["Value"] for tag in tag_list(live.account, "key")})
    held = Mission(**{**vars(MISSION), "function": Function(reserved_concurrency=free - 100)})
    assert plan_costs.fn(live.account, held, inspected()).outcome == "passed"


def test_groups_that_do_not_go_together(refused: Refused) -> None:
    assert "raise autoscaling.max_instances" in refused(InvalidInput, serving=Serving(initial_instance_count=4))
