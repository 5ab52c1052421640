"""What the Prefect server does by itself for a run whose process or worker died; `make up` installs it, and on any server

python -m deployments.automations
"""

from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from tasks.runs.resume import MAX_RUNS
from tasks.runs.tags import OURS, RESUMABLE

MISSED = timedelta(seconds=75)  # two heartbeats and a half: prefect.yaml asks for one every 30 s
SETTLED = timedelta(seconds=15)  # a worker reports a crash twice: begun again between the two, the run would end with the second
NEVER_STARTED = timedelta(minutes=10)  # longer than a container takes to be there
ANYTHING = "prefect.flow-run.*"


def main() -> None:
    with get_client(sync_client=True) as client:
        for automation in (missed_heartbeat(), resume_crashed(), start_again()):
            print(f"{install(client, automation)} {automation.name}")


def install(client: SyncPrefectClient, automation: AutomationCore) -> str:
    """Create it, or bring the one of its name up to date; says which."""
    for existing in client.read_automations_by_name(automation.name):
        client.update_automation(existing.id, automation)
        return "Updated"
    client.create_automation(automation)
    return "Created"


def missed_heartbeat() -> AutomationCore:
    trigger = silence_after({"prefect.flow-run.heartbeat"}, tag=RESUMABLE, within=MISSED)
    action = ChangeFlowRunState(state=StateType.CRASHED, message=f"No heartbeat for {MISSED.seconds} s: its process is dead")
    return AutomationCore(
        name="pedigree: crashed without a word",
        description="A run whose process and worker died together is marked Crashed.",
        trigger=trigger,
        actions=[action],
    )


def resume_crashed() -> AutomationCore:
    counts = [str(count) for count in range(1, MAX_RUNS)]  # one that never ran cannot; one that ran MAX_RUNS times had its chance
    trigger = silence_after({"prefect.flow-run.Crashed"}, tag=RESUMABLE, within=SETTLED, **{"prefect.run-count": counts})
    return AutomationCore(
        name="pedigree: resume what crashed",
        description=f"A run that crashed begins again, {MAX_RUNS} times in all, and adopts what it had made.",
        trigger=trigger,
        actions=[ChangeFlowRunState(state=StateType.SCHEDULED, message="It crashed, and begins again")],
    )


def start_again() -> AutomationCore:
    launching = {f"prefect.flow-run.{state}" for state in ("Pending", "Submitting", "InfrastructurePending")}
    return AutomationCore(
        name="pedigree: start what never started",
        description="A run whose worker died between taking it and starting it is given to a worker once more.",
        trigger=silence_after(launching, tag=OURS, within=NEVER_STARTED),
        actions=[ChangeFlowRunState(state=StateType.SCHEDULED, message="It was taken by a worker and never started")],
    )


def silence_after(events: set[str], *, tag: str, within: timedelta, **labels: list[str]) -> EventTrigger:
    """When one of the events was the last that was heard of a run with this tag for so long."""
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
