"""Start the stack, or the parts of it that do not run: `python -m deployments.laptop.up`.

The embedded AWS, the Prefect server, its worker, the registration of the deployments and the default dataset start in parallel.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.laptop.account import ensure_account
from deployments.laptop.auth_string import ensure_auth_string, how_to_log_in
from deployments.laptop.prefect_toml import how_to_use_prefect, update_prefect_toml
from deployments.laptop.registration import registering
from deployments.laptop.services import ensure_local_aws, ensure_server, ensure_worker, wait_for_services
from deployments.laptop.stack import REGION, ROOT, Stack, StackError, default_folder, only_one, use_environment


def main() -> int:
    started = time.monotonic()
    try:
        stack = bring_up(default_folder())
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    print(summary(stack, time.monotonic() - started))
    return 0


def bring_up(folder: Path) -> Stack:
    """Return the running stack; start, repair and register only what is missing. Raises StackError."""
    use_environment(folder)
    with only_one(folder):
        ensure_auth_string(folder)
        stack = Stack.load(folder)
        ensure_local_aws(stack)
        ensure_server(stack)
        ensure_worker(stack)
        with registering(stack), drawing(folder / "shapes"):
            ensure_account(stack)
            wait_for_services(stack)
        update_prefect_toml(stack)
    return stack


@contextmanager
def drawing(dataset: Path) -> Iterator[None]:
    """Draw the default dataset while the body runs, unless the dataset exists."""
    with subprocess.Popen([sys.executable, "-m", "deployments.laptop.default_dataset", str(dataset)], cwd=ROOT) as process:  # noqa: S603
        yield
    if process.returncode != 0:
        raise StackError(f"The default dataset could not be written to {dataset}, see above.")


def summary(stack: Stack, seconds: float) -> str:
    return f"""The stack is up ({seconds:.1f} s).
  Prefect UI   {stack.prefect_url}/v2/dashboard
  AWS          {stack.aws_url}, region {REGION}
  Logs         {stack.folder}/logs/
  {how_to_log_in(stack.folder)}
  To use the AWS CLI as the flows do:
    export AWS_CONFIG_FILE={stack.folder}/aws/config AWS_SHARED_CREDENTIALS_FILE={stack.folder}/aws/credentials AWS_PROFILE=pedigree
  {how_to_use_prefect(stack)}
  make run puts a model into production, make down ends everything."""


if __name__ == "__main__":
    sys.exit(main())
