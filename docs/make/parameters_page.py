"""The page docs/parameters.md, made of the models that the flow takes.

python -m docs.make.parameters_page > docs/parameters.md
"""

import json

from pydantic_core import PydanticUndefined

from pedigree.settings import Autoscaling, Ec2, Environment, Function, Gate, Goal, Scoring, Serving, Settings, Traffic, Training, Tuning

HEAD = """# Parameters of operationalize

`dataset` is the only one that has no default: a folder, .zip, .tar.gz, https:// or s3:// address with `{train,valid,test}/<class>/<image>`.
All others come in groups, the sections of the form in the Prefect UI.
`make run PARAMS='{"training": {"epochs": 20}}'` lays a JSON object over them. The defaults are those for AWS;
the deployment `operationalize/local` trains a small network instead (`prefect.yaml`).
"""
GROUPS: tuple[type[Settings], ...] = (Training, Ec2, Gate, Serving, Autoscaling, Function, Environment, Tuning, Scoring, Traffic, Goal)


def page() -> str:
    return "\n".join([HEAD, *(section(group) for group in GROUPS)])


def section(group: type[Settings], within: str = "") -> str:
    """The section of a group of parameters, and of the groups in it."""
    title = f"{within}{group.__name__.lower()}"
    lines = [f"## {title}", "", group.__doc__ or "", "", "| parameter | default | |", "|---|---|---|"]
    for name, field in group.model_fields.items():
        assert field.default is not PydanticUndefined, f"{group.__name__}.{name} needs a default"
        if isinstance(field.default, Settings):
            continue
        lines.append(f"| `{name}` | {shown(field.default)} | {field.description or ''} |")
    inner = [type(field.default) for field in group.model_fields.values() if isinstance(field.default, Settings)]
    return "\n".join([*lines, "", *(section(other, f"{title}.") for other in inner)])


def shown(default: object) -> str:
    if default in (None, "", (), {}):
        return ""
    if isinstance(default, tuple) and isinstance(default[0], Settings):
        return f"`{json.dumps([item.model_dump() for item in default])}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    print(page(), end="")
