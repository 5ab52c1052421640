"""The members of SageMaker's requests."""

from local_aws.members.reasons import (
    NO_DISK_ENCRYPTION,
    NO_NETWORK,
    ONE_DISK,
    ONE_PAGE,
)

LISTED = "CreationTimeAfter CreationTimeBefore MaxResults NameContains NextToken SortBy SortOrder"
CHANGED = "LastModifiedTimeAfter LastModifiedTimeBefore StatusEquals"
DEPLOYMENT = """
    DeploymentConfig.AutoRollbackConfiguration DeploymentConfig.BlueGreenUpdatePolicy DeploymentConfig.RollingUpdatePolicy"""
DEFINITION = "{0}.Environment {0}.Image {0}.ModelDataSource {0}.ModelDataUrl {0}.ModelPackageName"
CONFIG, TUNED = "HyperParameterTuningJobConfig", "TrainingJobDefinition"  # of a tuning job
NO_DEBUGGER = "the container images hold no debugger and no profiler"

READ: dict[str, dict[str, str]] = {
    "sagemaker": {
        "AddTags": "ResourceArn Tags",
        "CreateEndpoint": "EndpointConfigName EndpointName Tags",
        "CreateEndpointConfig": """
            AsyncInferenceConfig EndpointConfigName ExecutionRoleArn ExplainerConfig
            ProductionVariants.ContainerStartupHealthCheckTimeoutInSeconds
            ProductionVariants.InitialInstanceCount ProductionVariants.InitialVariantWeight ProductionVariants.InstanceType
            ProductionVariants.ModelName ProductionVariants.RoutingConfig.RoutingStrategy ProductionVariants.VariantName
            ShadowProductionVariants Tags""",
        "CreateHyperParameterTuningJob": f"""
            HyperParameterTuningJobName Tags {CONFIG}.HyperParameterTuningJobObjective {CONFIG}.ParameterRanges {CONFIG}.RandomSeed
            {CONFIG}.ResourceLimits {CONFIG}.Strategy {CONFIG}.TrainingJobEarlyStoppingType {TUNED}.AlgorithmSpecification
            {TUNED}.CheckpointConfig {TUNED}.EnableManagedSpotTraining {TUNED}.Environment
            {TUNED}.HyperParameterTuningResourceConfig.InstanceCount {TUNED}.HyperParameterTuningResourceConfig.InstanceType
            {TUNED}.InputDataConfig {TUNED}.OutputDataConfig {TUNED}.ResourceConfig {TUNED}.RoleArn {TUNED}.StaticHyperParameters
            {TUNED}.StoppingCondition""",
        "CreateModel": f"{DEFINITION.format('Containers')} {DEFINITION.format('PrimaryContainer')} ExecutionRoleArn ModelName Tags",
        "CreateModelPackage": """
            AdditionalInferenceSpecifications ClientToken CustomerMetadataProperties Domain DriftCheckBaselines
            InferenceSpecification MetadataProperties ModelApprovalStatus ModelMetrics ModelPackageDescription ModelPackageGroupName
            ModelPackageName SamplePayloadUrl Tags Task""",
        "CreateModelPackageGroup": "ModelPackageGroupDescription ModelPackageGroupName Tags",
        "CreateTrainingJob": """
            DebugRuleConfigurations ProfilerRuleConfigurations
            AlgorithmSpecification.ContainerArguments AlgorithmSpecification.ContainerEntrypoint AlgorithmSpecification.MetricDefinitions
            AlgorithmSpecification.TrainingImage AlgorithmSpecification.TrainingInputMode CheckpointConfig EnableManagedSpotTraining
            Environment HyperParameters InputDataConfig.ChannelName InputDataConfig.CompressionType InputDataConfig.ContentType
            InputDataConfig.DataSource.S3DataSource.S3DataDistributionType InputDataConfig.DataSource.S3DataSource.S3DataType
            InputDataConfig.DataSource.S3DataSource.S3Uri InputDataConfig.InputMode OutputDataConfig.CompressionType
            OutputDataConfig.S3OutputPath ResourceConfig.InstanceCount ResourceConfig.InstanceType RoleArn
            StoppingCondition.MaxRuntimeInSeconds StoppingCondition.MaxWaitTimeInSeconds Tags TrainingJobName""",
        "CreateTransformJob": """
            BatchStrategy DataCaptureConfig DataProcessing Environment MaxConcurrentTransforms MaxPayloadInMB ModelClientConfig ModelName
            Tags TransformInput TransformJobName TransformOutput.Accept TransformOutput.AssembleWith TransformOutput.S3OutputPath
            TransformResources.InstanceCount TransformResources.InstanceType""",
        "DeleteEndpoint": "EndpointName",
        "DeleteEndpointConfig": "EndpointConfigName",
        "DeleteHyperParameterTuningJob": "HyperParameterTuningJobName",
        "DeleteModel": "ModelName",
        "DeleteModelPackage": "ModelPackageName",
        "DeleteModelPackageGroup": "ModelPackageGroupName",
        "DeleteTags": "ResourceArn TagKeys",
        "DeleteTrainingJob": "TrainingJobName",
        "DescribeEndpoint": "EndpointName",
        "DescribeEndpointConfig": "EndpointConfigName",
        "DescribeHyperParameterTuningJob": "HyperParameterTuningJobName",
        "DescribeModel": "ModelName",
        "DescribeModelPackage": "ModelPackageName",
        "DescribeTrainingJob": "TrainingJobName",
        "DescribeTransformJob": "TransformJobName",
        "ListEndpoints": f"{LISTED} {CHANGED}",
        "ListHyperParameterTuningJobs": f"{LISTED} {CHANGED}",
        "ListModels": LISTED,
        "ListTags": "ResourceArn",
        "ListTrainingJobs": f"{LISTED} {CHANGED}",
        "ListTrainingJobsForHyperParameterTuningJob": "HyperParameterTuningJobName MaxResults NextToken SortBy SortOrder StatusEquals",
        "ListTransformJobs": f"{LISTED} {CHANGED}",
        "StopHyperParameterTuningJob": "HyperParameterTuningJobName",
        "StopTrainingJob": "TrainingJobName",
        "StopTransformJob": "TransformJobName",
        "UpdateEndpoint": f"{DEPLOYMENT} EndpointConfigName EndpointName ExcludeRetainedVariantProperties RetainAllVariantProperties",
        "UpdateEndpointWeightsAndCapacities": """
            DesiredWeightsAndCapacities.DesiredInstanceCount DesiredWeightsAndCapacities.DesiredWeight
            DesiredWeightsAndCapacities.VariantName EndpointName""",
        "UpdateModelPackage": """
            ApprovalDescription CustomerMetadataProperties CustomerMetadataPropertiesToRemove ModelApprovalStatus ModelPackageArn""",
    },
    "sagemaker-runtime": {"InvokeEndpoint": "Accept Body ContentType CustomAttributes EndpointName TargetVariant"},
}

IGNORED: dict[str, dict[str, dict[str, str]]] = {
    "sagemaker": {
        "CreateEndpointConfig": {
            "EnableNetworkIsolation VpcConfig": NO_NETWORK,
            "KmsKeyId": NO_DISK_ENCRYPTION,
            "ProductionVariants.VolumeSizeInGB": ONE_DISK,
            "ProductionVariants.ModelDataDownloadTimeoutInSeconds": "the artifact is read from the disk of this machine",
        },
        "CreateHyperParameterTuningJob": {
            f"{TUNED}.EnableInterContainerTrafficEncryption": "the hosts speak over loopback",
            f"{TUNED}.EnableNetworkIsolation {TUNED}.VpcConfig": NO_NETWORK,
            f"{TUNED}.HyperParameterTuningResourceConfig.VolumeKmsKeyId": NO_DISK_ENCRYPTION,
            f"{TUNED}.HyperParameterTuningResourceConfig.VolumeSizeInGB": ONE_DISK,
            f"{TUNED}.RetryStrategy": "it repeats a job that AWS's own fault ended, which does not occur",
        },
        "CreateModel": {
            "EnableNetworkIsolation VpcConfig": NO_NETWORK,
            "Containers.ContainerHostname PrimaryContainer.ContainerHostname": "a model has one container, which nobody calls by its name",
        },
        "CreateTrainingJob": {
            "EnableInterContainerTrafficEncryption": "the hosts speak over loopback",
            "EnableNetworkIsolation VpcConfig": NO_NETWORK,
            "OutputDataConfig.KmsKeyId ResourceConfig.VolumeKmsKeyId": NO_DISK_ENCRYPTION,
            "ResourceConfig.VolumeSizeInGB": ONE_DISK,
            "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries": "metrics are in CloudWatch only",
            "DebugHookConfig ProfilerConfig": NO_DEBUGGER,
            "InputDataConfig.RecordWrapperType": "the script reads it from its inputdataconfig.json; nothing is wrapped",
            "RetryStrategy": "it repeats a job that AWS's own fault ended, which does not occur",
        },
        "CreateTransformJob": {"TransformOutput.KmsKeyId TransformResources.VolumeKmsKeyId": NO_DISK_ENCRYPTION},
        "ListTags": {"MaxResults": ONE_PAGE},
        "UpdateModelPackage": {"ClientToken": "the same update twice changes nothing more"},
    },
}
