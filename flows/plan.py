"""Find the settings that a traffic needs, by a simulation with the measured latency of the live model.

The endpoint and the function that serve stay as they are.

prefect deployment run plan/local --params '{"traffic": {"shape": "spike", "base_rps": 2, "peak_rps": 40}, "measure": true}'
"""

from typing import Annotated

from prefect.runtime import flow_run

from pedigree.settings import Autoscaling, Environment, Function, Goal, Mission, Serving, Traffic
from tasks.account import find_account
from tasks.planning import find_curve, measure_latency, plan_capacity, read_traffic
from tasks.runs.forms import AutoscalingGroup, EnvironmentGroup, FunctionGroup, GoalGroup, ServingGroup, TrafficGroup, shown
from tasks.runs.parameters import flow
from tasks.runs.slot import measuring_slot


def run_name() -> str:
    traffic = Traffic.model_validate(flow_run.get_parameters()["traffic"])
    return f"plan {traffic.csv or traffic.shape}"


@flow(name="plan", flow_run_name=run_name)
def plan(  # noqa: PLR0913  the form
    traffic: TrafficGroup = Traffic(),
    goal: GoalGroup = Goal(),
    *,
    measure: Annotated[
        bool, shown("Measure", "Measure the latency of the live model first, on a separate endpoint that is billed for some minutes.")
    ] = False,
    curve: Annotated[str | None, shown("Curve", "File or s3:// address; empty for the newest curve of the live model.")] = None,
    serving: ServingGroup = Serving(),
    autoscaling: AutoscalingGroup = Autoscaling(),
    function: FunctionGroup = Function(),
    environment: EnvironmentGroup = Environment(),
) -> None:
    """Simulate a traffic on the endpoint and recommend settings for `operationalize`.

    The flow changes no endpoint and no function; it only records its results.
    """
    account = find_account(environment)
    trace = read_traffic(account, traffic)
    if measure:
        with measuring_slot(account, serving):
            latency = measure_latency(account, serving)
    else:
        latency = find_curve(account, serving, curve)
    plan_capacity(account, trace, latency, goal, Mission(serving=serving, autoscaling=autoscaling, function=function))
