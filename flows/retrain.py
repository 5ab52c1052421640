"""Train a challenger on the current data, and deploy it if it beats the champion.

prefect deployment run retrain/local
"""

from dataclasses import replace
from typing import Annotated, Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.operationalize import STAGES, run_name
from pedigree.aws.errors import GateRefused
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
from tasks.registry import ask_a_person, register_model
from tasks.report import run_record
from tasks.rollback import restored_on_failure
from tasks.runs.forms import AutoscalingGroup, Ec2Group, EnvironmentGroup, FunctionGroup, GateGroup, ServingGroup, TrainingGroup, shown
from tasks.runs.parameters import flow
from tasks.runs.resume import begin_resumable_run
from tasks.runs.slot import endpoint_slot
from tasks.runs.tick import hours_between_ticks, superseded_tick
from tasks.smoke_test import smoke_test
from tasks.training import train
from tasks.watching import reported, watch_live


@flow(name="retrain", flow_run_name=run_name, on_cancellation=[stop_what_was_started])
def retrain(  # noqa: PLR0913  the form
    dataset: Annotated[str, shown("Dataset", "{train,valid,test}/<class>/<image> in a folder, .zip, .tar.gz, https:// or s3://")],
    *,
    budget_usd: Annotated[float | None, shown("Budget", "Cost limit of this run in US dollars; empty for no limit.", gt=0)] = None,
    training: TrainingGroup = Training(),
    gate: GateGroup = Gate(against_champion="better"),
    serving: ServingGroup = Serving(),
    autoscaling: AutoscalingGroup = Autoscaling(),
    function: FunctionGroup = Function(),
    approval: Annotated[bool, shown("Ask a person", "The challenger waits for a person's approval before it goes live.")] = False,
    ec2: Ec2Group = Ec2(),
    environment: EnvironmentGroup = Environment(),
) -> State[Any]:
    """Train a challenger, and deploy it if it beats the champion on the same test images; without a change, create nothing."""
    if reason := superseded_tick():
        return Completed(name="Skipped", message=reason)
    begin_resumable_run()
    mission = Mission(
        training=training, ec2=ec2, gate=gate, serving=serving, autoscaling=autoscaling, function=function, budget_usd=budget_usd
    )
    mission = replace(mission, retrained_every_hours=hours_between_ticks())
    account = find_account(environment)
    with run_record(account, STAGES, mission), reported(account, mission):
        inspected = inspect_dataset(account, dataset, training.weights)
        mission = replace(mission, training=inspected.starting(training))
        plan = plan_costs(account, mission, inspected)
        data = upload_dataset(account, inspected)
        compare_instances(account, data, mission.training)
        trained = train(account, data, mission, plan)
        comparison = compare_with_champion(account, trained, data, mission)
        try:
            candidate = pass_gate(trained, comparison, mission.gate)
            if comparison.already_live:
                return Completed(name="NothingToDo", message=f"Nothing to do: {trained.job_name} is live")
            version = register_model(account, candidate, mission.serving, wait_for_approval=approval)
            if version.approved:
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
        except GateRefused as refusal:
            return Completed(name="Refused", message=refusal.cause)
    return Completed(name="WaitsForApproval", message=ask_a_person(account, version, mission))
