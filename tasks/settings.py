"""What a person may choose, as the forms of the Prefect UI show it."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Environment(Settings):
    """Where it runs: the same code reaches the laptop's embedded AWS and a real account through the block named here."""

    credentials: str = Field("pedigree", title="Credentials", description="Name of the Prefect AwsCredentials block.")
    project: Annotated[
        str,
        Field(
            pattern="^[a-z][a-z0-9-]{0,18}[a-z0-9]$",
            description="Prefix of every name in the account, and the name of its bootstrap stack.",
        ),
    ] = "pedigree"


class Training(Settings):
    """How the model is trained. All but where and how long it runs, `compare` and `retry_failed`, decides the outcome, and so the name."""

    architecture: str = Field("resnet50", description="small_cnn, or any torchvision classification architecture by name.")
    pretrained: bool = Field(default=True, description="Begin from ImageNet weights, which the training job downloads.")
    freeze_backbone: bool = Field(default=True, description="Train the last layer only.")
    image_size: Annotated[int, Field(ge=16, le=1024, description="Pixels on each side.")] = 224
    epochs: Annotated[int, Field(ge=1, le=1000, description="Passes over the training split; the best one on valid is kept.")] = 10
    batch_size: Annotated[int, Field(ge=1, le=4096, description="Images a step, over all instances.")] = 64
    learning_rate: Annotated[float, Field(gt=0, le=1, description="The highest one; it is annealed over the epochs.")] = 1e-3
    seed: Annotated[int, Field(ge=0, description="Decides weights, order and augmentation.")] = 0
    instance_type: str = Field("ml.g4dn.xlarge", description="SageMaker instance type of the training job.")
    instance_count: Annotated[
        int, Field(ge=1, le=20, description="Instances that train one model together, each on its share of every batch.")
    ] = 1
    fallback_instance_types: tuple[str, ...] = Field((), description="Tried in this order where AWS has no capacity for `instance_type`.")
    spot: bool = Field(
        default=False, description="On spot instances: cheaper, may take an hour longer; interrupted, it goes on from its checkpoint."
    )
    compare: bool = Field(default=False, description="Train on one instance too, side by side, and take the better model.")
    max_runtime_seconds: Annotated[int, Field(ge=60, le=432_000, description="SageMaker stops the job after this time.")] = 7200
    volume_gb: Annotated[int, Field(ge=1, le=16_384, description="Disk of each training instance.")] = 30
    image: str | None = Field(None, description="Training image; empty for AWS's PyTorch image of this region and instance type.")
    fresh: str = Field("", description="Any new word trains again although nothing changed.")
    retry_failed: bool = Field(default=False, description="Try again where the same job failed or was stopped before.")

    @model_validator(mode="after")
    def there_is_something_to_compare(self) -> Self:
        if self.compare and self.instance_count == 1:
            raise ValueError("compare trains on one instance beside several: set instance_count to 2 or more")
        return self

    @property
    def instance_types(self) -> tuple[str, ...]:
        """The wanted one and those in its place, in their order."""
        return (self.instance_type, *self.fallback_instance_types)

    def on(self, instance_type: str) -> Self:
        return self.model_copy(update={"instance_type": instance_type})


class Ec2(Settings):
    """Training on an EC2 instance that is started for it and terminated after it; how it trains, the group `training` says."""

    enabled: bool = Field(default=False, description="Train there too, and take the better model.")
    instance_type: Literal["m5.xlarge", "g4dn.xlarge"] = Field("m5.xlarge", description="EC2 instance type; g4dn.xlarge has a GPU.")


class Gate(Settings):
    """What a model must reach to be registered. It must beat chance in any case."""

    min_accuracy: Annotated[float, Field(ge=0, le=1, description="Least share of right answers on the test split.")] = 0.0
    against_champion: Annotated[
        Literal["surely better", "better", "not worse", "ignored"],
        Field(
            title="Against the champion",
            description="The live model answers the same test images; surely better: the 95% interval of the difference is above 0.",
        ),
    ] = "not worse"


class Guardrails(Settings):
    """How an update of a live endpoint moves its traffic, and what takes it back."""

    shift: Annotated[
        Literal["canary", "linear"],
        Field(description="From two instances on: in two steps or in equal ones. A single one changes at once."),
    ] = "canary"
    step_percent: Annotated[int, Field(ge=10, le=50, description="Of the instances, the size of the canary or of a linear step.")] = 10
    bake_seconds: Annotated[
        int, Field(ge=120, le=1800, description="How long the alarms are watched after each step, the last included.")
    ] = 300
    max_errors: Annotated[int, Field(ge=0, description="Answers 5xx in a minute; one more and the update goes back.")] = 0
    max_p99_seconds: Annotated[
        float, Field(gt=0, le=60, description="In the model, 99 of 100 answers of a minute; slower and the update goes back.")
    ] = 10.0


class Serving(Settings):
    """The endpoint that serves the model."""

    endpoint_name: str | None = Field(
        None, pattern="^[a-z][a-z0-9-]{0,50}[a-z0-9]$", description="Empty for the project's name; another one begins with `<project>-`."
    )
    instance_type: str = Field("ml.m5.large", description="SageMaker instance type behind the endpoint.")
    initial_instance_count: Annotated[int, Field(ge=1, le=100, description="Of a new endpoint; a live one keeps its count.")] = 1
    image: str | None = Field(None, description="Inference image; empty for AWS's PyTorch image of this region and instance type.")
    startup_seconds: Annotated[int, Field(ge=60, le=3600, description="For a container to become healthy.")] = 600
    guardrails: Guardrails = Field(Guardrails(), description="Of updates; see below.")


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


class ProvisionedSchedule(Settings):
    """Of a function's autoscaling: new limits of what is kept warm at a time."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,50}$", description="Of the scheduled action.")]
    when: Annotated[str, Field(pattern=WHEN, description="cron(0 8 ? * MON-FRI *), rate(1 day) or at(2026-12-24T08:00:00).")]
    timezone: str = Field("UTC", description="Such as Europe/Berlin.")
    lowest: Annotated[int, Field(ge=1, description="From then on.")]
    highest: Annotated[int, Field(ge=1, description="From then on.")]


class Function(Settings):
    """The Lambda function in front of the endpoint."""

    memory_mb: Annotated[int, Field(ge=128, le=10_240, description="Memory, and with it CPU.")] = 256
    timeout_seconds: Annotated[int, Field(ge=1, le=900, description="For one request, fetching its image included.")] = 30
    reserved_concurrency: Annotated[int, Field(ge=1, description="Most requests at once; more are answered 429.")] = 5
    provisioned_concurrency: Annotated[int, Field(ge=0, description="Environments kept warm; at most the reserved ones.")] = 3
    max_provisioned_concurrency: Annotated[
        int | None,
        Field(ge=1, description="Autoscaling keeps up to so many warm, `provisioned_concurrency` at least; empty for always as many."),
    ] = None
    target_utilization: Annotated[
        float, Field(ge=0.1, le=0.9, description="Of the warm environments, the share in use that autoscaling aims at.")
    ] = 0.7
    provisioned_schedules: Annotated[
        tuple[ProvisionedSchedule, ...],
        Field(description="Times with limits of their own: `name`, `when`, `timezone`, `lowest`, `highest`."),
    ] = ()
    canary_percent: Annotated[
        int, Field(ge=0, le=50, description="Of the requests, the share that a new version gets first; 0 moves all at once.")
    ] = 0
    canary_seconds: Annotated[
        int, Field(ge=1, le=3600, description="How long it has to answer them without an error; AWS counts errors by the minute.")
    ] = 300
    url: Annotated[
        Literal["none", "iam", "public"],
        Field(
            title="Function URL",
            description="An HTTPS address beside the alias: iam takes requests that are signed, public everybody's, at your cost.",
        ),
    ] = "none"

    @model_validator(mode="after")
    def provisioned_is_no_more_than_reserved(self) -> Self:
        if self.provisioned_concurrency > self.reserved_concurrency:
            raise ValueError(
                f"provisioned_concurrency {self.provisioned_concurrency} is more than reserved_concurrency {self.reserved_concurrency}"
            )
        return self

    @model_validator(mode="after")
    def what_scales_stays_within_the_reserved(self) -> Self:
        names = [schedule.name for schedule in self.provisioned_schedules]
        most = max([self.max_provisioned_concurrency or 0, *(schedule.highest for schedule in self.provisioned_schedules)])
        if most > self.reserved_concurrency:
            raise ValueError(f"up to {most} provisioned are more than reserved_concurrency {self.reserved_concurrency}")
        if self.scales_provisioned and not 1 <= self.provisioned_concurrency <= (
            self.max_provisioned_concurrency or self.reserved_concurrency
        ):
            raise ValueError("autoscaling needs provisioned_concurrency from 1 to max_provisioned_concurrency")
        if any(schedule.lowest > schedule.highest for schedule in self.provisioned_schedules) or len(set(names)) < len(names):
            raise ValueError("provisioned_schedules: each needs a name of its own, and a lowest that is no more than its highest")
        return self

    @property
    def scales_provisioned(self) -> bool:
        return self.max_provisioned_concurrency is not None or bool(self.provisioned_schedules)

    @property
    def provisioned_range(self) -> tuple[int, int]:
        """The fewest and the most that settings and schedules allow."""
        highest = self.max_provisioned_concurrency or self.provisioned_concurrency
        schedules = self.provisioned_schedules
        return (
            min([self.provisioned_concurrency, *(schedule.lowest for schedule in schedules)]),
            max([highest, *(schedule.highest for schedule in schedules)]),
        )


class Tuning(Settings):
    """What `tune` varies. The other settings of `training` hold for every trial, `epochs` too, and its seed decides the proposals."""

    trials: Annotated[int, Field(ge=1, le=500, description="Training jobs in all; a higher number goes on where a lower one ended.")] = 12
    parallel: Annotated[int, Field(ge=1, le=50, description="Trials at a time, each on its own instances.")] = 2
    min_learning_rate: Annotated[float, Field(gt=0, le=1, description="The lowest one tried; the scale is logarithmic.")] = 1e-4
    max_learning_rate: Annotated[float, Field(gt=0, le=1, description="The highest one tried.")] = 3e-2
    batch_sizes: tuple[Annotated[int, Field(ge=1, le=4096)], ...] = Field(
        (16, 32, 64, 128), description="Those tried; none for that of the training."
    )
    freeze_backbone: tuple[bool, ...] = Field((), description="true and false to try both; none for that of the training.")
    architectures: tuple[str, ...] = Field((), description="Those tried; none for that of the training.")
    prune: bool = Field(default=True, description="Stop a trial whose validation loss is worse than the median of the others.")

    @model_validator(mode="after")
    def lowest_is_no_more_than_highest(self) -> Self:
        if self.min_learning_rate > self.max_learning_rate:
            raise ValueError(f"min_learning_rate {self.min_learning_rate} is more than max_learning_rate {self.max_learning_rate}")
        return self


class Scoring(Settings):
    """How `score` asks a model about many images."""

    package: str | None = Field(None, description="ARN of an approved model package; empty for the live one.")
    endpoint_name: str | None = Field(None, description="Of which the live model is asked; empty for the project's own.")
    format: Literal["parquet", "jsonl"] = Field("parquet", description="Of the predictions; jsonl is JSON Lines.")
    instance_type: str = Field("ml.m5.large", description="SageMaker instance type of the transform jobs.")
    images_per_job: Annotated[
        int, Field(ge=1, le=20_000, description="In one transform job: what is done again at most when one fails or is stopped.")
    ] = 5000
    parallel: Annotated[int, Field(ge=1, le=50, description="Jobs at a time, each on an instance of its own.")] = 1
    retry_failed: bool = Field(default=False, description="Try again where the same job failed or was stopped before.")
