"""From a folder of pictures to a guarded endpoint.

prefect deployment run operationalize/local
"""

from typing import Annotated

from prefect import flow
from prefect.runtime import flow_run

from flows.promotion import GOING_LIVE, promote, qualify, qualifying_stages, reported
from tasks.aws.account import find_account
from tasks.deployment.requests import endpoint_name
from tasks.form import shown
from tasks.guards.resume import refuse_endless_resume
from tasks.registry import register_model
from tasks.settings import Autoscaling, Ec2, Environment, Function, Gate, Serving, Training
from tasks.training.cancel import stop_what_was_started


def stages_of(training: Training, ec2: Ec2) -> tuple[str, ...]:
    """What the run goes through; what nobody asked for is no stage of it."""
    return (*qualifying_stages(training, ec2), "registry", *GOING_LIVE)


def run_name() -> str:
    parameters = flow_run.get_parameters()
    dataset = str(parameters["dataset"]).rstrip("/").rsplit("/", 1)[-1]
    return f"{dataset} with {parameters['training'].architecture}"


@flow(name="operationalize", flow_run_name=run_name, on_cancellation=[stop_what_was_started])
def operationalize(
    dataset: Annotated[str, shown("Dataset", "{train,valid,test}/<class>/<image> in a folder, .zip, .tar.gz, https:// or s3://")],
    *,
    training: Training = Training(),
    ec2: Ec2 = Ec2(),
    gate: Gate = Gate(),
    serving: Serving = Serving(),
    autoscaling: Autoscaling = Autoscaling(),
    function: Function = Function(),
    budget_usd: Annotated[float | None, shown("Budget", "US dollars that this run may cost at most; empty for no limit.", gt=0)] = None,
    environment: Environment = Environment(),
) -> None:
    """Train on the dataset and put the model live, once it beats chance, the floor and what is live already.

    Whatever exists already is adopted: run it again and it continues, run it twice and nothing is made twice.
    """
    refuse_endless_resume()
    endpoint_name(environment.project, serving)  # refused now, not after the training is paid for
    account = find_account(environment)
    with reported(account, stages_of(training, ec2)) as record:
        candidate = qualify(account, record, dataset, training, ec2, gate, serving, autoscaling, function, budget_usd)
        version = record.run("registry", register_model, account, candidate, serving)
        promote(account, record, version, serving, autoscaling, function)
