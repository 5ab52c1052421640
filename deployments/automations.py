"""Delete the automations by which an earlier release recovered its runs; deployments/watch.py does it now. `make up` does so, elsewhere

python -m deployments.automations
"""

from prefect.client.orchestration import SyncPrefectClient, get_client

EARLIER = ("pedigree: crashed without a word", "pedigree: resume what crashed", "pedigree: start what never started")


def main() -> None:
    with get_client(sync_client=True) as client:
        delete_earlier(client)


def delete_earlier(client: SyncPrefectClient) -> None:
    """Two that act on the same run would start it twice."""
    for name in EARLIER:
        for automation in client.read_automations_by_name(name):
            client.delete_automation(automation.id)


if __name__ == "__main__":
    main()
