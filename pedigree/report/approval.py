"""What a person reads before deciding about a model: the page above the form of the flow `approve`."""

from collections.abc import Callable, Mapping
from typing import Any

from pedigree.aws.clients import client
from pedigree.aws.naming import FLOW_RUN
from pedigree.aws.objects import read_json
from pedigree.registry.versions import describe_version
from pedigree.report.markdown import comparison_sentence, metrics_sentence
from pedigree.text import code, dollars, short_package, table
from pedigree.values import NO_FLOW_RUN, Account

MISTAKES_SHOWN = 5
RunUrl = Callable[[str], str | None]


def describe_for_approval(account: Account, package_arn: str, run_url: RunUrl) -> str:
    """Short markdown of what the run that registered this model package reported; InvalidInput where there is no such package.

    `run_url` gives the address of a flow run, None where no UI is known.
    """
    package = describe_version(client(account.credentials, "sagemaker"), account, package_arn)
    run_id = package.get("CustomerMetadataProperties", {}).get(FLOW_RUN, NO_FLOW_RUN)
    key = f"runs/{run_id}/report.json"
    report = read_json(client(account.credentials, "s3"), account.bucket, key)
    if report is None:
        return without_report(package, f"s3://{account.bucket}/{key}")
    uri = f"s3://{account.bucket}/{key.removesuffix('.json')}.md"
    return decision_page(report, package, full_report(run_url(report["flow_run_id"]), uri))


def without_report(package: Mapping[str, Any], uri: str) -> str:
    said = code(package.get("ModelPackageDescription", "nothing"))
    return f"{title(package)}\n\nThe report of the run that registered it is not there ({code(uri)}). All that its package says: {said}."


def decision_page(report: Mapping[str, Any], package: Mapping[str, Any], link: str) -> str:
    sections = [
        title(package),
        metrics_sentence(report["metrics"]),
        comparison_sentence(report["comparison"]) or "Nothing was live to hold it to.",
        mistakes_table(report["metrics"]),
        cost_line(report["cost"]),
        link,
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


def full_report(page: str | None, uri: str) -> str:
    return f"Full report, with the confusion matrix: {f'[the run that registered it]({page}), ' if page else ''}{code(uri)}"
