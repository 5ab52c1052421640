"""The page that a person reads before the decision about a model, above the form of the flow `approve`."""

from collections.abc import Callable, Mapping
from typing import Any

from pedigree.aws.clients import client
from pedigree.aws.naming import FLOW_RUN
from pedigree.aws.objects import read_json
from pedigree.registry.versions import describe_version
from pedigree.report.markdown import comparison_sentence, metrics_sentence
from pedigree.report.report import CostReport, Metrics, Report, UnreadableReport, from_json
from pedigree.text import code, dollars, plain, short_package, table
from pedigree.values import NO_FLOW_RUN, Account

MISTAKES_SHOWN = 5
RunUrl = Callable[[str], str | None]


def describe_for_approval(account: Account, package_arn: str, run_url: RunUrl) -> str:
    """Short markdown of the report of the run that registered this model package; InvalidInput when the package does not exist.

    `run_url` gives the address of a flow run, or None without a known UI.
    """
    package = describe_version(client(account.credentials, "sagemaker"), account, package_arn)
    run_id = package.get("CustomerMetadataProperties", {}).get(FLOW_RUN, NO_FLOW_RUN)
    key = f"runs/{run_id}/report.json"
    data = read_json(client(account.credentials, "s3"), account.bucket, key)
    if data is None:
        return package_page(package, f"The report of the run that registered it does not exist ({code(f's3://{account.bucket}/{key}')}).")
    link = full_report(run_url(run_id), f"s3://{account.bucket}/{key.removesuffix('.json')}.md")
    try:
        return decision_page(from_json(data), package, link)
    except UnreadableReport as problem:
        return package_page(package, f"The report of the run that registered it cannot be shown here: {problem.cause}.", link)


def package_page(package: Mapping[str, Any], why: str, link: str = "") -> str:
    """The page without a report: the reason, and the description of the model package."""
    known = code(package.get("ModelPackageDescription", "nothing"))
    return joined(title(package), f"{why} The description of its model package: {known}.", link)


def decision_page(report: Report, package: Mapping[str, Any], link: str) -> str:
    return joined(
        title(package),
        metrics_sentence(report.metrics),
        comparison_sentence(report.comparison) or "No model was live for a comparison.",
        mistakes_table(report.metrics),
        cost_line(report.cost),
        link,
    )


def joined(*sections: str) -> str:
    return "\n\n".join(filter(None, sections))


def title(package: Mapping[str, Any]) -> str:
    decided = {"Approved": "is approved already", "Rejected": "was rejected before"}
    return f"### {code(short_package(package['ModelPackageArn']))} {decided.get(package['ModelApprovalStatus'], 'waits for your decision')}"


def mistakes_table(metrics: Metrics | None) -> str:
    if not metrics or not metrics.mistakes:
        return ""
    rows = [(plain(mistake.words), str(mistake.images)) for mistake in metrics.mistakes[:MISTAKES_SHOWN]]
    return table(("Commonest mistakes: actual → predicted", "Images"), rows)


def cost_line(cost: CostReport | None) -> str:
    if not cost:
        return ""
    return f"Its run cost {dollars(cost.billed_usd)}; when it is live, all its resources cost {dollars(cost.month_usd)} a month."


def full_report(page: str | None, uri: str) -> str:
    return f"Full report, with the confusion matrix: {f'[the run that registered it]({page}), ' if page else ''}{code(uri)}"
