"""The members of the requests to the smaller services."""

from local_aws.members.reasons import ONE_PAGE

TARGET = "ResourceId ScalableDimension ServiceNamespace"
TRACKING = "TargetTrackingScalingPolicyConfiguration"
CUSTOM = f"{TRACKING}.CustomizedMetricSpecification"
STEP = "StepScalingPolicyConfiguration"
STAT = "MetricDataQueries.MetricStat"
EBS = "BlockDeviceMappings.Ebs"
COMMANDS = "CommandId Filters InstanceId MaxResults NextToken"

READ: dict[str, dict[str, str]] = {
    "application-autoscaling": {
        "DeleteScalingPolicy": f"PolicyName {TARGET}",
        "DeleteScheduledAction": f"ScheduledActionName {TARGET}",
        "DeregisterScalableTarget": TARGET,
        "DescribeScalingActivities": f"IncludeNotScaledActivities MaxResults NextToken {TARGET}",
        "DescribeScalingPolicies": f"PolicyNames {TARGET}",
        "DescribeScheduledActions": f"ScheduledActionNames {TARGET}",
        "ListTagsForResource": "ResourceARN",
        "PutScalingPolicy": f"""
            PolicyName PolicyType {STEP}.AdjustmentType {STEP}.Cooldown {STEP}.MinAdjustmentMagnitude {STEP}.StepAdjustments {TARGET}
            {CUSTOM}.Dimensions {CUSTOM}.MetricName {CUSTOM}.Namespace {CUSTOM}.Statistic {CUSTOM}.Unit {TRACKING}.DisableScaleIn
            {TRACKING}.PredefinedMetricSpecification.PredefinedMetricType {TRACKING}.ScaleInCooldown {TRACKING}.ScaleOutCooldown
            {TRACKING}.TargetValue""",
        "PutScheduledAction": f"EndTime ScalableTargetAction Schedule ScheduledActionName StartTime Timezone {TARGET}",
        "RegisterScalableTarget": f"MaxCapacity MinCapacity SuspendedState Tags {TARGET}",
        "TagResource": "ResourceARN Tags",
        "UntagResource": "ResourceARN TagKeys",
    },
    "cloudformation": {
        "CreateStack": "Capabilities Parameters.ParameterKey Parameters.ParameterValue RoleARN StackName Tags TemplateBody TemplateURL",
        "ExecuteChangeSet": "ChangeSetName DisableRollback StackName",
        "UpdateStack": """
            Capabilities Parameters.ParameterKey Parameters.ParameterValue Parameters.UsePreviousValue RoleARN StackName Tags TemplateBody
            TemplateURL UsePreviousTemplate""",
    },
    "cloudwatch": {
        "DeleteAlarms": "AlarmNames",
        "DescribeAlarmHistory": "AlarmName HistoryItemType MaxRecords ScanBy",
        "GetMetricData": f"""
            EndTime MetricDataQueries.Id MetricDataQueries.Label MetricDataQueries.ReturnData {STAT}.Metric
            {STAT}.Period {STAT}.Stat {STAT}.Unit ScanBy StartTime""",
        "GetMetricStatistics": "Dimensions EndTime ExtendedStatistics MetricName Namespace Period StartTime Statistics Unit",
        "ListMetrics": "Dimensions MetricName Namespace NextToken",
        "PutMetricAlarm": """
            ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator DatapointsToAlarm Dimensions EvaluationPeriods
            ExtendedStatistic InsufficientDataActions MetricName Metrics.Expression Metrics.Id Metrics.Label Metrics.MetricStat
            Metrics.ReturnData Namespace OKActions Period Statistic Tags Threshold TreatMissingData Unit
            WarmUpConfiguration.WarmUpPeriodDurationInMinutes""",
        "PutMetricData": """
            MetricData.Counts MetricData.Dimensions MetricData.MetricName MetricData.StatisticValues MetricData.Timestamp MetricData.Unit
            MetricData.Value MetricData.Values Namespace""",
        "SetAlarmState": "AlarmName StateReason StateReasonData StateValue",
    },
    "ec2": {
        "RunInstances": f"""
            BlockDeviceMappings.DeviceName {EBS}.DeleteOnTermination {EBS}.Encrypted {EBS}.Iops {EBS}.KmsKeyId {EBS}.SnapshotId
            {EBS}.VolumeSize {EBS}.VolumeType ClientToken IamInstanceProfile ImageId InstanceInitiatedShutdownBehavior InstanceType KeyName
            MaxCount MetadataOptions.HttpTokens SecurityGroupIds SubnetId TagSpecifications""",
        "TerminateInstances": "InstanceIds",
    },
    "ecr": {"BatchGetImage": "imageIds.imageTag registryId repositoryName"},
    "events": {
        "PutRule": "Description EventBusName EventPattern Name State Tags",
        "PutTargets": "EventBusName Rule Targets.Arn Targets.Id Targets.SqsParameters",
    },
    "iam": {
        "CreateUser": "Path PermissionsBoundary Tags UserName",
        "DeleteUserPermissionsBoundary": "UserName",
        "GetUser": "UserName",
        "PutUserPermissionsBoundary": "PermissionsBoundary UserName",
        "SimulatePrincipalPolicy": "ActionNames ContextEntries.ContextKeyName ContextEntries.ContextKeyValues PolicySourceArn ResourceArns",
    },
    "service-quotas": {
        "GetServiceQuota": "QuotaCode ServiceCode",
        "ListServiceQuotas": "MaxResults NextToken QuotaCode ServiceCode",
    },
    "ssm": {
        "CancelCommand": "CommandId",
        "DescribeInstanceInformation": "Filters MaxResults NextToken",
        "GetCommandInvocation": "CommandId InstanceId",
        "ListCommandInvocations": f"Details {COMMANDS}",
        "ListCommands": COMMANDS,
        "SendCommand": "CloudWatchOutputConfig Comment DocumentName InstanceIds Parameters Targets TimeoutSeconds",
    },
    "sts": {
        "AssumeRole": "DurationSeconds ExternalId Policy PolicyArns RoleArn RoleSessionName Tags TransitiveTagKeys",
        "GetCallerIdentity": "",
        "GetSessionToken": "DurationSeconds SerialNumber TokenCode",
    },
}

IGNORED: dict[str, dict[str, dict[str, str]]] = {
    "application-autoscaling": {
        "DescribeScalingPolicies": {"MaxResults": ONE_PAGE},
        "DescribeScheduledActions": {"MaxResults": ONE_PAGE},
        "PutScalingPolicy": {f"{STEP}.MetricAggregationType": "alarms name the statistic themselves"},
        "RegisterScalableTarget": {"RoleARN": "AWS uses the service-linked role of the resource, whatever role is named"},
    },
    "cloudformation": {
        "CreateStack": {"TimeoutInMinutes": "a stack is complete when the call answers"},
        "ExecuteChangeSet": {"ClientRequestToken": "a change set is carried out once, and is gone"},
    },
    "cloudwatch": {"PutMetricData": {"MetricData.StorageResolution": "every datapoint keeps its own time"}},
    "ec2": {
        "RunInstances": {
            "MinCount": "there is always room, so MaxCount instances are launched",
            "UserData": "nothing runs it: SSM brings commands to an instance",
            "MetadataOptions.HttpEndpoint MetadataOptions.HttpPutResponseHopLimit": "there is no metadata service",
        },
    },
    "ecr": {"BatchGetImage": {"acceptedMediaTypes": "a manifest has no layers, and so no media type"}},
    "iam": {"SimulatePrincipalPolicy": {"ContextEntries.ContextKeyType": "the operator of a condition says how values are compared"}},
    "ssm": {
        "GetCommandInvocation": {"PluginName": "a command has one plugin"},
        "SendCommand": {"MaxConcurrency MaxErrors": "a command runs on one instance"},
    },
}
