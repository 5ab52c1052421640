"""The lineage of the live model as a mermaid flowchart; an arrow means "made this"."""

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
ENTITIES = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"})  # as mermaid writes them
THE_GATE = "the gate"  # the approver when no person was asked
UNWRAPPED = '%%{init: {"flowchart": {"wrappingWidth": 500}}}%%'  # without it mermaid breaks long names at 200 pixels
SHORT = 16  # shown characters of a digest


def draw_lineage(names: Mapping[str, str]) -> str:
    """The mermaid text of these resources ({kind in KINDS: name}); empty when there are none."""
    if not names:
        return ""
    nodes = [f'  {node}["{label(KINDS[node], names[node])}"]' for node in KINDS if node in names]
    arrows = [f"  {source} --> {target}" for source, target in ARROWS if source in names and target in names]
    acts = [f"  {actor} -. {act} .-> {target}" for actor, act, target in ACTS if actor in names and target in names]
    return "\n".join([UNWRAPPED, "flowchart TD", *nodes, *arrows, *acts])


def label(kind: str, name: str) -> str:
    """A label of two lines; mermaid reads a name as HTML, and a quote would end the label."""
    return f"<b>{kind}</b><br/>{' '.join(name.translate(ENTITIES).split())}"
