"""The refusals of CreateHyperParameterTuningJob: requests that AWS refuses, and requests that local_aws cannot run."""

from collections.abc import Mapping
from typing import Any

from local_aws.call import AwsError
from local_aws.tuning.ranges import combinations, ranges_of

STRATEGIES = ("Bayesian", "Random", "Grid")
PASSED_ON = (
    *("AlgorithmSpecification", "RoleArn", "InputDataConfig", "VpcConfig", "OutputDataConfig", "ResourceConfig", "StoppingCondition"),
    *("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining", "CheckpointConfig"),
    *("RetryStrategy", "Environment"),
)
UNSERVED = ("WarmStartConfig", "Autotune", "TrainingJobDefinitions")
UNSERVED_CONFIG = ("StrategyConfig", "TuningJobCompletionCriteria")
UNSERVED_DEFINITION = ("HyperParameterRanges", "TuningObjective")
RESOURCES = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")


def validate(spec: Mapping[str, Any]) -> None:
    """Check a request; ValidationException for what AWS refuses or local_aws cannot run."""
    config, definition = spec["HyperParameterTuningJobConfig"], spec.get("TrainingJobDefinition", {})
    unserved = [name for name in UNSERVED if name in spec] + [name for name in UNSERVED_CONFIG if name in config]
    if unserved := unserved + [name for name in UNSERVED_DEFINITION if name in definition]:
        raise invalid(f"local_aws serves no {' and no '.join(unserved)} of tuning jobs.")
    if not definition:
        raise invalid("TrainingJobDefinition is required.")
    if config["Strategy"] not in STRATEGIES:
        raise invalid(f"local_aws serves the strategies {', '.join(STRATEGIES)}, not {config['Strategy']}.")
    if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise invalid("local_aws stops no training job early: TrainingJobEarlyStoppingType must be Off.")
    validate_objective(config, definition)
    validate_ranges(config, definition)


def training_definition(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a TrainingJobDefinition that a CreateTrainingJob request takes, with its instances as ResourceConfig."""
    asked = {member: definition[member] for member in PASSED_ON if member in definition}
    resources = definition.get("HyperParameterTuningResourceConfig")
    if resources is None:
        return asked
    if "InstanceType" not in resources or "InstanceConfigs" in resources:
        raise invalid("local_aws gives all training jobs of a tuning job one InstanceType; InstanceConfigs are not served.")
    return asked | {"ResourceConfig": {member: resources[member] for member in RESOURCES if member in resources}}


def validate_objective(config: Mapping[str, Any], definition: Mapping[str, Any]) -> None:
    if "HyperParameterTuningJobObjective" not in config:
        raise invalid("HyperParameterTuningJobObjective is required.")
    wanted = config["HyperParameterTuningJobObjective"]["MetricName"]
    defined = [metric["Name"] for metric in definition["AlgorithmSpecification"].get("MetricDefinitions", [])]
    if wanted not in defined:
        raise invalid(f"The objective metric {wanted} is not in the MetricDefinitions of the training job: {', '.join(defined) or 'none'}.")


def validate_ranges(config: Mapping[str, Any], definition: Mapping[str, Any]) -> None:
    if config.get("ParameterRanges", {}).get("AutoParameters"):
        raise invalid("local_aws serves no AutoParameters of tuning jobs.")
    ranges, limits = ranges_of(config), config["ResourceLimits"]
    if not ranges:
        raise invalid("ParameterRanges needs at least one range.")
    if both := sorted({each.name for each in ranges} & definition.get("StaticHyperParameters", {}).keys()):
        raise invalid(f"A hyperparameter is static or has a range, not both: {', '.join(both)}.")
    if config["Strategy"] != "Grid":
        if "MaxNumberOfTrainingJobs" not in limits:
            raise invalid(f"ResourceLimits.MaxNumberOfTrainingJobs is required for the strategy {config['Strategy']}.")
        return
    # https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
    if any(not each.values for each in ranges):
        raise invalid("Only categorical parameters are supported when using the grid search strategy.")
    if (asked := limits.get("MaxNumberOfTrainingJobs")) not in (None, combinations(ranges)):
        raise invalid(f"The grid has {combinations(ranges)} combinations, but MaxNumberOfTrainingJobs is {asked}.")


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
