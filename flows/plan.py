"""What a traffic needs: settings for endpoint and function, simulated on the live model's measured latency; changes nothing that serves.

prefect deployment run plan/local --params '{"traffic": {"shape": "spike", "base_rps": 2, "peak_rps": 40}, "measure": true}'
"""

from typing import Annotated

from prefect import flow
from prefect.runtime import flow_run

from tasks.aws.account import find_account
from tasks.capacity_plan import plan_capacity, read_traffic
from tasks.form import shown
from tasks.guards.slot import endpoint_slot
from tasks.latency.measure import measure_latency, measured_name
from tasks.latency.records import find_curve
from tasks.planning.curve import LatencyCurve
from tasks.planning.question import Goal, Traffic
from tasks.settings import Autoscaling, Environment, Function, Serving
from tasks.values import Account


def run_name() -> str:
    traffic = Traffic.model_validate(flow_run.get_parameters()["traffic"])
    return f"plan {traffic.csv or traffic.shape}"


@flow(name="plan", flow_run_name=run_name)
def plan(
    traffic: Traffic = Traffic(),
    goal: Goal = Goal(),
    *,
    measure: Annotated[
        bool, shown("Measure", "Ask the live model at rising concurrency, on an endpoint of its own that costs some minutes.")
    ] = False,
    curve: Annotated[str | None, shown("Curve", "File or s3:// address; empty for the newest recorded of what is live.")] = None,
    serving: Serving = Serving(),
    autoscaling: Autoscaling = Autoscaling(),
    function: Function = Function(),
    environment: Environment = Environment(),
) -> None:
    """Simulate a traffic on the endpoint and recommend settings for `operationalize`. It leaves nothing but its own records."""
    account = find_account(environment)
    trace = read_traffic(account, traffic)
    latency = measured(account, serving) if measure else find_curve(account, serving, curve)
    plan_capacity(account, trace, latency, goal, autoscaling, function)


def measured(account: Account, serving: Serving) -> LatencyCurve:
    with endpoint_slot(measured_name(account, serving)):  # two at once would measure each other
        return measure_latency(account, serving)
