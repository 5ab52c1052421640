"""The publication of the report in S3: as JSON for programs, and as a page of markdown."""

from typing import Any

from botocore.exceptions import ClientError

from pedigree.aws.clients import S3Client, client
from pedigree.aws.console import has_console
from pedigree.aws.errors import is_missing
from pedigree.aws.objects import put_json
from pedigree.drawing import Figures
from pedigree.report.figures import draw_figures
from pedigree.report.headline import headline
from pedigree.report.markdown import render_markdown
from pedigree.report.record import Record
from pedigree.report.report import to_json
from pedigree.report.samples import read_samples
from pedigree.report.summary import summarize
from pedigree.report.trainings import chosen_model
from pedigree.text import Page
from pedigree.trained_model import Comparison
from pedigree.values import Account, Dataset, ModelVersion


def publish_report(account: Account, record: Record) -> Page:
    """Write `report.md` and `report.json` and return the page; the run may have ended at any stage."""
    s3, folder = client(account.credentials, "s3"), f"runs/{record.flow_run_id}/"
    region = account.region if has_console(s3.meta.endpoint_url) else None
    figures = figures_of(s3, record)
    report = summarize(record, region=region, package=describe_package(account, record), not_drawn=figures.not_drawn)
    page = Page(render_markdown(report, figures.urls), headline(report))
    put_json(s3, account.bucket, f"{folder}report.json", to_json(report))
    s3.put_object(Bucket=account.bucket, Key=f"{folder}report.md", Body=page.markdown.encode(), ContentType="text/markdown; charset=utf-8")
    return page


def figures_of(s3: S3Client, record: Record) -> Figures:
    """The figures of the chosen model; no figures for a run without a model."""
    dataset, model, comparison = record.value(Dataset), chosen_model(record), record.newest(Comparison)
    if dataset is None or model is None:
        return Figures({}, {})
    evaluation = comparison.evaluation if comparison else None
    images = (lambda: read_samples(s3, comparison)) if comparison else dict
    return draw_figures(model.history, evaluation, images, valid_images=dataset.counts["valid"])


def describe_package(account: Account, record: Record) -> dict[str, Any] | None:
    """The model package of the run, which names its approver; None when there is no package, or it was deleted."""
    version = record.value(ModelVersion)
    if version is None:
        return None
    try:
        return dict(client(account.credentials, "sagemaker").describe_model_package(ModelPackageName=version.arn))
    except ClientError as error:
        if is_missing(error):
            return None
        raise
