"""From a folder of pictures to a guarded endpoint.

prefect deployment run operationalize/local
"""

from contextlib import ExitStack

from prefect import flow
from prefect.runtime import flow_run

from tasks.autoscaling import register_autoscaling
from tasks.aws.account import find_account
from tasks.dataset.upload import upload_dataset
from tasks.deployment.endpoint import deploy_endpoint, restore_endpoint
from tasks.deployment.requests import endpoint_name
from tasks.function.publish import publish_function, restore_function
from tasks.function.smoke import smoke_test
from tasks.gate import pass_gate
from tasks.registry import register_model
from tasks.report.publish import publish_report
from tasks.report.record import Record
from tasks.settings import Autoscaling, Environment, Function, Gate, Serving, Training
from tasks.training.job import train_model
from tasks.values import Account

STAGES = ("dataset", "training", "gate", "registry", "endpoint", "autoscaling", "function", "smoke test")


def run_name() -> str:
    parameters = flow_run.get_parameters()
    dataset = str(parameters["dataset"]).rstrip("/").rsplit("/", 1)[-1]
    return f"{dataset} with {parameters['training'].architecture}"


@flow(name="operationalize", flow_run_name=run_name)
def operationalize(
    dataset: str,
    training: Training = Training(),
    gate: Gate = Gate(),
    serving: Serving = Serving(),
    autoscaling: Autoscaling = Autoscaling(),
    function: Function = Function(),
    environment: Environment = Environment(),
) -> None:
    """Train on `dataset` ({train,valid,test}/<class>/<image> in a folder, .zip, .tar.gz, https:// or s3://) and put the model live.

    Whatever exists already is adopted: run it again and it continues, run it twice and nothing is made twice.
    """
    endpoint_name(environment.project, serving)  # refused now, not after the training is paid for
    account = find_account(environment)
    record = Record(str(flow_run.get_id()), STAGES)
    try:
        run_stages(account, record, dataset, training, gate, serving, autoscaling, function)
    finally:
        publish_report(account, record)


def run_stages(
    account: Account,
    record: Record,
    uri: str,
    training: Training,
    gate: Gate,
    serving: Serving,
    autoscaling: Autoscaling,
    function: Function,
) -> None:
    dataset = record.run("dataset", upload_dataset, account, uri)
    trained = record.run("training", train_model, account, dataset, training)
    candidate = record.run("gate", pass_gate, trained, gate)
    version = record.run("registry", register_model, account, candidate, serving)
    endpoint = record.run("endpoint", deploy_endpoint, account, version, serving)
    record.run("autoscaling", register_autoscaling, account, endpoint, autoscaling)
    published = record.run("function", publish_function, account, endpoint, function)
    with ExitStack() as rollback:
        rollback.callback(restore_endpoint, account, endpoint)
        rollback.callback(restore_function, account, published)  # the last one in goes back first
        record.run("smoke test", smoke_test, account, published, version)
        rollback.pop_all()
