"""The task that publishes the report: to S3 for programs and archives, as an artifact for the page of the run."""

from typing import Any

from botocore.exceptions import ClientError
from prefect import task
from prefect.artifacts import create_markdown_artifact

from tasks.aws.clients import client
from tasks.aws.errors import is_missing
from tasks.aws.objects import put_json
from tasks.aws.tasking import AWS_TASK
from tasks.report.figures import draw_pictures
from tasks.report.headline import headline
from tasks.report.links import has_console
from tasks.report.markdown import render_markdown
from tasks.report.record import Record
from tasks.report.samples import read_samples
from tasks.report.summary import summarize
from tasks.report.trainings import chosen_model
from tasks.values import Account, Dataset, ModelVersion


@task(name="publish report", **AWS_TASK)
def publish_report(account: Account, record: Record) -> str:
    """S3 URI of the run's `report.json`; beside it lies `report.md`, which is the markdown artifact `<project>-report` too.

    The run may have ended at any stage.
    """
    s3, folder = client(account.credentials, "s3"), f"runs/{record.flow_run_id}/"
    region = account.region if has_console(s3.meta.endpoint_url) else None
    summary = summarize(record, region=region, package=describe_package(account, record))
    markdown = render_markdown(summary, pictures_of(s3, record))
    put_json(s3, account.bucket, f"{folder}report.json", summary)
    s3.put_object(Bucket=account.bucket, Key=f"{folder}report.md", Body=markdown.encode(), ContentType="text/markdown; charset=utf-8")
    create_markdown_artifact(markdown, key=f"{account.project}-report", description=headline(summary))
    return f"s3://{account.bucket}/{folder}report.json"


def pictures_of(s3: Any, record: Record) -> dict[str, str]:
    """Title -> data URL; none of a run that came to no model."""
    dataset, model = record.value(Dataset), chosen_model(record)
    if dataset is None or model is None:
        return {}
    return draw_pictures(model, read_samples(s3, model), valid_images=dataset.counts["valid"])


def describe_package(account: Account, record: Record) -> dict[str, Any] | None:
    """The model package of the run, which knows who approved it; None where there is none, or none any more."""
    version = record.value(ModelVersion)
    if version is None:
        return None
    try:
        return dict(client(account.credentials, "sagemaker").describe_model_package(ModelPackageName=version.arn))
    except ClientError as error:
        if is_missing(error):
            return None
        raise
