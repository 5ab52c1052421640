"""The table of IAM: the action and the resources that each operation needs.

A resource is the part after `arn:aws:<service>:<region>:<account>:`, or after `arn:aws:s3:::` for S3; `{Name}` is a parameter of the call.
A parameter that holds a whole ARN is used unchanged. Operations that are not listed need Resource "*".
"""

# {service: {resource or resources: operations}}
RESOURCES: dict[str, dict[str, str]] = {
    "s3": {
        "{Bucket}": """
            CreateBucket DeleteBucket HeadBucket ListObjects ListObjectsV2 ListObjectVersions ListMultipartUploads GetBucketLocation
            GetBucketPolicy PutBucketPolicy DeleteBucketPolicy GetBucketPolicyStatus GetBucketVersioning PutBucketVersioning
            GetBucketTagging PutBucketTagging DeleteBucketTagging GetBucketAcl PutBucketAcl GetBucketLogging PutBucketLogging
            GetBucketEncryption PutBucketEncryption DeleteBucketEncryption GetPublicAccessBlock PutPublicAccessBlock DeletePublicAccessBlock
            GetBucketLifecycleConfiguration PutBucketLifecycleConfiguration DeleteBucketLifecycle GetBucketOwnershipControls
            PutBucketOwnershipControls DeleteBucketOwnershipControls GetBucketReplication GetBucketWebsite GetObjectLockConfiguration
            GetBucketNotificationConfiguration PutBucketNotificationConfiguration GetBucketCors PutBucketCors""",
        "{Bucket}/{Key}": """
            GetObject HeadObject PutObject DeleteObject GetObjectAttributes GetObjectAcl PutObjectAcl GetObjectTagging PutObjectTagging
            DeleteObjectTagging CopyObject CreateMultipartUpload UploadPart UploadPartCopy CompleteMultipartUpload AbortMultipartUpload
            ListParts""",
    },
    "sagemaker": {
        "training-job/{TrainingJobName}": "CreateTrainingJob DescribeTrainingJob StopTrainingJob UpdateTrainingJob DeleteTrainingJob",
        "transform-job/{TransformJobName}": "CreateTransformJob DescribeTransformJob StopTransformJob",
        "processing-job/{ProcessingJobName}": "CreateProcessingJob DescribeProcessingJob StopProcessingJob",
        "hyper-parameter-tuning-job/{HyperParameterTuningJobName}": """
            CreateHyperParameterTuningJob DescribeHyperParameterTuningJob StopHyperParameterTuningJob DeleteHyperParameterTuningJob
            ListTrainingJobsForHyperParameterTuningJob""",
        "model/{ModelName}": "CreateModel DescribeModel DeleteModel",
        "endpoint-config/{EndpointConfigName}": "CreateEndpointConfig DescribeEndpointConfig DeleteEndpointConfig",
        "endpoint/{EndpointName} endpoint-config/{EndpointConfigName}": "CreateEndpoint UpdateEndpoint",
        "endpoint/{EndpointName}": "DescribeEndpoint DeleteEndpoint UpdateEndpointWeightsAndCapacities",
        "model-package-group/{ModelPackageGroupName}": """
            CreateModelPackageGroup DescribeModelPackageGroup DeleteModelPackageGroup""",
        "model-package/{ModelPackageGroupName}/*": "ListModelPackages",
        "model-package-group/{ModelPackageGroupName} model-package/{ModelPackageGroupName}/*": "CreateModelPackage",
        "model-package/{ModelPackageName}": "DescribeModelPackage DeleteModelPackage",
        "{ModelPackageArn}": "UpdateModelPackage",
        "{ResourceArn}": "AddTags DeleteTags ListTags",
    },
    "sagemaker-runtime": {"endpoint/{EndpointName}": "InvokeEndpoint InvokeEndpointAsync InvokeEndpointWithResponseStream"},
    "lambda": {
        "function:{FunctionName}": """
            CreateFunction DeleteFunction GetFunction GetFunctionConfiguration UpdateFunctionCode UpdateFunctionConfiguration
            Invoke InvokeAsync InvokeWithResponseStream PublishVersion ListVersionsByFunction CreateAlias GetAlias UpdateAlias
            DeleteAlias ListAliases GetFunctionConcurrency PutFunctionConcurrency DeleteFunctionConcurrency GetProvisionedConcurrencyConfig
            PutProvisionedConcurrencyConfig DeleteProvisionedConcurrencyConfig ListProvisionedConcurrencyConfigs GetPolicy AddPermission
            RemovePermission CreateFunctionUrlConfig GetFunctionUrlConfig UpdateFunctionUrlConfig DeleteFunctionUrlConfig
            ListFunctionUrlConfigs""",
        "{Resource}": "TagResource UntagResource ListTags",
    },
    "application-autoscaling": {
        "scalable-target/*": """
            RegisterScalableTarget DeregisterScalableTarget PutScalingPolicy DeleteScalingPolicy PutScheduledAction
            DeleteScheduledAction""",
        "{ResourceARN}": "TagResource UntagResource ListTagsForResource",
    },
    "iam": {
        "role/{RoleName}": """
            CreateRole GetRole DeleteRole UpdateRole UpdateAssumeRolePolicy TagRole UntagRole ListRoleTags GetRolePolicy PutRolePolicy
            DeleteRolePolicy ListRolePolicies AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies PutRolePermissionsBoundary
            DeleteRolePermissionsBoundary ListInstanceProfilesForRole UpdateRoleDescription""",
        "role/aws-service-role/{AWSServiceName}/*": "CreateServiceLinkedRole",
        "user/{UserName}": """
            CreateUser GetUser DeleteUser PutUserPolicy GetUserPolicy DeleteUserPolicy ListUserPolicies AttachUserPolicy DetachUserPolicy
            ListAttachedUserPolicies CreateAccessKey DeleteAccessKey UpdateAccessKey ListAccessKeys TagUser UntagUser
            ListGroupsForUser ListUserTags UpdateUser PutUserPermissionsBoundary DeleteUserPermissionsBoundary""",
        "group/{GroupName}": """
            AddUserToGroup AttachGroupPolicy CreateGroup DeleteGroup DeleteGroupPolicy DetachGroupPolicy GetGroup GetGroupPolicy
            ListAttachedGroupPolicies ListGroupPolicies PutGroupPolicy RemoveUserFromGroup UpdateGroup""",
        "policy/{PolicyName}": "CreatePolicy",
        "{PolicyArn}": """
            GetPolicy DeletePolicy GetPolicyVersion CreatePolicyVersion DeletePolicyVersion ListPolicyVersions SetDefaultPolicyVersion
            ListEntitiesForPolicy ListPolicyTags TagPolicy UntagPolicy""",
        "{PolicySourceArn}": "SimulatePrincipalPolicy",
        "instance-profile/{InstanceProfileName}": """
            CreateInstanceProfile GetInstanceProfile DeleteInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile
            TagInstanceProfile UntagInstanceProfile""",
    },
    "sts": {"{RoleArn}": "AssumeRole"},
    "logs": {
        "log-group:{logGroupName}": """
            CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy FilterLogEvents ListTagsLogGroup TagLogGroup
            UntagLogGroup""",
        "log-group:{logGroupName}:log-stream:{logStreamName}": "CreateLogStream DeleteLogStream PutLogEvents GetLogEvents",
        "log-group:{logGroupName}:log-stream:": "DescribeLogStreams",
        "{resourceArn}": "TagResource UntagResource ListTagsForResource",
    },
    "cloudwatch": {
        "alarm:{AlarmName}": "DescribeAlarmHistory PutMetricAlarm SetAlarmState",
        "alarm:{AlarmNames}": "DeleteAlarms DescribeAlarms DisableAlarmActions EnableAlarmActions",
        "arn:aws:cloudwatch::{account}:dashboard/{DashboardName}": "GetDashboard PutDashboard",
        "arn:aws:cloudwatch::{account}:dashboard/{DashboardNames}": "DeleteDashboards",
        "{ResourceARN}": "TagResource UntagResource ListTagsForResource",
    },
    "cloudformation": {
        "stack/{StackName}/*": """
            CreateStack UpdateStack DeleteStack DescribeStacks DescribeStackEvents DescribeStackResource DescribeStackResources
            ListStackResources GetTemplate GetTemplateSummary CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet
            ListChangeSets CancelUpdateStack UpdateTerminationProtection""",
    },
    "ssm": {
        "parameter/{Name}": "PutParameter GetParameter DeleteParameter GetParameterHistory LabelParameterVersion",
        "parameter/{Names}": "GetParameters DeleteParameters",
        "parameter/{Path}": "GetParametersByPath",
        "parameter/{ResourceId}": "AddTagsToResource ListTagsForResource RemoveTagsFromResource",
        "document/{DocumentName} arn:aws:ec2:{region}:{account}:instance/{InstanceIds}": "SendCommand",
    },
    "ec2": {
        """
        instance/* volume/* network-interface/* subnet/* security-group/{SecurityGroupIds} key-pair/{KeyName}
        arn:aws:ec2:{region}::image/{ImageId}""": "RunInstances",
        "security-group/* vpc/*": "CreateSecurityGroup",
        "security-group/{GroupId}": """
            AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress DeleteSecurityGroup RevokeSecurityGroupEgress
            RevokeSecurityGroupIngress""",
        "instance/{InstanceId}": "DescribeInstanceAttribute",
        "{Resources}": "CreateTags DeleteTags",
        "instance/{InstanceIds}": "StartInstances StopInstances RebootInstances TerminateInstances",
    },
    "sns": {
        "{Name}": "CreateTopic",
        "{TopicArn}": """
            ConfirmSubscription DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe Publish PublishBatch
            ListSubscriptionsByTopic AddPermission RemovePermission""",
        "{ResourceArn}": "TagResource UntagResource ListTagsForResource",
    },
    "events": {
        "rule/{Name}": "DeleteRule DescribeRule DisableRule EnableRule PutRule",
        "rule/{Rule}": "ListTargetsByRule PutTargets RemoveTargets",
        "event-bus/{Name}": "DescribeEventBus",
        "event-bus/default": "PutEvents",
        "{ResourceARN}": "ListTagsForResource TagResource UntagResource",
    },
    "sqs": {
        "{QueueName}": "CreateQueue GetQueueUrl",
        "{QueueUrl}": """
            AddPermission ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch DeleteQueue
            GetQueueAttributes ListDeadLetterSourceQueues ListQueueTags PurgeQueue ReceiveMessage RemovePermission SendMessage
            SendMessageBatch SetQueueAttributes TagQueue UntagQueue""",
    },
    "service-quotas": {"{ServiceCode}/{QuotaCode}": "GetServiceQuota"},
    "ecr": {
        "repository/{repositoryNames}": "DescribeRepositories",
        "{resourceArn}": "ListTagsForResource TagResource UntagResource",
        "repository/{repositoryName}": """
            CreateRepository DeleteRepository DescribeImages ListImages BatchGetImage BatchCheckLayerAvailability GetDownloadUrlForLayer""",
    },
}

# operations whose action has another name
ACTIONS: dict[str, dict[str, str]] = {
    "s3": {
        "HeadObject": "GetObject",
        "CopyObject": "PutObject",
        "CreateMultipartUpload": "PutObject",
        "UploadPart": "PutObject",
        "UploadPartCopy": "PutObject",
        "CompleteMultipartUpload": "PutObject",
        "ListParts": "ListMultipartUploadParts",
        "DeleteObjects": "DeleteObject",
        "HeadBucket": "ListBucket",
        "ListObjects": "ListBucket",
        "ListObjectsV2": "ListBucket",
        "ListObjectVersions": "ListBucketVersions",
        "ListMultipartUploads": "ListBucketMultipartUploads",
        "ListBuckets": "ListAllMyBuckets",
        "GetBucketEncryption": "GetEncryptionConfiguration",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "DeleteBucketEncryption": "PutEncryptionConfiguration",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "DeleteBucketLifecycle": "PutLifecycleConfiguration",
        "GetBucketNotificationConfiguration": "GetBucketNotification",
        "PutBucketNotificationConfiguration": "PutBucketNotification",
        "GetBucketCors": "GetBucketCORS",
        "PutBucketCors": "PutBucketCORS",
        "DeleteBucketTagging": "PutBucketTagging",
        "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
        "GetBucketReplication": "GetReplicationConfiguration",
        "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    },
    "sagemaker-runtime": {"InvokeEndpointWithResponseStream": "InvokeEndpoint"},
    "lambda": {"Invoke": "InvokeFunction", "InvokeAsync": "InvokeFunction", "InvokeWithResponseStream": "InvokeFunction"},
    "sns": {"PublishBatch": "Publish"},
    "sqs": {
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
        "DeleteMessageBatch": "DeleteMessage",
        "SendMessageBatch": "SendMessage",
    },
}
PREFIXES = {
    "resourcegroupstaggingapi": "tag",
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
}  # IAM's names of services

# a call with tags also needs this action on the same resource
TAGGING = {
    "sagemaker": "AddTags",
    "lambda": "TagResource",
    "application-autoscaling": "TagResource",
    "logs": "TagResource",
    "sns": "TagResource",
    "cloudwatch": "TagResource",
    "ssm": "AddTagsToResource",
    "ecr": "TagResource",
    "sts": "TagSession",
}
TAG_PARAMETERS = ("Tags", "tags")

# a call that passes one of these roles to a service needs iam:PassRole on the role
PASSED_ROLES: dict[str, tuple[str, ...]] = {
    "sagemaker": ("RoleArn", "ExecutionRoleArn"),
    "lambda": ("Role",),
    "application-autoscaling": ("RoleARN",),
    "cloudformation": ("RoleARN",),
}
# these calls need no permission
FREE = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
