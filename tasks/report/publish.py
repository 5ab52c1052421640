"""The task that publishes the report: to S3 for programs and archives, as an artifact for the page of the run."""

from prefect import task
from prefect.artifacts import create_markdown_artifact

from tasks.aws.clients import client
from tasks.aws.objects import put_json
from tasks.aws.tasking import AWS_TASK
from tasks.report.figures import draw_pictures
from tasks.report.markdown import render_markdown
from tasks.report.record import Record
from tasks.report.samples import read_samples
from tasks.report.summary import summarize
from tasks.values import Account


@task(name="publish report", **AWS_TASK)
def publish_report(account: Account, record: Record) -> str:
    """S3 URI of the run's `report.json`; beside it lies `report.md`, which is the markdown artifact `<project>-report` too.

    The run may have ended at any stage.
    """
    s3, folder = client(account.credentials, "s3"), f"runs/{record.flow_run_id}/"
    summary = summarize(record)
    model = record.values.get("training")
    markdown = render_markdown(summary, draw_pictures(model, read_samples(s3, record)) if model else {})
    put_json(s3, account.bucket, f"{folder}report.json", summary)
    s3.put_object(Bucket=account.bucket, Key=f"{folder}report.md", Body=markdown.encode(), ContentType="text/markdown; charset=utf-8")
    create_markdown_artifact(markdown, key=f"{account.project}-report", description=description_of(record))
    return f"s3://{account.bucket}/{folder}report.json"


def description_of(record: Record) -> str:
    """One line for the list of artifacts."""
    failed = [stage.name for stage in record.stages.values() if stage.status == "failed"]
    if failed:
        return f"Failed at the stage {failed[0]}"
    reached = sum(stage.status == "completed" for stage in record.stages.values())
    return f"{reached} of {len(record.stages)} stages completed"
