"""The operations that local_aws answers from moto's records, because to keep a record is all that AWS does with them here.

Every other operation is executed by a service of this package, or refused: moto knows many more operations, and calls work done that
nobody did. `docs/local-aws.md` has the table of all three.
"""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Records:
    """The kept operations of one service: `what` says which records these are, and who acts on them."""

    what: str
    names: str

    @cached_property
    def operations(self) -> frozenset[str]:
        return frozenset(self.names.split())


KEPT: dict[str, Records] = {
    "s3": Records(
        "buckets, objects, versions and uploads; the authority evaluates bucket policies; lifecycle rules count in days and expire nothing",
        """
        AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload DeleteBucket DeleteBucketEncryption
        DeleteBucketLifecycle DeleteBucketOwnershipControls DeleteBucketPolicy DeleteBucketTagging DeleteObject DeleteObjectTagging
        DeleteObjects DeletePublicAccessBlock GetBucketAcl GetBucketCors GetBucketEncryption GetBucketLifecycleConfiguration
        GetBucketLocation GetBucketLogging GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy
        GetBucketPolicyStatus GetBucketReplication GetBucketTagging GetBucketVersioning GetBucketWebsite GetObject GetObjectAcl
        GetObjectAttributes GetObjectLockConfiguration GetObjectTagging GetPublicAccessBlock HeadBucket HeadObject ListBuckets
        ListMultipartUploads ListObjectVersions ListObjects ListObjectsV2 ListParts PutBucketEncryption PutBucketLifecycleConfiguration
        PutBucketNotificationConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketTagging PutBucketVersioning PutObject
        PutObjectTagging PutPublicAccessBlock UploadPart UploadPartCopy
        """,
    ),
    "iam": Records(
        "users, groups, roles, policies, access keys and instance profiles; the authority evaluates them at every call",
        """
        AddRoleToInstanceProfile AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreateAccessKey CreateGroup
        CreateInstanceProfile CreatePolicy CreatePolicyVersion CreateRole DeleteAccessKey DeleteGroup DeleteGroupPolicy
        DeleteInstanceProfile DeletePolicy DeletePolicyVersion DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DeleteUser
        DeleteUserPolicy DetachGroupPolicy DetachRolePolicy DetachUserPolicy GetAccountAuthorizationDetails GetAccountSummary GetGroup
        GetGroupPolicy GetInstanceProfile GetPolicy GetPolicyVersion GetRole GetRolePolicy GetUserPolicy ListAccessKeys
        ListAccountAliases ListAttachedGroupPolicies ListAttachedRolePolicies ListAttachedUserPolicies ListEntitiesForPolicy
        ListGroupPolicies ListGroups ListGroupsForUser ListInstanceProfiles ListInstanceProfilesForRole ListPolicies ListPolicyTags
        ListPolicyVersions ListRolePolicies ListRoleTags ListRoles ListUserPolicies ListUserTags ListUsers PutGroupPolicy
        PutRolePermissionsBoundary PutRolePolicy PutUserPolicy RemoveRoleFromInstanceProfile RemoveUserFromGroup SetDefaultPolicyVersion
        TagInstanceProfile TagPolicy TagRole TagUser UntagInstanceProfile UntagPolicy UntagRole UntagUser UpdateAccessKey
        UpdateAssumeRolePolicy UpdateGroup UpdateRole UpdateRoleDescription UpdateUser
        """,
    ),
    "cloudformation": Records(
        "stacks, their events and resources; CreateStack and UpdateStack refuse a resource type that nothing here makes",
        """
        CreateChangeSet DeleteChangeSet DeleteStack DescribeChangeSet DescribeStackEvents DescribeStackResource DescribeStackResources
        DescribeStacks GetTemplate GetTemplateSummary ListChangeSets ListExports ListStackResources ListStacks ValidateTemplate
        """,
    ),
    "sagemaker": Records(
        "lists and descriptions of what the executed operations made",
        "DescribeModelPackageGroup ListEndpointConfigs ListModelPackageGroups ListModelPackages",
    ),
    "ec2": Records(
        "instances as the executed operations made them, the default network, tags; no packet passes a security group",
        """
        AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateSecurityGroup CreateTags DeleteSecurityGroup DeleteTags
        DescribeAvailabilityZones DescribeImages DescribeInstanceAttribute DescribeInstanceStatus DescribeInstanceTypeOfferings
        DescribeInstanceTypes DescribeInstances DescribeRegions DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets
        DescribeTags DescribeVolumes DescribeVpcs RevokeSecurityGroupEgress RevokeSecurityGroupIngress
        """,
    ),
    "ssm": Records(
        "parameters and their history",
        """
        AddTagsToResource DeleteParameter DeleteParameters DescribeParameters GetParameter GetParameterHistory GetParameters
        GetParametersByPath LabelParameterVersion ListTagsForResource PutParameter RemoveTagsFromResource
        """,
    ),
    "lambda": Records(
        "lists and tags of the functions that the executed operations made",
        "ListFunctions ListTags TagResource UntagResource",
    ),
    "application-autoscaling": Records("the scalable targets that the executed operations made", "DescribeScalableTargets"),
    "cloudwatch": Records(
        "alarms as the executed operations made them, whether their actions are enabled, dashboards",
        """
        DeleteDashboards DescribeAlarms DescribeAlarmsForMetric DisableAlarmActions EnableAlarmActions GetDashboard ListDashboards
        ListTagsForResource PutDashboard TagResource UntagResource
        """,
    ),
    "logs": Records(
        "log groups, streams and events; a retention counts in days and expires nothing",
        """
        CreateLogGroup CreateLogStream DeleteLogGroup DeleteLogStream DeleteRetentionPolicy DescribeLogGroups DescribeLogStreams
        FilterLogEvents GetLogEvents ListTagsForResource ListTagsLogGroup PutLogEvents PutRetentionPolicy TagLogGroup TagResource
        UntagLogGroup UntagResource
        """,
    ),
    "ecr": Records(
        "repositories without layers; which images there are to pull, `local_aws/images.py` says",
        "CreateRepository DeleteRepository DescribeRepositories ListTagsForResource TagResource UntagResource",
    ),
    "sns": Records(
        "topics and subscriptions; messages reach HTTP, SQS and function subscribers, who are confirmed at once; e-mail is not sent",
        """
        AddPermission ConfirmSubscription CreateTopic DeleteTopic GetSubscriptionAttributes GetTopicAttributes ListSubscriptions
        ListSubscriptionsByTopic ListTagsForResource ListTopics Publish PublishBatch RemovePermission SetSubscriptionAttributes
        SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource
        """,
    ),
    "sqs": Records(
        "queues with their messages, visibility and dead-letter queues",
        """
        AddPermission ChangeMessageVisibility ChangeMessageVisibilityBatch CreateQueue DeleteMessage DeleteMessageBatch DeleteQueue
        GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListQueueTags ListQueues PurgeQueue ReceiveMessage RemovePermission
        SendMessage SendMessageBatch SetQueueAttributes TagQueue UntagQueue
        """,
    ),
    "events": Records(
        "buses, rules and targets that the executed operations made; events reach queues, log groups, topics and functions",
        """
        DeleteRule DescribeEventBus DescribeRule DisableRule EnableRule ListEventBuses ListRuleNamesByTarget ListRules
        ListTagsForResource ListTargetsByRule PutEvents RemoveTargets TagResource UntagResource
        """,
    ),
    "resourcegroupstaggingapi": Records("the tags of resources in moto's records", "GetResources GetTagKeys GetTagValues"),
}


def is_kept(service: str, operation: str) -> bool:
    records = KEPT.get(service)
    return records is not None and operation in records.operations
