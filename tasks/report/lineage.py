"""The pedigree of what is live, as a mermaid flowchart: an arrow says "made this"."""

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.report.training_section import chosen_training

ARROWS = (
    ("dataset", "job"),
    ("code", "job"),
    ("job", "package"),
    ("package", "model"),
    ("model", "config"),
    ("config", "endpoint"),
)
ACTS = (("run", "registered", "package"), ("approver", "approved", "package"), ("alias", "invokes", "endpoint"))
KINDS = {
    "dataset": "Dataset",
    "code": "Code",
    "job": "Training job",
    "run": "Flow run",
    "approver": "Approver",
    "package": "Model package",
    "model": "Model",
    "config": "Endpoint config",
    "endpoint": "Endpoint",
    "alias": "Function",
}
THE_GATE = "the gate"  # in place of a person, where none was asked
UNWRAPPED = '%%{init: {"flowchart": {"wrappingWidth": 500}}}%%'  # mermaid would break long names at 200 pixels
SHORT = 16  # characters of a digest that are shown


def draw_lineage(names: Mapping[str, str]) -> str:
    """Mermaid text of these links of the line ({kind in KINDS: name}); empty when there are none."""
    if not names:
        return ""
    nodes = [f'  {node}["{label(KINDS[node], names[node])}"]' for node in KINDS if node in names]
    arrows = [f"  {source} --> {target}" for source, target in ARROWS if source in names and target in names]
    acts = [f"  {actor} -. {act} .-> {target}" for actor, act, target in ACTS if actor in names and target in names]
    return "\n".join([UNWRAPPED, "flowchart TD", *nodes, *arrows, *acts])


def links_of(summary: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """As much of the line as the run reached."""
    dataset, endpoint, function = (summary[part] for part in ("dataset", "endpoint", "function"))
    if dataset:
        yield "dataset", dataset["digest"][:SHORT]
    if training := chosen_training(summary["training"]):
        yield "code", training["code_digest"][:SHORT]
        yield "job", training["job"]
    if summary["model_package_arn"]:
        yield "package", short_package(summary["model_package_arn"])
    if summary["approval"]:
        yield from links_of_approval(summary["approval"])
    if endpoint:
        yield "model", endpoint["model"]
        yield "config", endpoint["config"]
        yield "endpoint", endpoint["name"]
    if function:
        yield "alias", f"{function['name']}:{function['alias']} → version {function['version']}"


def links_of_approval(approval: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if approval["flow_run_id"]:
        yield "run", approval["flow_run_id"]
    if name := approver(approval):
        yield "approver", name


def approver(approval: Mapping[str, Any] | None) -> str | None:
    """Who approved; None while nobody has."""
    if not approval or approval["status"] != "Approved":
        return None
    return approval["approver"] or THE_GATE


def short_package(arn: str) -> str:
    """`<group>/<version>`."""
    return arn.partition("model-package/")[2]


def label(kind: str, name: str) -> str:
    """Two lines; mermaid reads names of AWS resources as they are, but a quote would end the label."""
    return f"<b>{kind}</b><br/>{name.replace(chr(34), '#quot;')}"
