"""One of each kind of resource that outlives the process: each function makes some, and returns how a client sees them."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from tests.lab.ec2_instances import Ec2
from tests.lab.function_urls import post, signed
from tests.lab.processes import wait_until
from tests.lab.running_aws import RunningAws
from tests.lab.sagemaker_hosting import make_hosted
from tests.lab.sagemaker_training import make_jobs
from tests.lab.sagemaker_transform import make_transforms
from tests.local_aws.deployed import Deployed
from tests.local_aws.test_cloudformation import BOOTSTRAP, deploy

Look = Callable[[RunningAws], Any]
MAIN = "def handler(event, context):\n    return 'hello'\n"
TAGS = [{"Key": "project", "Value": "pets"}]


def answer(call: Any, **asked: Any) -> dict[str, Any]:
    given: dict[str, Any] = call(**asked)
    return {name: value for name, value in given.items() if name != "ResponseMetadata"}


def models_and_packages(aws: RunningAws) -> Look:
    hosted, group = make_hosted(aws), f"group-{uuid.uuid4().hex[:8]}"
    model = hosted.model(Environment={"A": "1"})
    config = hosted.config(hosted.variant(model))
    hosted.client.create_model_package_group(ModelPackageGroupName=group, Tags=TAGS)
    inference = {
        "Containers": [{"Image": "i", "ModelDataUrl": "s3://b/k"}],
        "SupportedContentTypes": ["image/jpeg"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    asked = {"ModelPackageGroupName": group, "InferenceSpecification": inference, "ModelApprovalStatus": "Approved"}
    first = hosted.client.create_model_package(**asked, ClientToken="first")["ModelPackageArn"]
    last = hosted.client.create_model_package(**asked)["ModelPackageArn"]
    hosted.client.delete_model_package(ModelPackageName=last)

    def look(aws: RunningAws) -> Any:
        sagemaker = aws.client("sagemaker")
        newest = sagemaker.create_model_package(**asked)["ModelPackageArn"]  # a number that was used is not used again
        sagemaker.delete_model_package(ModelPackageName=newest)
        assert int(newest.rpartition("/")[2]) > int(last.rpartition("/")[2])
        return [
            answer(sagemaker.describe_model, ModelName=model),
            answer(sagemaker.describe_endpoint_config, EndpointConfigName=config),
            answer(
                sagemaker.list_tags, ResourceArn=sagemaker.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupArn"]
            ),
            answer(sagemaker.describe_model_package, ModelPackageName=first),
            answer(sagemaker.create_model_package, **asked, ClientToken="first"),
        ]

    return look


def jobs(aws: RunningAws) -> Look:
    training, transforms = make_jobs(aws), make_transforms(aws)
    trained = training.run("print('done')", Tags=TAGS)["TrainingJobName"]
    stopped = training.start("import time; time.sleep(600)")
    training.client.stop_training_job(TrainingJobName=stopped)
    training.wait(stopped)
    transforms.put("in/one", b'"hello"')
    transformed = transforms.run(transforms.hosted.model(), transforms.manifest("in/one"))["TransformJobName"]

    def look(aws: RunningAws) -> Any:
        sagemaker = aws.client("sagemaker")
        described = [answer(sagemaker.describe_training_job, TrainingJobName=name) for name in (trained, stopped)]
        tags = answer(sagemaker.list_tags, ResourceArn=described[0]["TrainingJobArn"])
        return [*described, tags, answer(sagemaker.describe_transform_job, TransformJobName=transformed)]

    return look


def endpoints(aws: RunningAws) -> Look:
    """One that was scaled, whose model and config are gone, as AWS allows."""
    hosted = make_hosted(aws)
    config = hosted.config_of(weight="seven")
    name = hosted.endpoint(config)
    wanted = [{"VariantName": "main", "DesiredInstanceCount": 2, "DesiredWeight": 3.0}]
    hosted.client.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=wanted)
    hosted.settled(name)
    model = hosted.client.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0]["ModelName"]
    hosted.client.delete_endpoint_config(EndpointConfigName=config)
    hosted.client.delete_model(ModelName=model)
    gone = hosted.endpoint(hosted.config_of())
    hosted.delete(gone)
    failed = hosted.start(hosted.config_of(script="raise SystemExit(1)"))
    hosted.settled(failed)

    def look(aws: RunningAws) -> Any:
        sagemaker, runtime = aws.client("sagemaker"), aws.client("sagemaker-runtime")
        wait_until(lambda: sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] != "SystemUpdating")
        asked = runtime.invoke_endpoint(EndpointName=name, Body=b'"x"', ContentType="application/json")["Body"].read()
        names = {each["EndpointName"] for each in sagemaker.list_endpoints()["Endpoints"]}
        described = [answer(sagemaker.describe_endpoint, EndpointName=each) for each in (name, failed)]
        return [*described, json.loads(asked)["model"], gone in names]

    return look


def functions(aws: RunningAws) -> Look:
    function = Deployed.create(aws, MAIN, Environment={"Variables": {"COLOUR": "red"}}, Tags={"project": "pets"})
    client, name = function.client, function.name
    version = function.publish()
    client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    function.provision(version, 1)
    client.add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal="events.amazonaws.com")
    url = client.create_function_url_config(FunctionName=name, Qualifier="live", AuthType="AWS_IAM", Cors={"AllowOrigins": ["*"]})[
        "FunctionUrl"
    ]

    def look(aws: RunningAws) -> Any:
        client = aws.client("lambda")
        wait_until(lambda: provisioned(client)["Status"] == "READY")
        return [
            answer(client.get_function, FunctionName=name),
            answer(client.list_versions_by_function, FunctionName=name),
            answer(client.list_aliases, FunctionName=name),
            answer(client.get_policy, FunctionName=name),
            answer(client.get_function_url_config, FunctionName=name, Qualifier="live"),
            provisioned(client),
            client.invoke(FunctionName=name, Qualifier="live")["Payload"].read(),
            post(url, b"{}", signed(url, b"{}", aws.admin)).body,
        ]

    def provisioned(client: Any) -> dict[str, Any]:
        return answer(client.get_provisioned_concurrency_config, FunctionName=name, Qualifier=version)

    return look


def autoscaling(aws: RunningAws) -> Look:
    """A target with both kinds of policies, an action that has changed its limits, and the activity in which it scaled."""
    function = Deployed.create(aws, MAIN)
    version, scaling = function.publish(), aws.client("application-autoscaling")
    target = {
        "ServiceNamespace": "lambda",
        "ResourceId": f"function:{function.name}:{version}",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=3, Tags={"project": "pets"})
    arn = scaling.describe_scalable_targets(ServiceNamespace="lambda", ResourceIds=[target["ResourceId"]])["ScalableTargets"][0][
        "ScalableTargetARN"
    ]
    metric = {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"}
    tracking = {"TargetValue": 0.7, "PredefinedMetricSpecification": metric}
    scaling.put_scaling_policy(
        **target, PolicyName="track", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking
    )
    scaling.put_scheduled_action(
        **target, ScheduledActionName="yearly", Schedule="cron(0 0 1 1 ? *)", ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 3}
    )

    def activities(aws: RunningAws) -> list[dict[str, Any]]:
        named = {name: target[name] for name in ("ServiceNamespace", "ResourceId")}
        found: list[dict[str, Any]] = aws.client("application-autoscaling").describe_scaling_activities(**named)["ScalingActivities"]
        return found

    wait_until(lambda: [each["StatusCode"] for each in activities(aws)] == ["Successful"], "it never scaled to its smallest capacity")

    def look(aws: RunningAws) -> Any:
        scaling = aws.client("application-autoscaling")
        policies = answer(scaling.describe_scaling_policies, ServiceNamespace="lambda", ResourceId=target["ResourceId"])
        alarms = [alarm["AlarmName"] for policy in policies["ScalingPolicies"] for alarm in policy["Alarms"]]
        return [
            answer(scaling.describe_scalable_targets, ServiceNamespace="lambda", ResourceIds=[target["ResourceId"]]),
            answer(scaling.list_tags_for_resource, ResourceARN=arn),
            policies,
            answer(scaling.describe_scheduled_actions, ServiceNamespace="lambda", ResourceId=target["ResourceId"]),
            activities(aws),
            [
                alarm["AlarmConfigurationUpdatedTimestamp"]
                for alarm in aws.client("cloudwatch").describe_alarms(AlarmNames=alarms)["MetricAlarms"]
            ],
        ]

    return look


def alarms(aws: RunningAws) -> Look:
    name, cloudwatch = f"alarm-{uuid.uuid4().hex[:8]}", aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Pets",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
        Tags=TAGS,
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    stat = {"Metric": {"Namespace": "Pets", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}
    cloudwatch.put_metric_alarm(
        AlarmName=f"{name}-math",
        Metrics=[{"Id": "e", "Expression": "m > 1", "ReturnData": True}, {"Id": "m", "MetricStat": stat, "ReturnData": False}],
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
        WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 60},
    )

    def look(aws: RunningAws) -> Any:
        alarm, math = aws.client("cloudwatch").describe_alarms(AlarmNames=[name, f"{name}-math"])["MetricAlarms"]
        return [alarm, math, answer(aws.client("cloudwatch").list_tags_for_resource, ResourceARN=alarm["AlarmArn"])]

    return look


def messages(aws: RunningAws) -> Look:
    name, sns, sqs = f"topic-{uuid.uuid4().hex[:8]}", aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name=name, Tags=TAGS)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    sns.publish(TopicArn=topic, Message="the first")

    def look(aws: RunningAws) -> Any:
        sns, sqs = aws.client("sns"), aws.client("sqs")
        received = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"]
        return [
            answer(sns.get_topic_attributes, TopicArn=topic),
            answer(sns.list_subscriptions_by_topic, TopicArn=topic),
            answer(sns.list_tags_for_resource, ResourceArn=topic),
            [json.loads(message["Body"])["Message"] for message in received],
        ]

    return look


def stacks(aws: RunningAws) -> Look:
    """The bootstrap stack with all that it has made."""
    name = f"p{uuid.uuid4().hex[:8]}"
    deploy(aws, name, BOOTSTRAP, Project=name)

    def look(aws: RunningAws) -> Any:
        formation, iam = aws.client("cloudformation"), aws.client("iam")
        (stack,) = formation.describe_stacks(StackName=name)["Stacks"]
        made = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        return [
            stack,
            answer(formation.list_stack_resources, StackName=name),
            answer(iam.get_role, RoleName=made["OrchestratorRoleArn"].rpartition("/")[2])["Role"],
            answer(aws.client("s3").get_bucket_policy, Bucket=made["BucketName"]),
            answer(aws.client("s3").get_bucket_lifecycle_configuration, Bucket=made["BucketName"]),
            answer(aws.client("sns").get_topic_attributes, TopicArn=made["TopicArn"])["Attributes"],
            answer(aws.client("logs").describe_log_groups, logGroupNamePrefix=f"/{name}"),
        ]

    return look


def networks(aws: RunningAws) -> Look:
    """A security group, and an instance that a person has terminated."""
    machines = Ec2(aws)
    group = machines.ec2.create_security_group(GroupName=f"g-{uuid.uuid4().hex[:8]}", Description="nobody")["GroupId"]
    instance = machines.launch(ClientToken="one", SecurityGroupIds=[group])
    machines.ec2.terminate_instances(InstanceIds=[instance])

    def look(aws: RunningAws) -> Any:
        ec2 = aws.client("ec2")
        seen = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return [answer(ec2.describe_security_groups, GroupIds=[group]), seen["State"], seen["ClientToken"], seen["StateReason"]]

    return look


KINDS: tuple[Callable[[RunningAws], Look], ...] = (
    models_and_packages,
    jobs,
    endpoints,
    functions,
    autoscaling,
    alarms,
    messages,
    stacks,
    networks,
)
