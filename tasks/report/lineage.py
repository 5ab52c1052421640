"""The pedigree of what is live, as a mermaid flowchart: an arrow says "made this"."""

from collections.abc import Iterator
from typing import Any

ARROWS = (
    ("dataset", "job"),
    ("code", "job"),
    ("job", "package"),
    ("package", "model"),
    ("model", "config"),
    ("config", "endpoint"),
)
UNWRAPPED = '%%{init: {"flowchart": {"wrappingWidth": 500}}}%%'  # mermaid would break long names at 200 pixels
SHORT = 16  # characters of a digest that are shown


def draw_lineage(summary: dict[str, Any]) -> str:
    """Mermaid text of as much of the line as the run reached; empty when it reached nothing."""
    labels = dict(labelled_nodes(summary))
    if not labels:
        return ""
    nodes = [f'  {node}["{label}"]' for node, label in labels.items()]
    arrows = [f"  {source} --> {target}" for source, target in ARROWS if source in labels and target in labels]
    if "alias" in labels:
        arrows.append("  alias -. invokes .-> endpoint")
    return "\n".join([UNWRAPPED, "flowchart TD", *nodes, *arrows])


def labelled_nodes(summary: dict[str, Any]) -> Iterator[tuple[str, str]]:
    dataset, training, endpoint, function = (summary[part] for part in ("dataset", "training", "endpoint", "function"))
    if dataset:
        yield "dataset", label("Dataset", dataset["digest"][:SHORT])
    if training:
        yield "code", label("Code", training["code_digest"][:SHORT])
        yield "job", label("Training job", training["job_name"])
    if summary["model_package_arn"]:
        yield "package", label("Model package", summary["model_package_arn"].partition("model-package/")[2])
    if endpoint:
        yield "model", label("Model", endpoint["model"])
        yield "config", label("Endpoint config", endpoint["config"])
        yield "endpoint", label("Endpoint", endpoint["name"])
    if function:
        yield "alias", label("Function", f"{function['name']}:{function['alias']} → version {function['version']}")


def label(kind: str, name: str) -> str:
    """Two lines; mermaid reads names of AWS resources as they are, but a quote would end the label."""
    return f"<b>{kind}</b><br/>{name.replace(chr(34), '#quot;')}"
