"""Why tests of moto fail against the embedded AWS: each cause with its evidence. What none of them explains is ours.

A cause is found by words in the last answer that a test got, or in the text of its failure; where AWS answers otherwise than moto's authors
expect, by the names of the tests, each of which was read.
"""

import re
from dataclasses import dataclass

OURS = "ours"
AWS = "https://docs.aws.amazon.com"
PAGE = "local-aws.md"
NOTHING = r"(?!)"  # matches no text


@dataclass(frozen=True)
class Cause:
    """A cause: its evidence is a page of AWS or a heading of our own; `tests` are names without module and parameters."""

    name: str
    evidence: str
    words: str = NOTHING
    tests: str = ""

    def explains(self, test: str, told: str) -> bool:
        name = test.rpartition("::")[2].partition("[")[0]
        return name in self.tests.split() or re.search(self.words, told) is not None


REFUSED = (
    Cause(
        "an operation that is not in the list",
        f"{PAGE}#operations",
        r"local_aws does not execute \S+:\S+, and refuses it|local_aws has no service"
        r"|assert '(?:NotImplemented|UnknownOperationException|InvalidAction)' (?:==|in) ",
    ),
    Cause(
        "a member of a request that nothing acts on",
        f"{PAGE}#ignored-members",
        r"local_aws does not act on \S.* of \w+, and refuses it rather than ignore it"
        r"|local_aws serves (?:no \w+\.|a container with Image)",
    ),
    Cause(
        "a resource type or property that no stack makes",
        f"{PAGE}#who-may-use-it",
        r"Unrecognized resource types|local_aws does not act on property",
    ),
    Cause("a target that nothing here scales", f"{PAGE}#who-may-use-it", r"Unsupported service namespace, resource type or scalable"),
    Cause(
        "metric math",
        f"{PAGE}#who-may-use-it",
        r"local_aws evaluates metric math in alarms only|in metric math, only numbers|Metrics must hold",
    ),
    Cause(
        "a machine image that nothing here launches, or no instance type",
        f"{PAGE}#who-may-use-it",
        r"ec2:RunInstances (?:InvalidAMIID\.\w+|MissingParameter: The request must contain the parameter (?:ImageId|InstanceType))",
    ),
    Cause("an image that is not there", f"{PAGE}#images-without-containers", r"ValidationException: Cannot find repository: "),
    Cause(
        "functions without a zip or in another language",
        f"{PAGE}#who-may-use-it",
        r"local_aws runs zip functions without layers and with a python runtime only",
    ),
    Cause(
        "anonymous access to a bucket, and uploads by a form",
        f"{PAGE}#who-may-use-it",
        tests="""test_s3_object_in_public_bucket test_s3_object_in_private_bucket test_creating_presigned_post
        test_object_acl_with_presigned_post""",
    ),
)
AWS_REFUSES = (
    Cause(
        "a value that the service model forbids",
        f"{AWS}/sagemaker/latest/APIReference/CommonErrors.html",
        r"failed to satisfy constraint|validation errors? detected|The specified value for \S+ is invalid",
    ),
    Cause(
        "a trust policy that is no JSON document",
        f"{AWS}/IAM/latest/APIReference/API_CreateRole.html",
        r"iam:CreateRole MalformedPolicyDocument",
    ),
    Cause(
        "a role that does not exist or does not trust the service",
        f"{AWS}/lambda/latest/dg/lambda-intro-execution-role.html",
        r"Could not assume role|cannot be assumed by Lambda",
    ),
    Cause("a role for the account's root", f"{AWS}/STS/latest/APIReference/API_AssumeRole.html", r"Roles may not be assumed by root"),
    Cause(
        "a caller without a policy",
        f"{AWS}/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
        r"AccessDenied: User: \S+:user/\S+ is not authorized to perform: \S+ on resource: \S+ because no identity-based policy allows",
    ),
    Cause(
        "IAM resources in a stack without the capability",
        f"{AWS}/AWSCloudFormation/latest/APIReference/API_CreateStack.html",
        r"InsufficientCapabilitiesException: Requires capabilities",
    ),
    Cause(
        "a policy or action without its scalable target",
        f"{AWS}/autoscaling/application/APIReference/API_PutScheduledAction.html",
        r"ObjectNotFoundException: No scalable target registered",
    ),
    Cause(
        "a scalable target whose variant or alias does not exist",
        f"{AWS}/autoscaling/application/APIReference/API_RegisterScalableTarget.html",
        r"RegisterScalableTarget ValidationException: .*(?:variant doesn't exist|Unknown alias|No such (?:function|alias))",
    ),
    Cause(
        "a change of a function while another is in progress",
        f"{AWS}/lambda/latest/dg/functions-states.html",
        r"ResourceConflictException: The operation cannot be performed at this time\. An update is in progress",
    ),
    Cause(
        "a bucket name with letters that none may have",
        f"{AWS}/AmazonS3/latest/userguide/bucketnamingrules.html",
        r"s3:CreateBucket InvalidBucketName",
    ),
    Cause(
        "an alias that points at a version that does not exist",
        f"{AWS}/lambda/latest/api/API_CreateAlias.html",
        tests="test_create_alias_with_routing_config test_update_alias_routingconfig",
    ),
    Cause(
        "a presigned URL with another method or type of the body than it was made for",
        f"{AWS}/AmazonS3/latest/userguide/using-presigned-url.html",
        tests="""test_streaming_upload_from_file_to_presigned_url test_generate_presigned_url_on_multipart_upload_without_acl
        test_upload_from_file_to_presigned_url""",
    ),
    Cause(
        "a lifecycle without a rule",
        f"{AWS}/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html",
        tests="test_lifecycle_empty_configuration",
    ),
    Cause(
        "a tuning job without a training job",
        f"{AWS}/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html",
        r"ValidationException: TrainingJobDefinition is required",
    ),
    Cause(
        "a datum without a value",
        f"{AWS}/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html",
        r"cloudwatch:PutMetricData MissingParameter",
    ),
)
AWS_DIFFERS = (
    Cause(
        "the versions of a function that does not exist are an error",
        f"{AWS}/lambda/latest/api/API_ListVersionsByFunction.html",
        tests="test_list_versions_by_function_for_nonexistent_function",
    ),
    Cause(
        "the ARN of a function asked for by an alias ends in the alias",
        "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/lambda/function_data_source.go",
        tests="test_get_function_using_alias",
    ),
    Cause(
        "a new function is pending",
        f"{AWS}/lambda/latest/dg/functions-states.html",
        r"\{'State': 'Pending'\} != \{'State': 'Active'\}",
    ),
    Cause(
        "a function has a revision and the status of its last update",
        f"{AWS}/lambda/latest/api/API_FunctionConfiguration.html",
        tests="test_list_create_list_get_delete_list",
    ),
    Cause(
        "an error that a handler raises is Unhandled",
        f"{AWS}/lambda/latest/dg/python-exceptions.html",
        r"AssertionError: assert 'Unhandled' == 'Handled'",
    ),
    Cause(
        "an event has no payload in its answer",
        f"{AWS}/lambda/latest/dg/invocation-async.html",
        tests="""test_invoke_event_function test_invoke_lambda_using_environment_port
        test_invoke_function_with_multiple_files_in_zip test_invoke_lambda_with_entrypoint""",
    ),
    Cause(
        "a topic or bucket invokes a function only where its policy lets it",
        f"{AWS}/lambda/latest/dg/access-control-resource-based.html",
        tests="test_invoke_function_from_sns test_objectcreated_put__invokes_lambda",
    ),
    Cause(
        "a new object sends no event about its tags",
        f"{AWS}/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html",
        tests="""test_put_object_notification_ObjectCreated_PUT test_copy_object_notification test_complete_multipart_upload_notification
        test_delete_object_notification test_put_object_tagging_notification test_delete_object_tagging_notification""",
    ),
    Cause(
        "the owner of a bucket in us-east-1 may make it again",
        f"{AWS}/AmazonS3/latest/API/API_CreateBucket.html",
        tests="test_create_bucket_duplicate",
    ),
    Cause(
        "each combination of dimensions is a metric of its own, listed once",
        f"{AWS}/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html",
        tests="""test_get_metric_statistics_dimensions test_get_metric_data_for_dimensions test_list_metrics test_list_metrics_paginated""",
    ),
    Cause(
        "the label of a metric is CloudWatch's own when none was given",
        f"{AWS}/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html",
        r"AssertionError: assert 'metric1' == 'metric1 (?:Average|Sum|SampleCount)'",
    ),
    Cause(
        "storage metrics of a bucket come once a day",
        f"{AWS}/AmazonS3/latest/userguide/metrics-dimensions.html",
        tests="test_cloudwatch_return_s3_metrics",
    ),
    Cause(
        "a new alarm has not enough data",
        f"{AWS}/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        r"assert 'INSUFFICIENT_DATA' == 'OK'",
        tests="test_alarm_state",
    ),
    Cause(
        "the root has no user name",
        f"{AWS}/IAM/latest/UserGuide/reference_identifiers.html",
        tests="test_get_current_user",
    ),
    Cause(
        "the words for a job that does not exist",
        "https://github.com/aws/aws-sdk/issues/165",
        tests="test_describe_unknown_training_job test_describe_unknown_transform_job",
    ),
    Cause(
        "the words of an error that AWS documents by its code",
        f"{AWS}/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html",
        tests="test_put_bucket_notification_errors",
    ),
)
ONE_REGION = Cause(
    "the test needs a second region or partition",
    f"{PAGE}#who-may-use-it",
    r"\barn:aws-(?:cn|iso|us-gov)|InvalidLocationConstraint|not valid for the bucket location constraint",
    tests="""test_create_bucket_with_wrong_location_constraint test_s3_location_should_error_outside_useast1
    test_bucket_create_empty_location_constraint_non_standard_region_should_return_error test_ssm_latest_amis_are_different_in_regions
    test_describe_regions test_availability_zones test_zoneId_in_availability_zones test_describe_instance_type_offering_filter_by_zone_id
    test_ssm_get_by_path test_ssm_region_query test_get_aws_param test_convert_to_params""",
)
# what a test does to moto's own process or asks of moto's own server
OWN = Cause(
    "the test imports moto's backends, patches its process or asks moto's own server",
    "https://docs.getmoto.org/en/latest/docs/server_mode.html",
    r"_backends\b|\bmoto_id_manager\b|set_custom_id|mock\.patch|@patch|state_manager|create_backend_app|mock_aws\(config"
    r"|ThreadedMotoServer|set_initial_no_auth_action_count|localhost:5000|/moto-api/",
)
CLOCK = Cause(
    "the test stops the clock by which its process signs",
    f"{AWS}/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
    r"RequestTimeTooSkewed|Signature expired, or not yet current|ec2:\w+ RequestExpired",
)
GROUPS = {
    "refused by us": REFUSED,
    "refused by AWS": AWS_REFUSES,
    "answered otherwise by AWS": AWS_DIFFERS,
    "one region": (ONE_REGION,),
    "moto's own": (CLOCK, OWN),
}


def explain(test: str, told: str, body: str) -> str:
    """The name of the cause: `told` is the last answer with the text of the failure, `body` the source of the test."""
    for cause in (*REFUSED, *AWS_REFUSES, *AWS_DIFFERS, ONE_REGION, CLOCK):
        if cause.explains(test, told):
            return cause.name
    return OWN.name if re.search(OWN.words, body) else OURS
