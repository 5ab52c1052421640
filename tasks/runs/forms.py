"""The labels of a flow's parameters in the form of the Prefect UI."""

from typing import Annotated, Any

from pydantic import Field
from pydantic.fields import FieldInfo

from pedigree import settings


def shown(title: str, description: str, **limits: Any) -> FieldInfo:
    """The field for `Annotated[...]`: Prefect overwrites title and description of an ordinary Field, but not of its JSON schema.

    A number with limits must be finite.
    """
    finite = False if limits else None
    field: FieldInfo = Field(json_schema_extra={"title": title, "description": description}, allow_inf_nan=finite, **limits)
    return field


# the groups of the form; capitals tell a group from its fields
TrainingGroup = Annotated[settings.Training, shown("TRAINING", "The network, how it is trained, and on which instances.")]
Ec2Group = Annotated[settings.Ec2, shown("EC2", "A second training on an EC2 instance; the better model goes on.")]
GateGroup = Annotated[settings.Gate, shown("GATE", "The least that a model must reach to be registered.")]
ServingGroup = Annotated[settings.Serving, shown("SERVING", "The endpoint and how an update moves its traffic.")]
AutoscalingGroup = Annotated[settings.Autoscaling, shown("AUTOSCALING", "The instance count of the endpoint: limits, policy, schedules.")]
FunctionGroup = Annotated[settings.Function, shown("FUNCTION", "The Lambda function that callers ask: memory, concurrency, address.")]
TuningGroup = Annotated[settings.Tuning, shown("TUNING", "The settings that the trials vary.")]
ScoringGroup = Annotated[settings.Scoring, shown("SCORING", "The model that is asked, and its transform jobs.")]
TrafficGroup = Annotated[settings.Traffic, shown("TRAFFIC", "The requests that the endpoint must serve.")]
GoalGroup = Annotated[settings.Goal, shown("GOAL", "The latency and the share of dropped requests that are allowed.")]
EnvironmentGroup = Annotated[settings.Environment, shown("ENVIRONMENT", "The account and the project of the run.")]
