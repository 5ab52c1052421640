"""Every kind of resource that a run creates, in the order of deletion; a user is deleted before what it uses."""

from pedigree.aws.resources.ec2 import InstanceKind, SecurityGroupKind
from pedigree.aws.resources.kind import ENDPOINT_TITLE, FUNCTION_TITLE, TRAINING_JOB_TITLE, ResourceKind
from pedigree.aws.resources.objects import ObjectsKind
from pedigree.aws.resources.sagemaker import EndpointKind, JobKind, LastingJobKind, ModelPackageKind, RecordKind
from pedigree.aws.resources.serving import PROVISIONED_DIMENSION, PROVISIONED_NAMESPACE, AlarmKind, FunctionKind, ScalableTargetKind

FUNCTION = FunctionKind(
    title=FUNCTION_TITLE, named="as its endpoint; a version is found by its description", key="zip and settings", layer="serving"
)
PROVISIONED_TARGET = ScalableTargetKind(
    title="provisioned target",
    named="of the function's version behind the alias",
    layer="serving",
    namespace=PROVISIONED_NAMESPACE,
    dimension=PROVISIONED_DIMENSION,
)
SCALABLE_TARGET = ScalableTargetKind(title="scalable target", named="of the endpoint's variant", layer="serving")
SCALING_ALARM = AlarmKind(title="scaling alarm", named="`<endpoint>--cpu-out`, `<endpoint>--cpu-in`", layer="serving", what="cpu")
WATCH_ALARM = AlarmKind(
    title="alarm",
    named="`<endpoint>--watch-<what>`, of the endpoint, its function and its scheduled runs",
    layer="serving",
    what="watch",
)
ROLLBACK_ALARM = AlarmKind(
    title="rollback alarm", named="`<endpoint>--rollback-5xx`, `<endpoint>--rollback-latency`", layer="serving", what="rollback"
)
ENDPOINT = EndpointKind(
    title=ENDPOINT_TITLE,
    named="`<project>`, or `<project>--<serving.endpoint_name>`; to rehearse or measure, `--rehearsal` or `--measured` behind it",
    layer="serving",
    noun="Endpoint",
    under_way=("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"),
)
ENDPOINT_CONFIG = RecordKind(
    title="endpoint config",
    named="`<project>--config-<key>`",
    key="the production variant",
    noun="EndpointConfig",
)
MODEL = RecordKind(
    title="model",
    named="`<project>--model-<key>`",
    key="model package, environment, role",
    noun="Model",
)
TRANSFORM_JOB = LastingJobKind(
    title="transform job",
    named="`<project>--score-<key>`; then `-2`, `-3`",
    key="model package, environment, and path and ETag of its images",
    noun="TransformJob",
    under_way=("InProgress", "Stopping"),
)
MODEL_PACKAGE_GROUP = RecordKind(
    title="model package group", named="as its endpoint", noun="ModelPackageGroup", under_way=("Pending", "InProgress", "Deleting")
)
MODEL_PACKAGE = ModelPackageKind(
    title="model package",
    named="a version of its endpoint's group, found by its metadata",
    key="training key, attempt, SHA-256 of the artifact, inference image",
    group=MODEL_PACKAGE_GROUP,
)
TRAINING_JOB = JobKind(
    title=TRAINING_JOB_TITLE,
    named="`<project>--train-<key>`, to tune `<project>--trial-<key>`, to evaluate `<project>--evaluate-<key>`; then `-2`, `-3`",
    key="dataset, code, hyperparameters, instance count, image, `fresh`; to evaluate: all artifacts, dataset, code, image",
    noun="TrainingJob",
    under_way=("InProgress", "Stopping", "Deleting"),
)
TRAINING_INSTANCE = InstanceKind(
    title="training instance",
    named="found by its tags, its name and client token are the training's: `<project>--ec2-<key>`; then `-2`, `-3`",
    key="as of a training job, the AMI's family in place of the image",
)
SECURITY_GROUP = SecurityGroupKind(title="security group", named="`<project>--training`")
STUDY = ObjectsKind(
    title="study",
    named="`s3://<bucket>/tuning/<key>/`",
    key="dataset, code, all settings that decide a training, and what is varied",
    folder="tuning",
)
SCORES = ObjectsKind(
    title="scores",
    named="`s3://<bucket>/scores/<job>/`, what a job is given and answers; `<key>/`, the predictions of all",
    key="model package, the jobs, the images that could not be asked about, format",
    folder="scores",
)
INPUTS = ObjectsKind(
    title="images to score",
    named="`s3://<bucket>/inputs/<key>/`, where they were not in S3",
    key="relative path and SHA-256 of every file",
    folder="inputs",
)
SERVED_ARTIFACT = ObjectsKind(
    title="served artifact",
    named="`s3://<bucket>/models/<key>/`, the copy that a model package serves; only the orchestrator writes there",
    key="of the model package",
    folder="models",
)
REPORT = ObjectsKind(title="report", named="`s3://<bucket>/runs/<flow run id>/`", folder="runs")
EVALUATION = ObjectsKind(title="evaluation output", named="`s3://<bucket>/evaluations/<job>/`", folder="evaluations")
CHECKPOINT = ObjectsKind(title="checkpoint", named="`s3://<bucket>/checkpoints/<job>/`, of all its attempts", folder="checkpoints")
OUTPUT = ObjectsKind(title="job output", named="`s3://<bucket>/training/<job>/`", folder="training")
CODE = ObjectsKind(title="code channel", named="`s3://<bucket>/code/<key>/`", key="the sources of `model/`", folder="code")
WEIGHTS = ObjectsKind(
    title="weights to start from", named="`s3://<bucket>/weights/<key>/`", key="the SHA-256 of the file", folder="weights"
)
DATASET = ObjectsKind(
    title="dataset",
    named="`s3://<bucket>/datasets/<key>/`",
    key="relative path and SHA-256 of every image, however it came packed",
    folder="datasets",
)
KINDS: tuple[ResourceKind, ...] = (
    WATCH_ALARM,
    PROVISIONED_TARGET,
    FUNCTION,
    SCALABLE_TARGET,
    SCALING_ALARM,
    ROLLBACK_ALARM,
    ENDPOINT,
    ENDPOINT_CONFIG,
    TRANSFORM_JOB,
    MODEL,
    MODEL_PACKAGE,
    MODEL_PACKAGE_GROUP,
    SERVED_ARTIFACT,
    TRAINING_JOB,
    TRAINING_INSTANCE,
    SECURITY_GROUP,
    STUDY,
    SCORES,
    INPUTS,
    REPORT,
    EVALUATION,
    CHECKPOINT,
    OUTPUT,
    CODE,
    WEIGHTS,
    DATASET,
)
BY_TITLE = {kind.title: kind for kind in KINDS}
