"""Start of execution environments: the unpacked zip, the Python of the Lambda image, and credentials of the execution role."""

import hashlib
import io
import threading
import uuid
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from local_aws.cloud import Cloud
from local_aws.functions.environment import Environment, Initialization
from local_aws.functions.spec import Spec
from local_aws.iam.on_behalf import log_under
from local_aws.iam.roles import assume_execution_role
from local_aws.images import LAMBDA_PYTHON, image_environment


class Launcher:
    """Starts environments; their files are in `functions/` of the cloud's state folder."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud, self._root = cloud, cloud.state / "functions"
        self._building = threading.Lock()

    def start(self, spec: Spec, kind: Initialization) -> Environment:
        """A new environment whose runtime is starting; AwsError when Lambda may not assume the function's role."""
        credentials = assume_execution_role(self._cloud, spec.role, "lambda.amazonaws.com")
        with self._building:
            task = self._unpack(spec.code)
            image = image_environment(LAMBDA_PYTHON, self._root)
        output = self._root / f"{spec.name}-{uuid.uuid4().hex}.log"
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[{spec.version}]{uuid.uuid4().hex}"
        return Environment(
            spec,
            kind,
            task=task,
            output=output,
            variables={**dict(spec.variables), **image, **lambda_variables(spec, task), **credentials},
            log=log_under(self._cloud, spec.role, f"/aws/lambda/{spec.name}", stream),
        )

    def _unpack(self, code: bytes) -> Path:
        task = self._root / "code" / hashlib.sha256(code).hexdigest()
        if not task.exists():
            with zipfile.ZipFile(io.BytesIO(code)) as archive:
                archive.extractall(task)
        return task


def lambda_variables(spec: Spec, task: Path) -> dict[str, str]:
    """The environment variables of a runtime.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    """
    return {
        "_HANDLER": spec.handler,
        "LAMBDA_TASK_ROOT": str(task),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory),
        "TZ": ":UTC",
    }
