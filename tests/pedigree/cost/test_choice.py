"""The choice of an instance, by hand-checked figures: what is measured, what is estimated and from what, what is not known."""

import json
from typing import Any

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from pedigree.cost.choice import Option, options_of, recommend, training_types
from pedigree.cost.page import choice_page
from pedigree.cost.throughput import Throughput, throughput_of
from pedigree.prices.instances import TABLE, hardware_of, read_instances
from pedigree.prices.prices import read_table
from pedigree.settings import Training
from pedigree.values import Dataset

DATASET = Dataset("da7a", "s3://bucket/datasets/da7a/", ("a", "b"), {"train": 6000, "valid": 800, "test": 800}, "created")
CPU = Throughput("job-cpu", "ml.m5.xlarge", 1, images_per_second=100, other_seconds=60)
GPU = Throughput("job-gpu", "ml.g4dn.xlarge", 1, images_per_second=1000, other_seconds=240, spot_saving=0.7)


def options(*throughputs: Throughput, **training: Any) -> dict[str, Option]:
    """By their names; ten epochs, and no disk, which would blur the figures."""
    asked = Training(epochs=10, **{"volume_gb": 1, "instance_type": "ml.m5.xlarge"} | training)
    return {option.named: option for option in options_of(throughputs, read_table(), DATASET, asked)}


def job(**changed: Any) -> dict[str, Any]:
    """As DescribeTrainingJob answers."""
    metrics = {"epoch:seconds": 12.5, "epoch:images_per_second": 480.0, "valid:loss": 0.4}
    return {
        "TrainingJobName": "pets--train-1",
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2},
        "HyperParameters": {"epochs": "4"},
        "FinalMetricDataList": [{"MetricName": name, "Value": value} for name, value in metrics.items()],
        "TrainingTimeInSeconds": 80,
        "BillableTimeInSeconds": 80,
    } | changed


def test_a_job_measures_its_epochs_and_all_that_was_not_one() -> None:
    measured = throughput_of(job())
    assert measured == Throughput("pets--train-1", "ml.m5.xlarge", 2, images_per_second=480.0, other_seconds=30.0)
    assert measured.seconds(images=960, epochs=10) == 30 + 10 * 2


def test_a_spot_job_has_a_saving_as_aws_computes_it() -> None:
    measured = throughput_of(job(EnableManagedSpotTraining=True, TrainingTimeInSeconds=500, BillableTimeInSeconds=100))
    assert measured is not None
    assert measured.spot_saving == pytest.approx(0.8)


def test_a_job_that_did_not_measure_itself_tells_nothing() -> None:
    assert throughput_of(job(FinalMetricDataList=[])) is None


def test_what_was_measured_is_scaled_to_this_job_s_images_and_epochs() -> None:
    option = options(CPU)["ml.m5.xlarge"]
    assert (option.seconds, option.basis, option.measured) == (60 + 10 * 6000 / 100, "measured by job-cpu", True)
    assert option.usd == pytest.approx(660 / 3600 * 0.23, rel=0.01)


def test_within_a_family_there_are_estimates_which_say_what_they_rest_on() -> None:
    found = options(CPU, GPU)
    told = {name: (option.seconds, option.basis, option.measured) for name, option in found.items()}
    assert told["ml.m5.large"] == (60 + 600 * 2, "estimate: 0.5 times the vCPUs of ml.m5.xlarge, if they all help", False)
    assert told["ml.m5.4xlarge"] == (60 + 600 / 4, "estimate: 4 times the vCPUs of ml.m5.xlarge, if they all help", False)
    assert told["ml.g4dn.2xlarge"] == (300, "estimate: the GPU of ml.g4dn.xlarge, if that is what limits", False)
    assert told["m5.xlarge"] == (660, "estimate: the machine of ml.m5.xlarge", False)
    assert found["m5.xlarge"].usd == pytest.approx(660 / 3600 * 0.192)


def test_between_families_and_numbers_of_instances_nothing_is_guessed() -> None:
    assert options(CPU)["ml.c5.xlarge"].basis == options(CPU)["ml.g5.xlarge"].basis == "not measured"
    together = options(CPU, instance_count=4)
    assert (together["4 x ml.m5.xlarge"].seconds, together["4 x ml.m5.large"].seconds) == (None, None)
    assert together["ml.m5.xlarge"].measured
    assert "m5.xlarge" in together  # on EC2 it is always one


def test_with_nothing_measured_nothing_is_recommended() -> None:
    training = Training(instance_type="ml.g4dn.xlarge")
    found = options_of([], read_table(), DATASET, training)
    assert {option.seconds for option in found} == {None}
    words = "No recommendation: no similar job has run in this account. The settings ask for ml.g4dn.xlarge."
    assert recommend(found, training) == (None, words)


def test_the_cheapest_that_was_measured_is_recommended_beside_the_fastest() -> None:
    found = list(options(CPU, GPU).values())
    best, why = recommend(found, Training(epochs=10))
    assert best is not None
    assert best.named == "ml.m5.xlarge"
    faster = "the fastest is ml.g4dn.xlarge: about $0.06 in 5 min."
    assert why == f"ml.m5.xlarge: the cheapest of 2 measured types, about $0.04 in 11 min; {faster}"
    cheaper = [option.named for option in found if not option.measured and option.usd is not None and option.usd < (best.usd or 0)]
    assert "m5.xlarge" in cheaper  # an estimate wins nothing


def test_what_does_not_end_in_time_is_not_recommended() -> None:
    best, why = recommend(list(options(CPU, GPU).values()), Training(epochs=10, max_runtime_seconds=400))
    assert best is not None
    assert why == "ml.g4dn.xlarge: the only measured type, about $0.06 in 5 min."
    none, why = recommend(list(options(CPU).values()), Training(epochs=10, max_runtime_seconds=400))
    assert none is None
    assert why.startswith("No recommendation: none of the 1 measured types ends within max_runtime_seconds")


def test_a_type_that_the_tables_lack_is_listed_when_asked_for() -> None:
    option = options(CPU, instance_type="ml.trn1.2xlarge")["ml.trn1.2xlarge"]
    assert (option.hardware, option.usd_per_hour, option.seconds, option.usd) == (None, None, None, None)


def test_the_page_has_a_row_for_each_with_what_is_known() -> None:
    found = list(options(CPU, GPU).values())
    page = choice_page(found, *recommend(found, Training(epochs=10)), prices_of="a table")
    assert page.startswith("**ml.m5.xlarge: the cheapest of 2 measured types")
    assert "| `ml.m5.xlarge` ✓ | 4 | 16 GiB |  | $0.230 | known afterwards | 11 min | $0.04 | measured by job-cpu |" in page
    assert "| `ml.g4dn.xlarge` | 4 | 16 GiB | T4, 16 GiB | $0.736 | 70% less, measured | 5 min | $0.06 | measured by job-gpu |" in page
    assert "| `ml.g5.xlarge` | 4 | 16 GiB | A10G, 22 GiB | $1.408 | known afterwards |  |  | not measured |" in page
    assert "| `m5.xlarge` | 4 | 16 GiB |  | $0.192 | changes hourly | 11 min | $0.04 | estimate: the machine of ml.m5.xlarge |" in page
    assert page.count("\n| `") == len(training_types())


@pytest.mark.parametrize("name", read_instances())
def test_the_table_of_hardware_is_what_ec2_describes(name: str) -> None:
    described, hardware = INSTANCE_TYPES[name], hardware_of(f"ml.{name}")
    assert hardware is not None
    gpus = described.get("GpuInfo", {}).get("Gpus", [])
    assert (hardware.vcpus, hardware.memory_mib) == (described["VCpuInfo"]["DefaultVCpus"], described["MemoryInfo"]["SizeInMiB"])
    assert [(gpu["Count"], gpu["Name"], gpu["MemoryInfo"]["SizeInMiB"]) for gpu in gpus] == (
        [(1, hardware.gpu, hardware.gpu_memory_mib)] if hardware.gpu else []
    )


def test_the_table_says_where_it_comes_from() -> None:
    assert "DescribeInstanceTypes" in json.loads(TABLE.read_text())["source"]
