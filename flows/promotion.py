"""What `operationalize`, `retrain` and `approve` share: a candidate that passed the gate, a version put live, a report of it all."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from prefect.runtime import flow_run

from flows.trainings import train
from tasks.announce import announce
from tasks.autoscaling import register_autoscaling
from tasks.aws.errors import BudgetExceeded, DeploymentFailed, SmokeTestFailed
from tasks.comparison.compare import compare_with_champion
from tasks.cost.plan import plan_costs
from tasks.cost.show_choice import compare_instances
from tasks.dataset.upload import upload_dataset
from tasks.deployment.endpoint import confirm_endpoint, deploy_endpoint, restore_endpoint
from tasks.deployment.requests import endpoint_name
from tasks.function.publish import publish_function, restore_function
from tasks.function.smoke import smoke_test
from tasks.gate import pass_gate
from tasks.guards.slot import endpoint_slot
from tasks.report.publish import publish_report
from tasks.report.record import Record
from tasks.settings import Autoscaling, Ec2, Function, Gate, Serving, Training
from tasks.trained_model import Candidate
from tasks.training.ways import training_stages
from tasks.values import Account, ModelVersion

GOING_LIVE = ("endpoint", "autoscaling", "function", "smoke test")


@contextmanager
def reported(account: Account, stages: tuple[str, ...]) -> Iterator[Record]:
    """The record of a run with these stages; its report is published however the run ends, and people hear of what cost or broke."""
    record = Record(str(flow_run.get_id()), stages)
    try:
        yield record
    except BudgetExceeded as error:
        announce(account, "budget-exceeded", subject=f"{account.project}: over budget", message=str(error))
        raise
    except (DeploymentFailed, SmokeTestFailed) as error:
        announce(account, "rolled-back", subject=f"{account.project}: rolled back", message=str(error))
        raise
    finally:
        publish_report(account, record)


def qualifying_stages(training: Training, ec2: Ec2) -> tuple[str, ...]:
    return ("plan", "dataset", *training_stages(training, ec2), "comparison", "gate")


def qualify(
    account: Account,
    record: Record,
    uri: str,
    training: Training,
    ec2: Ec2,
    gate: Gate,
    serving: Serving,
    autoscaling: Autoscaling,
    function: Function,
    budget_usd: float | None,
) -> Candidate:
    """From the dataset to a candidate that may be registered; GateRefused and BudgetExceeded say why not."""
    plan = record.run("plan", plan_costs, account, training, ec2, serving, autoscaling, function, budget_usd)
    dataset = record.run("dataset", upload_dataset, account, uri)
    compare_instances(account, dataset, training)
    trained = train(account, record, plan, dataset, training, ec2, budget_usd)
    comparison = record.run("comparison", compare_with_champion, account, trained, dataset, training, gate, serving)
    return record.run("gate", pass_gate, trained, comparison, gate)


def promote(
    account: Account, record: Record, version: ModelVersion, serving: Serving, autoscaling: Autoscaling, function: Function
) -> None:
    """Put an approved version live behind endpoint and function, one run at a time; what does not answer right goes back."""
    with endpoint_slot(endpoint_name(account.project, serving)):
        endpoint = record.run("endpoint", deploy_endpoint, account, version, serving)
        record.run("autoscaling", register_autoscaling, account, endpoint, autoscaling)
        published = record.run("function", publish_function, account, endpoint, function, version)
        with ExitStack() as rollback:
            rollback.callback(restore_endpoint, account, endpoint)
            rollback.callback(restore_function, account, published)  # the last one in goes back first
            record.run("smoke test", smoke_test, account, published, version)
            rollback.pop_all()
        confirm_endpoint(account, endpoint)
    if endpoint.outcome != "adopted":
        announce(account, "promoted", subject=f"{endpoint.name}: a new model is live", message=version.arn)
