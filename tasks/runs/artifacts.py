"""Artifacts on the page of a flow run: written once, or changing while it goes on."""

from uuid import UUID

import httpx
from prefect import get_run_logger
from prefect.artifacts import Artifact, create_markdown_artifact, create_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey
from prefect.runtime import flow_run, task_run

from pedigree.text import Page


def show_page(key: str, page: Page) -> None:
    """The page as a markdown artifact; only a flow run has a place to show it."""
    if flow_run.get_id() is not None:
        create_markdown_artifact(page.markdown, key=key, description=page.headline)


def show_table(key: str, rows: list[dict[str, str]], description: str) -> None:
    """The rows as a table artifact, in a flow run."""
    if flow_run.get_id() is not None:
        create_table_artifact(rows, key=key, description=description)


class LiveArtifact:
    """One key in one flow run: made once, however often a task or the run begins again, and updated in place ever after.

    Outside of a flow run there is no page to show it on.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self._run = flow_run.get_id()
        self._id: UUID | None = None

    def show(self, artifact: Artifact) -> None:
        """One request to the Prefect server, two more for the first; one that does not answer makes up for it the next time."""
        if self._run is None:
            return
        try:
            self._put(artifact)
        except httpx.HTTPError as error:
            # hours of training must not fail for a picture of them
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
