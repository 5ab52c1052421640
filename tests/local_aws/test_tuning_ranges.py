"""The values that a tuning job draws, and the requests that it refuses."""

import copy
from itertools import islice
from typing import Any

import pytest

from local_aws.call import AwsError
from local_aws.tuning.ranges import Range, draws, ranges_of
from local_aws.tuning.request import training_definition, validate

LIMITS = {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}
ASKED: dict[str, Any] = {
    "HyperParameterTuningJobConfig": {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
        "ResourceLimits": LIMITS,
        "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "a", "Values": ["1", "2"]}, {"Name": "b", "Values": ["x", "y"]}]},
    },
    "TrainingJobDefinition": {
        "AlgorithmSpecification": {"MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*)"}]},
        "StaticHyperParameters": {"epochs": "1"},
    },
}


@pytest.mark.parametrize("scaling", ["Linear", "Logarithmic", "ReverseLogarithmic", "Auto"])
@pytest.mark.parametrize("strategy", ["Random", "Bayesian"])
def test_values_lie_in_their_range_and_differ(strategy: str, scaling: str) -> None:
    drawn = [float(each["lr"]) for each in islice(draws(strategy, [Range("lr", 0.001, 0.9, scaling=scaling)], None), 50)]
    assert all(0.001 <= each <= 0.9 for each in drawn)
    assert len(set(drawn)) == 50


def test_a_logarithmic_scale_draws_each_power_as_often() -> None:
    drawn = [float(each["lr"]) for each in islice(draws("Random", [Range("lr", 1e-6, 1.0, scaling="Logarithmic")], 0), 200)]
    assert 60 < sum(each < 1e-3 for each in drawn) < 140
    drawn = [float(each["m"]) for each in islice(draws("Random", [Range("m", 0.0, 0.999999, scaling="ReverseLogarithmic")], 0), 200)]
    assert 60 < sum(each > 0.999 for each in drawn) < 140


def test_whole_numbers_are_whole_and_a_seed_repeats_them() -> None:
    first, second = ([each["n"] for each in islice(draws("Random", [Range("n", 1, 3, whole=True)], 7), 30)] for _ in range(2))
    assert set(first) == {"1", "2", "3"}
    assert first == second


def test_a_grid_is_every_combination_once() -> None:
    found = list(draws("Grid", ranges_of(ASKED["HyperParameterTuningJobConfig"]), None))
    assert found == [{"a": "1", "b": "x"}, {"a": "1", "b": "y"}, {"a": "2", "b": "x"}, {"a": "2", "b": "y"}]


def test_a_complete_request_is_accepted() -> None:
    validate(ASKED)


def continuous(low: str, high: str, scaling: str = "Auto") -> dict[str, Any]:
    ranges = {"ContinuousParameterRanges": [{"Name": "lr", "MinValue": low, "MaxValue": high, "ScalingType": scaling}]}
    return {"ParameterRanges": ranges}


@pytest.mark.parametrize(
    ("config", "definition", "reason"),
    [
        ({"Strategy": "Hyperband"}, {}, "strategies Bayesian, Random, Grid, not Hyperband"),
        ({"TrainingJobEarlyStoppingType": "Auto"}, {}, "stops no training job early"),
        ({"TuningJobCompletionCriteria": {}}, {}, "serves no TuningJobCompletionCriteria"),
        ({}, {"HyperParameterRanges": {}}, "serves no HyperParameterRanges"),
        ({}, {"StaticHyperParameters": {"a": "1"}}, "static or has a range, not both: a"),
        ({}, {"AlgorithmSpecification": {}}, "The objective metric loss is not in the MetricDefinitions of the training job: none"),
        ({"ParameterRanges": {}}, {}, "at least one range"),
        (continuous("2", "1"), {}, "must not be greater than its MaxValue"),
        (continuous("a", "1"), {}, "must be numbers"),
        (continuous("0", "1", "Logarithmic"), {}, "needs values greater than 0"),
        (continuous("0", "1", "ReverseLogarithmic"), {}, "from 0 to below 1"),
        ({"Strategy": "Grid", **continuous("0", "1")}, {}, "Only categorical parameters"),
        ({"Strategy": "Grid", "ResourceLimits": {"MaxNumberOfTrainingJobs": 3}}, {}, "4 combinations, but MaxNumberOfTrainingJobs is 3"),
        ({"ResourceLimits": {"MaxParallelTrainingJobs": 1}}, {}, "MaxNumberOfTrainingJobs is required"),
    ],
)
def test_what_cannot_be_tuned_is_refused(config: dict[str, Any], definition: dict[str, Any], reason: str) -> None:
    asked = copy.deepcopy(ASKED)
    asked["HyperParameterTuningJobConfig"] |= config
    asked["TrainingJobDefinition"] |= definition
    with pytest.raises(AwsError, match=reason):
        validate(asked)


def test_the_instances_of_a_tuning_job_are_those_of_its_training_jobs() -> None:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 30}
    asked = {"RoleArn": "role", "StaticHyperParameters": {"a": "1"}, "HyperParameterTuningResourceConfig": resources}
    assert training_definition(asked) == {"RoleArn": "role", "ResourceConfig": resources}
    with pytest.raises(AwsError, match="one InstanceType"):
        training_definition({"HyperParameterTuningResourceConfig": {"InstanceConfigs": []}})


def test_a_warm_start_is_refused() -> None:
    with pytest.raises(AwsError, match="serves no WarmStartConfig"):
        validate({**ASKED, "WarmStartConfig": {}})
