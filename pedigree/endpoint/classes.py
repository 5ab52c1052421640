"""The classes are an endpoint's contract: its callers know them, so a new model keeps them unless a person says otherwise."""

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath

from pedigree.artifact.check import check_artifact
from pedigree.aws.errors import GateRefused, SpecDiffers
from pedigree.dataset.inspect import Inspected
from pedigree.dataset.manifest import read_manifest
from pedigree.endpoint.champion import known_champion
from pedigree.settings import Mission
from pedigree.text import listed
from pedigree.values import Account, Champion, Dataset, ModelVersion

SHOWN = 10  # classes that a message names
REPLACE = '{"gate": {"classes": "replace"}}'


def require_kept_classes(account: Account, mission: Mission, dataset: Inspected | Dataset) -> None:
    """Raise GateRefused for a dataset that lacks a class of the live model, unless `gate.classes` allows it."""
    if mission.gate.classes == "replace":
        return
    champion = known_champion(account, mission.serving)
    if champion is None:
        return
    known = classes_of(account, champion)
    lost = [name for name in known if name not in dataset.classes]
    if lost:
        cause = (
            f"this dataset lacks {len(lost)} of the {len(known)} classes that the live model knows: {listed(lost, most=SHOWN)}."
            " A model that is trained on it never answers them"
        )
        address = dataset.uri if isinstance(dataset, Inspected) else "..."  # an uploaded one does not know where it came from
        raise GateRefused("classes", f"endpoint {champion.endpoint}", cause, ways_out(address))


def classes_of(account: Account, champion: Champion) -> Sequence[str]:
    """The classes of the champion, from the manifest of its dataset, or else from its artifact."""
    if champion.dataset_key and (manifest := read_manifest(account, champion.dataset_key)):
        return manifest["classes"]
    golden, problems = check_artifact(account, ModelVersion(champion.package_arn, "", champion.artifact, "adopted"))
    if golden is None:
        action = "set gate.classes to `replace` to put a model over it unseen, or choose another serving.endpoint_name"
        raise SpecDiffers("classes", champion.endpoint, f"the classes of its model are not known: {'; '.join(problems)}", action)
    return golden.classes


def ways_out(uri: str) -> str:
    """Both ways out, as commands."""
    dataset = f"DATASET={shlex.quote(uri)}"
    return (
        "put a second model beside it, on an endpoint of its own (serving.endpoint_name):\n"
        f"  make run NAME={short_name(uri)} {dataset}\n"
        "or let the new model replace it, with other classes (gate.classes):\n"
        f"  make run {dataset} PARAMS='{REPLACE}'"
    )


def short_name(uri: str) -> str:
    """A name for an endpoint from the last part of a dataset's address: `.../Clothing_v2.zip` is `clothing-v2`."""
    words = re.findall("[a-z0-9]+", PurePosixPath(uri.rstrip("/")).name.lower().partition(".")[0])
    name = "-".join(words)[:30].strip("-")
    return name if name[:1].isalpha() else "second"
