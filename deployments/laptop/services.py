"""The three services of the stack: a healthy service is adopted, any other one is started anew."""

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from deployments.job_templates import process_template
from deployments.laptop import processes
from deployments.laptop.auth_string import read_auth_string
from deployments.laptop.ports import Port, reserved_port
from deployments.laptop.prefect_api import ApiError, PrefectApi
from deployments.laptop.stack import Stack, StackError

START_SECONDS = 180.0  # the first start on a machine compiles the installed packages
ADOPT_SECONDS = 20.0  # for a service that runs and does not answer yet
SPEED = "20"  # an update that is watched for five minutes on AWS is watched for 15 seconds here
POOL, WORKER = "local", "laptop"

OK, UNAUTHORIZED, NOT_FOUND, CONFLICT = 200, 401, 404, 409

Ready = Callable[[Stack], bool]


def ensure_local_aws(stack: Stack) -> None:
    """Adopt or start the embedded AWS, which goes on with its account."""
    if is_healthy(stack, "local_aws", aws_is_ready):
        return
    end(stack, "local_aws")
    if not (stack.folder / "local_aws" / "memory.db").exists():
        forget_account(stack)
    with reserved_port(*stack.last_port("local_aws"), 4566) as port:
        command = ["local_aws", "--port", str(port.number), "--state", str(stack.folder / "local_aws"), "--speed", SPEED]
        begin(stack, "local_aws", command, port=port)


def forget_account(stack: Stack) -> None:
    """Delete the records that depend on an account which is gone: persisted results of Prefect name its resources."""
    stack.outputs, stack.bootstrapped = {}, ""
    shutil.rmtree(stack.folder / "prefect" / "storage", ignore_errors=True)


def ensure_server(stack: Stack) -> None:
    if is_healthy(stack, "server", server_is_ready):
        return
    end(stack, "server")
    with reserved_port(*stack.last_port("server"), 4200) as port:
        command = ["deployments.laptop.server", "--host", "127.0.0.1", "--port", str(port.number)]
        if (port.number,) != stack.last_port("server"):
            end(stack, "worker")  # with its flow runs: they ask the address of the earlier server
        begin(stack, "server", command, port=port, environment=server_environment(port.number, read_auth_string(stack.folder)))


def server_environment(port: int, auth_string: str) -> dict[str, str]:
    """The settings of a server that answers only who has the auth string, and no page but its own."""
    origin = f"http://127.0.0.1:{port}"
    return {
        "PREFECT_SERVER_API_AUTH_STRING": auth_string,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origin,
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "deployments.ordering",
        "PREFECT_API_URL": f"{origin}/api",  # the address of this server also where prefect.toml names another one
        "PREFECT_API_AUTH_STRING": auth_string,  # for the watch
        # the default keeps leases in memory: a restart would forget them, and their concurrency slots would stay taken for ever
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_UI_API_URL": f"{origin}/api",  # without it the pages call port 4200, whatever server is there
    }


def ensure_worker(stack: Stack) -> None:
    """Adopt or start the worker; the record names the worker's keeper, which starts the worker again when it dies.

    A worker outlives its server, and its flow runs with it: it is not asked for, because the server may just start.
    """
    keeper = stack.services.get("worker")
    if keeper and processes.find(keeper):
        return
    pace = {"PREFECT_WORKER_QUERY_SECONDS": "2", "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.5"}
    begin(stack, "worker", ["deployments.laptop.keeper"], environment=client_environment(stack) | pace)


def client_environment(stack: Stack) -> dict[str, str]:
    """The settings of a process that asks the stack's server."""
    return {"PREFECT_API_URL": stack.api_url, "PREFECT_API_AUTH_STRING": read_auth_string(stack.folder)}


def wait_for_services(stack: Stack) -> None:
    """Return when all three services are ready. Raises StackError, with the end of its log, for a service that is not."""
    wait_for(stack, "local_aws", aws_is_ready)
    wait_for(stack, "server", server_is_ready)
    create_pool(PrefectApi.of(stack))
    wait_for(stack, "worker", worker_is_ready)


def aws_is_ready(stack: Stack) -> bool:
    """Whether the embedded AWS of this stack answers; that of another stack does not know the token."""
    try:
        token = aws_secrets(stack)["control_token"]
    except FileNotFoundError:  # it is still starting
        return False
    return processes.answers(f"{stack.aws_url}/_local_aws/health", {"Authorization": f"Bearer {token}"})


def aws_secrets(stack: Stack) -> dict[str, str]:
    """The access key of the account's root, and the token of the control path; FileNotFoundError before the first start."""
    secrets: dict[str, str] = json.loads((stack.folder / "local_aws" / "secrets.json").read_text())
    return secrets


def server_is_ready(stack: Stack) -> bool:
    """Whether the server answers who has the auth string of the stack, and nobody else."""
    return status(PrefectApi.of(stack)) == OK and status(PrefectApi(stack.api_url, auth_string="")) == UNAUTHORIZED


def status(api: PrefectApi) -> int:
    """HTTP status of the server's version; 0 when it does not answer."""
    try:
        api.get("/admin/version")
    except ApiError as error:
        return error.status
    except StackError:
        return 0
    return OK


def worker_is_ready(stack: Stack) -> bool:
    """Whether the server has a heartbeat from the recorded worker, not from an earlier worker of the same name."""
    started = datetime.fromtimestamp(stack.services["worker"].created, UTC).isoformat()
    heard = {"workers": {"last_heartbeat_time": {"after_": started}}}
    try:
        workers = PrefectApi.of(stack).post(f"/work_pools/{POOL}/workers/filter", heard)
    except ApiError as error:
        if error.status != NOT_FOUND:  # a `make up` that was killed early has not created the work pool
            raise
        return False
    return any(worker["name"] == WORKER for worker in workers)


def create_pool(api: PrefectApi) -> None:
    """Create the work pool, or give one that exists the base job template of this version."""
    template = {"base_job_template": process_template()}
    try:
        api.post("/work_pools/", {"name": POOL, "type": "process", **template})
    except ApiError as error:
        if error.status != CONFLICT:
            raise
        api.patch(f"/work_pools/{POOL}", template)


def wait_for_pool(api: PrefectApi) -> None:
    """Return when the server answers and has the work pool, or after START_SECONDS."""
    processes.wait_until(lambda: has_pool(api), seconds=START_SECONDS)


def has_pool(api: PrefectApi) -> bool:
    try:
        return bool(api.get(f"/work_pools/{POOL}"))
    except (ApiError, StackError):
        return False


def is_healthy(stack: Stack, name: str, ready: Ready) -> bool:
    service = stack.services.get(name)
    return service is not None and processes.find(service) is not None and processes.wait_until(lambda: ready(stack), seconds=ADOPT_SECONDS)


def wait_for(stack: Stack, name: str, ready: Ready) -> None:
    processes.wait_until_ready(stack.services[name], lambda: ready(stack), seconds=START_SECONDS, log=stack.log(name))


def begin(stack: Stack, name: str, module: list[str], *, port: Port | None = None, environment: Mapping[str, str] | None = None) -> None:
    print(f"Starting {name}", flush=True)
    stack.services[name] = processes.start(module, stack.log(name), port=port, environment=environment)
    if port:
        stack.ports[name] = port.number
    stack.save()  # saved at once, so that the next `make up` finds the processes of an interrupted start


def end(stack: Stack, name: str) -> None:
    service = stack.services.pop(name, None)
    if service and (process := processes.find(service)):
        processes.stop([process])
