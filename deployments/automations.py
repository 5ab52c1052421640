"""The automations by which the Prefect server recovers a run whose process or worker died; `make up` installs them, and on any server

python -m deployments.automations
"""

from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from tasks.runs.resume import MAX_RUNS
from tasks.runs.tags import OURS, RESUMABLE

MISSED = timedelta(seconds=75)  # two and a half heartbeats: prefect.yaml sets one every 30 s
SETTLED = timedelta(seconds=15)  # a worker reports a crash twice: the second report would end a run that was started again in between
NEVER_STARTED = timedelta(minutes=10)  # longer than a container takes to start
ANYTHING = "prefect.flow-run.*"


def main() -> None:
    with get_client(sync_client=True) as client:
        for automation in (missed_heartbeat(), resume_crashed(), start_again()):
            print(f"{install(client, automation)} {automation.name}")


def install(client: SyncPrefectClient, automation: AutomationCore) -> str:
    """Create the automation, or update the automation of the same name; return a sentence that says which."""
    for existing in client.read_automations_by_name(automation.name):
        client.update_automation(existing.id, automation)
        return "Updated"
    client.create_automation(automation)
    return "Created"


def missed_heartbeat() -> AutomationCore:
    trigger = no_event_after({"prefect.flow-run.heartbeat"}, tag=RESUMABLE, within=MISSED)
    action = ChangeFlowRunState(state=StateType.CRASHED, message=f"No heartbeat for {MISSED.seconds} s: the process of the run is dead")
    return AutomationCore(
        name="pedigree: crashed without a word",
        description="A run whose process and worker died together is marked Crashed.",
        trigger=trigger,
        actions=[action],
    )


def resume_crashed() -> AutomationCore:
    # not 0: a run that never ran cannot crash; not MAX_RUNS: the run has had all its attempts
    counts = [str(count) for count in range(1, MAX_RUNS)]
    trigger = no_event_after({"prefect.flow-run.Crashed"}, tag=RESUMABLE, within=SETTLED, **{"prefect.run-count": counts})
    return AutomationCore(
        name="pedigree: resume what crashed",
        description=f"A run that crashed is started again, {MAX_RUNS} times in all, and adopts what it made before.",
        trigger=trigger,
        actions=[ChangeFlowRunState(state=StateType.SCHEDULED, message="The run crashed and is started again")],
    )


def start_again() -> AutomationCore:
    launching = {f"prefect.flow-run.{state}" for state in ("Pending", "Submitting", "InfrastructurePending")}
    return AutomationCore(
        name="pedigree: start what never started",
        description="A run whose worker died before it started the run is scheduled once more.",
        trigger=no_event_after(launching, tag=OURS, within=NEVER_STARTED),
        actions=[ChangeFlowRunState(state=StateType.SCHEDULED, message="A worker took the run and never started it")],
    )


def no_event_after(events: set[str], *, tag: str, within: timedelta, **labels: list[str]) -> EventTrigger:
    """A trigger that fires when a run with this tag sends no event for `within` after one of `events`."""
    return EventTrigger(
        after=events,
        expect={ANYTHING},
        match={"prefect.resource.id": ANYTHING, **labels},
        match_related={"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=within,
    )


if __name__ == "__main__":
    main()
