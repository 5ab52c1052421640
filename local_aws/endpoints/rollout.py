"""Updates of an endpoint: a new fleet must start and be healthy before it gets the traffic, then the old fleet drains."""

import shutil
import sys
import tarfile
import time
import traceback
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.call import AwsError
from local_aws.cloud import Cloud
from local_aws.endpoints.container import Container
from local_aws.endpoints.endpoint import INTERNAL_ERROR, Endpoint
from local_aws.endpoints.instance import Launch
from local_aws.endpoints.models import SERVICE, Models
from local_aws.endpoints.shift import AT_ONCE, Shift
from local_aws.endpoints.variant import Origin, StartFailed, Variant
from local_aws.iam.on_behalf import log_under, missing_pull, pull_denied
from local_aws.iam.roles import assume_execution_role
from local_aws.images import find_image, image_environment

HEALTH_CHECK_SECONDS = 300.0
LOG_GROUP = "/aws/sagemaker/Endpoints"
LOOK_SECONDS = 0.05  # between two checks of the alarms


class RolledBack(Exception):
    """The new fleet failed during the update; the text is a FailureReason."""


def failure_of(change: Callable[[], None]) -> str:
    """Make a change; return the reason of its failure as a FailureReason, empty when it succeeded."""
    try:
        change()
    except (StartFailed, RolledBack) as failure:
        return str(failure)
    except AwsError as refusal:
        return refusal.message
    except Exception:  # a bug of local_aws becomes an answer, as for every call
        traceback.print_exc(file=sys.stderr)
        return INTERNAL_ERROR
    return ""


class Rollout:
    """Changes of endpoints; each public method makes one change, in a separate thread."""

    def __init__(self, cloud: Cloud, models: Models) -> None:
        self._cloud, self._models = cloud, models
        self.detached: set[Variant] = set()  # starting or draining variants: no endpoint names them, so a shutdown finds them here

    def deploy(self, endpoint: Endpoint, config: str, settings: Sequence[Mapping[str, Any]], shift: Shift = AT_ONCE) -> None:
        """Deploy blue/green; when the new fleet fails or trips an alarm, the endpoint keeps the old fleet and reports the reason."""
        fleet: list[Variant] = []

        def update() -> None:
            fleet.extend(self._start(endpoint.name, self._origin(endpoint.name, setting)) for setting in settings)
            for variant in fleet:
                variant.wait_started()
            self._shift(endpoint, fleet, shift)

        if reason := failure_of(update):
            self._roll_back(endpoint, fleet, reason)
            return
        old = endpoint.serve(config, fleet)
        self.detached.difference_update(fleet)
        self._retire(old)

    def resume(self, endpoint: Endpoint) -> None:
        """Start the fleet again that served when local_aws ended; the endpoint has failed when an instance does not answer."""

        fleet: list[Variant] = []

        def start_again() -> None:
            fleet.extend(self._start(endpoint.name, origin) for origin in endpoint.origins)
            endpoint.resume(fleet)
            for variant in fleet:
                variant.wait_started()

        if reason := failure_of(start_again):
            endpoint.lose(reason)
            self._retire(fleet)
            return
        endpoint.resumed()
        self.detached.difference_update(fleet)

    def _shift(self, endpoint: Endpoint, fleet: Sequence[Variant], shift: Shift) -> None:
        """Shift all traffic step by step; RolledBack when an alarm is on or the time limit has passed."""
        end = time.monotonic() + shift.timeout
        for share, seconds in shift.steps:
            self._require_quiet(shift.alarms)
            endpoint.shift(fleet, share)
            baked = time.monotonic() + self._cloud.pace.seconds(seconds)
            while time.monotonic() < baked:
                time.sleep(LOOK_SECONDS)
                self._require_quiet(shift.alarms)
                if time.monotonic() > end:
                    raise RolledBack(f"The deployment did not end within its MaximumExecutionTimeoutInSeconds of {shift.timeout:.0f}.")

    def _require_quiet(self, names: Sequence[str]) -> None:
        alarms = self._cloud.books("cloudwatch").alarms
        for alarm in [alarms[name] for name in names if name in alarms]:
            if alarm.state_value == "ALARM":
                raise RolledBack(f"The alarm {alarm.name} was tripped, the deployment was rolled back: {alarm.state_reason}")

    def scale(self, endpoint: Endpoint, counts: Mapping[Variant, int]) -> None:
        reasons = []
        for variant, count in counts.items():
            try:
                variant.scale(count)
            except StartFailed as failure:
                reasons.append(str(failure))
        endpoint.settle(" ".join(reasons))

    def _roll_back(self, endpoint: Endpoint, fleet: Sequence[Variant], reason: str) -> None:
        if endpoint.variants:
            endpoint.roll_back()
        self._retire(fleet)
        endpoint.settle(reason)

    def _retire(self, variants: Sequence[Variant]) -> None:
        self.detached.update(variants)
        for variant in variants:
            variant.retire()
        self.detached.difference_update(variants)

    def delete_others(self, endpoints: Iterable[Endpoint]) -> None:
        """Delete the folders of an earlier local_aws that no variant of these endpoints needs."""
        needed = {self._folder / origin.folder for endpoint in endpoints for origin in endpoint.origins}
        for folder in {*self._folder.glob("*/*")} - needed:
            shutil.rmtree(folder)

    @property
    def _folder(self) -> Path:
        return self._cloud.state / "endpoints"

    def _origin(self, endpoint: str, setting: Mapping[str, Any]) -> Origin:
        return Origin(setting, self._models.container_of(setting["ModelName"]), f"{endpoint}/{uuid.uuid4().hex[:12]}")

    def _start(self, endpoint: str, origin: Origin) -> Variant:
        name, timeout = origin.settings["VariantName"], origin.settings.get("ContainerStartupHealthCheckTimeoutInSeconds")
        folder = self._folder / origin.folder
        launch = partial(self._launch, origin.container, folder, timeout or HEALTH_CHECK_SECONDS)
        role, group = origin.container.role, f"{LOG_GROUP}/{endpoint}"
        variant = Variant(origin, folder, launch, lambda instance: log_under(self._cloud, role, group, f"{name}/{instance}").write)
        self.detached.add(variant)
        return variant

    def _launch(self, container: Container, folder: Path, timeout: float, number: int, *, anew: bool) -> Launch:
        """Fetch the model with the rights of its role, as of `Launcher`; StartFailed when the image or the artifact is not available."""
        base = folder / str(number)
        if anew:
            shutil.rmtree(base, ignore_errors=True)
        image = find_image(container.image)
        if image is None or not image.serve:
            raise StartFailed(f'The image "{container.image}" does not exist or cannot serve: local_aws has no command for it.')
        credentials = assume_execution_role(self._cloud, container.role, SERVICE)
        if missing := missing_pull(self._cloud, container.role, container.image):
            raise StartFailed(pull_denied(container.role, missing, container.image))
        try:
            if not base.exists():
                container.fetch_model(self._cloud.client("s3", credentials), base / "model")
        except (ClientError, BotoCoreError, OSError, EOFError, tarfile.TarError, zlib.error) as error:
            raise StartFailed(
                f'Failed to download model data for container "container_1" from URL: "{container.model_data}". Please ensure that '
                "there is an object located at the URL and that the role passed to CreateModel has permissions to download the object. "
                f"({error})"
            ) from error
        environment = {**image_environment(image, self._cloud.state / "images"), **container.environment, **credentials}
        return Launch(image.serve, environment, base, timeout)
