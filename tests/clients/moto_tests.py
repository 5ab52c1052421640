"""Run moto's own tests against the embedded AWS and count what fails, by cause: `python -m tests.clients.moto_tests [service ...]`.

The tests are those of the source distribution of the locked version of moto. A failure that no rule below explains is ours.
"""

import os
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from tests.clients.environments import HOME, ROOT, environment

SERVICES = ("sagemaker", "awslambda", "iam", "logs", "cloudwatch", "ssm", "s3", "ec2", "applicationautoscaling")
NEEDED = ("pip", "setuptools", "pytest", "pytest-timeout", "freezegun", "requests", "parameterized")
OWN = re.compile(
    r"_backends\b|\bmoto_id_manager\b|set_custom_id|mock\.patch|@patch|state_manager|settings\.|create_backend_app|mock_aws\(config"
)

# cause -> what the text of a failure says; the first that matches counts
CAUSES = {
    "refused: not in the list of operations": re.compile(r"local_aws (does not|neither|serves no)"),
    "refused: a resource type that no stack makes": re.compile(r"Unrecognized resource types"),
    "asked for first: a role that the service may assume": re.compile(r"Could not assume role|cannot be assumed by Lambda"),
    "refused: not what botocore's shapes allow": re.compile(r"failed to satisfy constraint|validation errors? detected"),
    "refused: a target of autoscaling that nothing here scales": re.compile(r"Unsupported service namespace, resource type or scalable"),
    "asked for first: the resource that is scaled": re.compile(r"variant doesn't exist|Unknown alias|No such (?:function|alias)"),
    "one region": re.compile(r"Credential should be scoped to a valid region|expecting 'us-east-1'"),
    "the caller is the account's root or unknown": re.compile(
        r"Roles may not be assumed by root|InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClient"
    ),
}


@dataclass(frozen=True)
class Failure:
    test: str
    cause: str
    text: str


def main(services: list[str]) -> int:
    python = environment("moto", f"moto[all,server]=={version('moto')}", *NEEDED)
    source = unpack(python)
    ours = 0
    for service in services or SERVICES:
        passed, failures = run(python, source, service)
        counts = Counter(failure.cause for failure in failures)
        print(f"{service}: {passed} pass, {len(failures)} fail: " + ", ".join(f"{count} {cause}" for cause, count in counts.most_common()))
        for failure in failures:
            if failure.cause == "ours":
                ours += 1
                print(f"  {failure.test}\n    {failure.text}")
    print(f"{ours} of the failures are ours")
    return int(ours > 0)


def unpack(python: Path) -> Path:
    """The folder of moto's source distribution."""
    folder = HOME / f"moto-{version('moto')}"
    if not folder.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        command = [str(python), "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", f"moto=={version('moto')}"]
        subprocess.run([*command, "--dest", str(HOME)], check=True)
        with tarfile.open(HOME / f"{folder.name}.tar.gz") as archive:
            archive.extractall(HOME, filter="data")
    return folder


def run(python: Path, source: Path, service: str) -> tuple[int, list[Failure]]:
    """How many tests of a service pass, and those that fail."""
    result = HOME / f"moto-{service}.xml"
    variables = {"PYTHONPATH": str(Path(__file__).parent), "PEDIGREE_ROOT": str(ROOT), "PEDIGREE_PYTHON": sys.executable}
    command = [str(python), "-m", "pytest", f"tests/test_{service}", "-p", "moto_plugin", "-q", "--tb=short", "--timeout=60"]
    log = (HOME / f"moto-{service}.log").open("w")
    with log:
        environ = os.environ | variables
        subprocess.run([*command, f"--junit-xml={result}"], cwd=source, env=environ, stdout=log, stderr=log, check=False)
    return read(result, source)


def read(result: Path, source: Path) -> tuple[int, list[Failure]]:
    cases = list(ElementTree.parse(result).getroot().iter("testcase"))
    failures = [failure for case in cases for failure in failures_of(case, source)]
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return len(cases) - skipped - len(failures), failures


def failures_of(case: ElementTree.Element, source: Path) -> Iterator[Failure]:
    for element in (*case.findall("failure"), *case.findall("error")):
        text = element.text or ""
        yield Failure(f"{case.get('classname')}.{case.get('name')}", cause_of(case, text, source), element.get("message", "")[:300])
        return


def cause_of(case: ElementTree.Element, text: str, source: Path) -> str:
    for cause, words in CAUSES.items():
        if words.search(text):
            return cause
    return "moto's own: the test reaches into moto's process" if OWN.search(text + body_of(case, source)) else "ours"


def body_of(case: ElementTree.Element, source: Path) -> str:
    """The source of a test function; empty when it is not found."""
    module = source / (str(case.get("classname")).replace(".", "/") + ".py")
    name = str(case.get("name")).partition("[")[0]
    if not module.exists():
        return ""
    found = re.search(rf"(?:^@[^\n]*\n)*^def {re.escape(name)}\(.*?(?=^\S)", module.read_text() + "\nend", re.M | re.S)
    return found[0] if found else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
