"""How many instances serve."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pedigree.settings.base import Settings

WHEN = r"^(at|cron|rate)\(.+\)$"  # of a scheduled action


class CpuStep(Settings):
    """Of step scaling: from this CPU on, up for a change that adds and down for one that removes."""

    cpu: Annotated[float, Field(ge=0, description="CPUUtilization of an instance, in percent of one core: 400 is all of four.")]
    change: Annotated[int, Field(ge=-100, le=100, description="Instances to add, or below 0 to remove.")]


class Schedule(Settings):
    """New limits at a time."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,50}$", description="Of the scheduled action.")]
    when: Annotated[str, Field(pattern=WHEN, description="cron(0 8 ? * MON-FRI *), rate(1 day) or at(2026-12-24T08:00:00).")]
    timezone: str = Field("UTC", description="Such as Europe/Berlin.")
    min_instances: Annotated[int, Field(ge=1, le=100, description="From then on.")]
    max_instances: Annotated[int, Field(ge=1, le=100, description="From then on.")]


CPU_STEPS = (CpuStep(cpu=30, change=-1), CpuStep(cpu=70, change=1), CpuStep(cpu=90, change=2))


class Autoscaling(Settings):
    """How many instances serve: what decides it, within which limits, and when these change."""

    policy: Annotated[
        Literal["invocations", "latency", "cpu steps"],
        Field(description="Track invocations per instance, track the model's latency, or go up and down the steps of the CPU."),
    ] = "invocations"
    min_instances: Annotated[int, Field(ge=1, le=100, description="It never scales in below.")] = 1
    max_instances: Annotated[int, Field(ge=1, le=100, description="It never scales out above.")] = 3
    target: Annotated[float, Field(gt=0, description="Invocations per instance and minute.")] = 3.0
    latency_target_ms: Annotated[float, Field(gt=0, description="Policy `latency`: of the model, the average of a minute.")] = 500.0
    cpu_steps: Annotated[
        tuple[CpuStep, ...],
        Field(min_length=1, description="Policy `cpu steps`: instances to add from a CPU upwards, to remove downwards."),
    ] = CPU_STEPS
    scale_in_cooldown: Annotated[int, Field(ge=0, description="Seconds between two steps in.")] = 300
    scale_out_cooldown: Annotated[int, Field(ge=0, description="Seconds between two steps out.")] = 300
    schedules: Annotated[
        tuple[Schedule, ...],
        Field(description="Times with limits of their own: `name`, `when`, `timezone`, `min_instances`, `max_instances`."),
    ] = ()

    @model_validator(mode="after")
    def steps_are_apart(self) -> Self:
        out, down = [step.cpu for step in self.cpu_steps if step.change > 0], [step.cpu for step in self.cpu_steps if step.change <= 0]
        if not out or any(step.change == 0 for step in self.cpu_steps):
            raise ValueError("cpu_steps needs a step that adds instances, and none may change nothing")
        if down and max(down) >= min(out):
            raise ValueError(f"cpu_steps removes instances up to {max(down):g}% and adds them from {min(out):g}%: both at once")
        if len({step.cpu for step in self.cpu_steps}) < len(self.cpu_steps):
            raise ValueError("cpu_steps has two steps at the same CPU")
        return self

    @model_validator(mode="after")
    def schedules_are_in_order(self) -> Self:
        wrong = [schedule.name for schedule in self.schedules if schedule.min_instances > schedule.max_instances]
        if wrong:
            raise ValueError(f"min_instances is more than max_instances in schedule {', '.join(wrong)}")
        if len({schedule.name for schedule in self.schedules}) < len(self.schedules):
            raise ValueError("two schedules have the same name")
        return self

    @model_validator(mode="after")
    def minimum_is_no_more_than_maximum(self) -> Self:
        if self.min_instances > self.max_instances:
            raise ValueError(f"min_instances {self.min_instances} is more than max_instances {self.max_instances}")
        return self
