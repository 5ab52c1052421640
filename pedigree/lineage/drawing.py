"""The pedigree of what is live, as a mermaid flowchart: an arrow says "made this"."""

from collections.abc import Mapping

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


def label(kind: str, name: str) -> str:
    """Two lines; mermaid reads names of AWS resources as they are, but a quote would end the label."""
    return f"<b>{kind}</b><br/>{name.replace(chr(34), '#quot;')}"
