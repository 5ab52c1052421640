"""The order of events in a Prefect server, for PREFECT_SERVER_EVENTS_CAUSAL_ORDERING=deployments.ordering.

A server keeps in memory which events its automations have seen. After a restart it would hold back for 15 minutes each event that follows
one of the earlier server, such as the failure of a run in progress. What has not arrived within PATIENCE never comes.
https://github.com/PrefectHQ/prefect/blob/3.8.8/src/prefect/server/events/ordering/memory.py
"""

from datetime import timedelta

from prefect.server.events.ordering import memory

PATIENCE = timedelta(seconds=30)

memory.PRECEDING_EVENT_LOOKBACK = PATIENCE  # type: ignore[attr-defined]
CausalOrdering = memory.CausalOrdering
