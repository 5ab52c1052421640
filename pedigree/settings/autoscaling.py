"""How many instances serve."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pedigree.settings.base import Settings, Words
from pedigree.settings.schedules import Timezone, When


class CpuStep(Settings):
    """A step of step scaling: it adds instances at this CPU and above, or removes them at this CPU and below."""

    cpu: Annotated[float, Field(ge=0, description="CPUUtilization of an instance, in percent of one core: 400 is four busy cores.")]
    change: Annotated[int, Field(ge=-100, le=100, description="Instances to add; a negative number removes instances.")]


class Schedule(Settings):
    """New limits of the number of instances, from a certain time on."""

    name: Annotated[Words, Field(max_length=51, description="Name of the scheduled action.")]
    when: When
    timezone: Timezone = Field("UTC", description="Time zone, such as Europe/Berlin.")
    min_instances: Annotated[int, Field(ge=1, le=100, description="Minimum number of instances from this time on.")]
    max_instances: Annotated[int, Field(ge=1, le=100, description="Maximum number of instances from this time on.")]


CPU_STEPS = (CpuStep(cpu=30, change=-1), CpuStep(cpu=70, change=1), CpuStep(cpu=90, change=2))


class Autoscaling(Settings):
    """How many instances serve: the scaling policy, its limits, and the times when the limits change."""

    policy: Annotated[
        Literal["invocations", "latency", "cpu steps"],
        Field(description="Track the invocations per instance, track the model's latency, or scale by steps of the CPU."),
    ] = "invocations"
    min_instances: Annotated[int, Field(ge=1, le=100, description="Autoscaling never goes below this number.")] = 1
    max_instances: Annotated[int, Field(ge=1, le=100, description="Autoscaling never goes above this number.")] = 3
    target: Annotated[float, Field(gt=0, description="Policy `invocations`: invocations per instance and minute.")] = 3.0
    latency_target_ms: Annotated[float, Field(gt=0, description="Policy `latency`: average latency of the model in a minute.")] = 500.0
    cpu_steps: Annotated[
        tuple[CpuStep, ...],
        Field(min_length=1, description="Policy `cpu steps`: instances to add above a CPU, or to remove below a CPU."),
    ] = CPU_STEPS
    scale_in_cooldown: Annotated[int, Field(ge=0, description="Seconds between two scale-in steps.")] = 300
    scale_out_cooldown: Annotated[int, Field(ge=0, description="Seconds between two scale-out steps.")] = 300
    schedules: Annotated[
        tuple[Schedule, ...],
        Field(description="Times with other limits, each with `name`, `when`, `timezone`, `min_instances`, `max_instances`."),
    ] = ()

    @model_validator(mode="after")
    def steps_are_apart(self) -> Self:
        out, down = [step.cpu for step in self.cpu_steps if step.change > 0], [step.cpu for step in self.cpu_steps if step.change <= 0]
        if not out or any(step.change == 0 for step in self.cpu_steps):
            raise ValueError("cpu_steps needs a step that adds instances, and every step must add or remove an instance")
        if down and max(down) >= min(out):
            raise ValueError(
                f"cpu_steps removes instances up to {max(down):g}% and adds instances from {min(out):g}%: the ranges must not overlap"
            )
        if len({step.cpu for step in self.cpu_steps}) < len(self.cpu_steps):
            raise ValueError("cpu_steps has two steps at the same CPU: keep one of them")
        return self

    @model_validator(mode="after")
    def schedules_are_in_order(self) -> Self:
        wrong = [schedule.name for schedule in self.schedules if schedule.min_instances > schedule.max_instances]
        if wrong:
            raise ValueError(f"min_instances is more than max_instances in schedule {', '.join(wrong)}")
        if len({schedule.name for schedule in self.schedules}) < len(self.schedules):
            raise ValueError("two schedules have the same name: rename one of them")
        return self

    @model_validator(mode="after")
    def minimum_is_no_more_than_maximum(self) -> Self:
        if self.min_instances > self.max_instances:
            raise ValueError(f"min_instances {self.min_instances} is more than max_instances {self.max_instances}")
        return self

    @property
    def most_instances(self) -> int:
        """The largest number that settings and schedules allow."""
        return max([self.max_instances, *(schedule.max_instances for schedule in self.schedules)])
