"""Artifacts on the page of a flow run: written once, or updated during the run."""

from uuid import UUID

import httpx
from prefect import get_run_logger
from prefect.artifacts import Artifact, create_markdown_artifact, create_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey
from prefect.runtime import flow_run, task_run

from pedigree.text import Page
from tasks.runs.beside import beside


def show_page(key: str, page: Page) -> None:
    """Show the page as a markdown artifact; outside of a flow run this does nothing."""
    if flow_run.get_id() is not None:
        with beside(f"the artifact {key}"):
            create_markdown_artifact(page.markdown, key=key, description=page.headline)


def show_table(key: str, rows: list[dict[str, str]], description: str) -> None:
    """Show the rows as a table artifact; outside of a flow run this does nothing."""
    if flow_run.get_id() is not None:
        with beside(f"the artifact {key}"):
            create_table_artifact(rows, key=key, description=description)


class LiveArtifact:
    """An artifact with one key in one flow run: created once, also when a task or the run is repeated, and then updated in place.

    Outside of a flow run it does nothing.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self._run = flow_run.get_id()
        self._id: UUID | None = None

    def show(self, artifact: Artifact) -> None:
        """Update the artifact with one request to Prefect, the first time with three; the next update repairs a failed one."""
        if self._run is None:
            return
        try:
            self._put(artifact)
        except httpx.HTTPError as error:
            # hours of training must not fail because of a progress bar
            get_run_logger().warning(f"{self.key} is not up to date: {error}")

    def _put(self, artifact: Artifact) -> None:
        self._id = self._id or self._find()
        prefect, shown = get_client(sync_client=True), {"data": artifact.format(), "description": artifact.description}
        if self._id is None:
            at = {"key": self.key, "type": artifact.type, "flow_run_id": self._run, "task_run_id": task_run.get_id()}
            self._id = prefect.create_artifact(ArtifactCreate(**at, **shown)).id
        else:
            prefect.update_artifact(self._id, ArtifactUpdate(**shown))

    def _find(self) -> UUID | None:
        ours = ArtifactFilter(key=ArtifactFilterKey(any_=[self.key]), flow_run_id=ArtifactFilterFlowRunId(any_=[UUID(self._run)]))
        found = get_client(sync_client=True).read_artifacts(artifact_filter=ours, limit=1)
        return found[0].id if found else None
