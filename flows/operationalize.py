"""Turn a folder of images into a guarded endpoint.

prefect deployment run operationalize/local
"""

from dataclasses import replace
from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from pedigree.settings import Autoscaling, Ec2, Environment, Function, Gate, Mission, Serving, Training
from tasks.account import find_account
from tasks.autoscaling import register_autoscaling
from tasks.cancellation import stop_what_was_started
from tasks.cost import compare_instances, plan_costs
from tasks.dataset import inspect_dataset, upload_dataset
from tasks.endpoint import confirm_endpoint, deploy_endpoint
from tasks.evaluation import compare_again, compare_with_champion
from tasks.function import publish_function
from tasks.gate import pass_gate
from tasks.registry import register_model
from tasks.report import run_record
from tasks.rollback import restored_on_failure
from tasks.runs.forms import AutoscalingGroup, Ec2Group, EnvironmentGroup, FunctionGroup, GateGroup, ServingGroup, TrainingGroup, shown
from tasks.runs.parameters import flow
from tasks.runs.resume import begin_resumable_run
from tasks.runs.slot import endpoint_slot
from tasks.smoke_test import smoke_test
from tasks.training import train, training_stages
from tasks.watching import watch_live

QUALIFYING = (inspect_dataset, plan_costs, upload_dataset, training_stages, compare_with_champion, pass_gate)
GOING_LIVE = (deploy_endpoint, register_autoscaling, publish_function, smoke_test, confirm_endpoint, watch_live)
STAGES = (*QUALIFYING, register_model, compare_again, *GOING_LIVE)


def run_name() -> str:
    parameters = flow_run.get_parameters()
    dataset = str(parameters["dataset"]).rstrip("/").rsplit("/", 1)[-1]
    return f"{dataset} with {parameters['training'].architecture}"


@flow(name="operationalize", flow_run_name=run_name, on_cancellation=[stop_what_was_started])
def operationalize(  # noqa: PLR0913  the form
    dataset: Annotated[str, shown("Dataset", "{train,valid,test}/<class>/<image> in a folder, .zip, .tar.gz, https:// or s3://")],
    *,
    budget_usd: Annotated[float | None, shown("Budget", "Cost limit of this run in US dollars; empty for no limit.", gt=0)] = None,
    training: TrainingGroup = Training(),
    gate: GateGroup = Gate(),
    serving: ServingGroup = Serving(),
    autoscaling: AutoscalingGroup = Autoscaling(),
    function: FunctionGroup = Function(),
    ec2: Ec2Group = Ec2(),
    environment: EnvironmentGroup = Environment(),
) -> State[Any]:
    """Train a model on the dataset and deploy it, if it beats the majority-class baseline, the minimum accuracy and the live model.

    The run adopts every resource that exists already: a run that died continues when you start it again, and a second run creates nothing.
    """
    begin_resumable_run()
    mission = Mission(
        training=training, ec2=ec2, gate=gate, serving=serving, autoscaling=autoscaling, function=function, budget_usd=budget_usd
    )
    account = find_account(environment)
    with run_record(account, STAGES, mission):
        inspected = inspect_dataset(account, dataset, training.weights)
        mission = replace(mission, training=inspected.starting(training))
        plan = plan_costs(account, mission, inspected)
        data = upload_dataset(account, inspected)
        compare_instances(account, data, mission.training)
        trained = train(account, data, mission, plan)
        comparison = compare_with_champion(account, trained, data, mission)
        candidate = pass_gate(trained, comparison, mission.gate)
        version = register_model(account, candidate, mission.serving)
        with endpoint_slot(account, mission.serving):
            compare_again(account, candidate, data, mission)
            with restored_on_failure(account, mission.serving):
                endpoint = deploy_endpoint(account, version, mission.serving)
                register_autoscaling(account, endpoint, mission.autoscaling)
                published = publish_function(account, endpoint, mission.function, version)
                smoke_test(account, published, version)
            confirm_endpoint(account, endpoint, published, version)
            watch_live(account, endpoint, published, mission)
    return Completed(message=f"{candidate.score}, live as {endpoint.name}")
