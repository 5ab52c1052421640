"""The classes are an endpoint's contract: its callers know them, so a new model keeps them unless a person says otherwise."""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pedigree.artifact.check import check_artifact
from pedigree.aws.errors import GateRefused, SpecDiffers
from pedigree.aws.naming import DATASET
from pedigree.dataset.inspect import Inspected
from pedigree.dataset.manifest import read_manifest
from pedigree.endpoint.champion import known_champion
from pedigree.registry.versions import version_of
from pedigree.settings import Mission
from pedigree.text import listed
from pedigree.values import Account, Champion, Dataset, ModelVersion

SHOWN = 10  # classes that a message names
UNSEEN = "set gate.classes to `replace` to put a model over it unseen, or choose another serving.endpoint_name"
REPLACE = '{"gate": {"classes": "replace"}}'


def require_kept_classes(account: Account, mission: Mission, dataset: Inspected | Dataset) -> None:
    """Raise GateRefused for a dataset that lacks a class of the live model, unless `gate.classes` allows it."""
    if mission.gate.classes == "replace":
        return
    champion = known_champion(account, mission.serving)
    if champion and (lost := lost_classes(account, champion, dataset.classes)):
        cause = f"this dataset lacks {lost}. A model that is trained on it never answers them"
        address = dataset.uri if isinstance(dataset, Inspected) else "..."  # an uploaded one does not know where it came from
        raise GateRefused("classes", f"endpoint {champion.endpoint}", cause, ways_out(address))


def require_kept_by(account: Account, mission: Mission, package: Mapping[str, Any]) -> None:
    """Raise GateRefused for a model package, as described, that lacks a class of the live model, unless `gate.classes` allows it."""
    if mission.gate.classes == "replace":
        return
    champion, version = known_champion(account, mission.serving), version_of(dict(package), "adopted")
    if champion is None or champion.package_arn == version.arn:
        return
    dataset_key = package["CustomerMetadataProperties"].get(DATASET, "")
    if lost := lost_classes(account, champion, classes_of(account, version, dataset_key, replacing(version.arn))):
        cause = f"the model package {version.name} lacks {lost}. Its model never answers them"
        raise GateRefused("classes", f"endpoint {champion.endpoint}", cause, f"leave the live model, or {replacing(version.arn)}")


def replacing(package_arn: str) -> str:
    """The way to let a model package replace a model with other classes, as a command."""
    command = f".venv/bin/prefect deployment run approve/local --param package={package_arn} --param classes=replace"
    return f"let it replace that model, with other classes (of approve/aws where the account is a real one):\n  {command}"


def lost_classes(account: Account, champion: Champion, kept: Sequence[str]) -> str:
    """The classes of the champion that are not kept, in words; empty when all are."""
    version = ModelVersion(champion.package_arn, "", champion.artifact, "adopted")
    known = classes_of(account, version, champion.dataset_key, UNSEEN)
    lost = [name for name in known if name not in kept]
    return f"{len(lost)} of the {len(known)} classes that the live model knows: {listed(lost, most=SHOWN)}" if lost else ""


def classes_of(account: Account, version: ModelVersion, dataset_key: str, action: str) -> Sequence[str]:
    """The classes of a version, from the manifest of its dataset, or else from its artifact; SpecDiffers where neither is there."""
    if dataset_key and (manifest := read_manifest(account, dataset_key)):
        return manifest["classes"]
    golden, problems = check_artifact(account, version)
    if golden is None:
        raise SpecDiffers("classes", version.name, f"the classes of this model are not known: {'; '.join(problems)}", action)
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
