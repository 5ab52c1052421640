"""What a person reads before deciding about a model: the page above the form of the flow `approve`."""

from collections.abc import Mapping
from typing import Any

from prefect.utilities.urls import url_for

from tasks.aws.clients import client
from tasks.aws.naming import NO_FLOW_RUN
from tasks.aws.objects import read_json
from tasks.cost.money import dollars
from tasks.model_package import FLOW_RUN
from tasks.registry import describe_version
from tasks.report.blocks import code, table
from tasks.report.lineage import short_package
from tasks.report.markdown import comparison_sentence, metrics_sentence
from tasks.values import Account

MISTAKES_SHOWN = 5


def describe_for_approval(account: Account, package_arn: str) -> str:
    """Short markdown of what the run that registered this model package reported; InvalidInput where there is no such package."""
    package = describe_version(client(account.credentials, "sagemaker"), account, package_arn)
    run_id = package.get("CustomerMetadataProperties", {}).get(FLOW_RUN, NO_FLOW_RUN)
    key = f"runs/{run_id}/report.json"
    report = read_json(client(account.credentials, "s3"), account.bucket, key)
    if report is None:
        return without_report(package, f"s3://{account.bucket}/{key}")
    return decision_page(report, package, f"s3://{account.bucket}/{key.removesuffix('.json')}.md")


def without_report(package: Mapping[str, Any], uri: str) -> str:
    said = code(package.get("ModelPackageDescription", "nothing"))
    return f"{title(package)}\n\nThe report of the run that registered it is not there ({code(uri)}). All that its package says: {said}."


def decision_page(report: Mapping[str, Any], package: Mapping[str, Any], uri: str) -> str:
    sections = [
        title(package),
        metrics_sentence(report["metrics"]),
        comparison_sentence(report["comparison"]) or "Nothing was live to hold it to.",
        mistakes_table(report["metrics"]),
        cost_line(report["cost"]),
        full_report(report["flow_run_id"], uri),
    ]
    return "\n\n".join(section for section in sections if section)


def title(package: Mapping[str, Any]) -> str:
    decided = {"Approved": "is approved already", "Rejected": "was rejected before"}
    return f"### {code(short_package(package['ModelPackageArn']))} {decided.get(package['ModelApprovalStatus'], 'waits for your decision')}"


def mistakes_table(metrics: Mapping[str, Any] | None) -> str:
    if not metrics or not metrics["mistakes"]:
        return ""
    rows = [(mistake["mistake"], str(mistake["images"])) for mistake in metrics["mistakes"][:MISTAKES_SHOWN]]
    return table(("Commonest mistakes: actual → predicted", "Images"), rows)


def cost_line(cost: Mapping[str, Any] | None) -> str:
    if not cost:
        return ""
    return f"Its run cost {dollars(cost['billed_usd'])}; once it is live, all that stands costs {dollars(cost['month_usd'])} a month."


def full_report(run_id: str, uri: str) -> str:
    page = url_for("flow-run", obj_id=run_id)  # None where no UI is known
    return f"Full report, with the confusion matrix: {f'[the run that registered it]({page}), ' if page else ''}{code(uri)}"
