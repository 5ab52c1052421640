"""A lineage for people: rows for the terminal and the log, and a page for the Prefect UI."""

import logging
from collections.abc import Callable, Iterator

from pedigree.aws.clients import client
from pedigree.aws.console import endpoint_config_url, endpoint_url, folder_url, has_console, model_url, training_job_url
from pedigree.lineage.drawing import THE_GATE, draw_lineage
from pedigree.lineage.trace import Lineage
from pedigree.statistics import share_with_interval
from pedigree.text import Page, code, fenced, linked, short_package, table
from pedigree.training.ec2.records import is_on_ec2
from pedigree.values import Account

LOG = logging.getLogger(__name__)


RunUrl = Callable[[str], str | None]


def lineage_page(account: Account, lineage: Lineage, run_url: RunUrl) -> Page:
    """Write the lineage to the log and return its page; `run_url` gives the address of a flow run, None without a known UI."""
    for what, name in rows(lineage):
        LOG.info(f"{what}: {name}")
    for missing in lineage.missing:
        LOG.warning(f"Not found: {missing}")
    there = has_console(client(account.credentials, "sagemaker").meta.endpoint_url)
    page = render_lineage(account, lineage, run_url, region=account.region if there else None)
    return Page(page, f"What {lineage.endpoint} serves, and where it came from")


def rows(lineage: Lineage) -> Iterator[tuple[str, str]]:
    """The rows (what, name), from the endpoint back to dataset and code."""
    named = {
        "Endpoint": lineage.endpoint,
        "Status": lineage.status,
        "Endpoint config": lineage.config,
        "Deployed by flow run": lineage.deployed_by,
        "Model": lineage.model,
        "Model package": lineage.model_package_arn,
        "Registered by flow run": lineage.registered_by,
        "Approval": lineage.approval,
        "Approver": approver(lineage),
        "Reason": lineage.reason,
        "Accuracy on its test images": accuracy(lineage),
        "Model artifact": lineage.artifact,
        "Training job": lineage.training_job,
        "Trained by flow run": lineage.trained_by,
        "Dataset": lineage.dataset_digest,
        "Images": lineage.images and ", ".join(f"{count} {split}" for split, count in lineage.images.items()),
        "Code": lineage.code_digest,
    }
    return ((what, name) for what, name in named.items() if name)


def accuracy(lineage: Lineage) -> str | None:
    if not lineage.accuracy or not lineage.images:
        return lineage.accuracy
    images = lineage.images["test"]
    return share_with_interval(round(float(lineage.accuracy) * images), images)


def approver(lineage: Lineage) -> str | None:
    return lineage.approver or (THE_GATE if lineage.approval == "Approved" else None)


def render_lineage(account: Account, lineage: Lineage, run_url: RunUrl, *, region: str | None) -> str:
    """The lineage in markdown; links lead to the AWS console of `region`, and to the flow runs when Prefect has a UI."""
    links = dict(run_links(lineage, run_url)) | (dict(console_links(account, lineage, region)) if region else {})
    sections = [
        f"# What {code(lineage.endpoint)} serves, and where it came from",
        "### Not found\n\n" + fenced("\n".join(lineage.missing)) if lineage.missing else "",
        fenced(draw_lineage(dict(nodes(lineage))), "mermaid"),
        table(("What", "Name"), [(what, linked(name, links.get(what))) for what, name in rows(lineage)]),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def nodes(lineage: Lineage) -> Iterator[tuple[str, str]]:
    named = {
        "dataset": lineage.dataset_digest,
        "code": lineage.code_digest,
        "job": lineage.training_job,
        "run": lineage.registered_by,
        "approver": approver(lineage),
        "package": lineage.model_package_arn and short_package(lineage.model_package_arn),
        "model": lineage.model,
        "config": lineage.config,
        "endpoint": lineage.endpoint,
    }
    return ((node, name) for node, name in named.items() if name)


def run_links(lineage: Lineage, run_url: RunUrl) -> Iterator[tuple[str, str]]:
    runs = {"Deployed": lineage.deployed_by, "Registered": lineage.registered_by, "Trained": lineage.trained_by}
    for did, run in runs.items():
        if run and (url := run_url(run)):
            yield f"{did} by flow run", url


def console_links(account: Account, lineage: Lineage, region: str) -> Iterator[tuple[str, str]]:
    yield "Endpoint", endpoint_url(region, lineage.endpoint)
    if lineage.config:
        yield "Endpoint config", endpoint_config_url(region, lineage.config)
    if lineage.model:
        yield "Model", model_url(region, lineage.model)
    if lineage.training_job and is_on_ec2(account, lineage.training_job):
        yield "Training on EC2", folder_url(region, f"s3://{account.bucket}/training/{lineage.training_job}/")
    elif lineage.training_job:
        yield "Training job", training_job_url(region, lineage.training_job)
    for what, digest, folder in (("Dataset", lineage.dataset_digest, "datasets"), ("Code", lineage.code_digest, "code")):
        if digest:
            yield what, folder_url(region, f"s3://{account.bucket}/{folder}/{digest}/")
