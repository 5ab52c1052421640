"""Run moto's own tests against the embedded AWS and record what fails, by cause: `python -m tests.clients.moto_tests [service ...]`.

The tests are those of the source distribution of the locked version of moto. A failure that no cause of `moto_causes` explains is ours.
"""

import ast
import os
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.results import record, recorded
from tests.clients.environments import HOME, ROOT, environment
from tests.clients.moto_causes import OURS, explain
from tests.clients.moto_plugin import REGION

SERVICES = ("sagemaker", "awslambda", "iam", "logs", "cloudwatch", "ssm", "s3", "ec2", "applicationautoscaling")
NEEDED = ("pip", "setuptools", "pytest", "pytest-timeout", "freezegun", "requests", "parameterized")
OTHER_REGION = re.compile(r"\b(?!us-east-1)(?:us|eu|ap|ca|sa|me|af|il)-(?:north|south|east|west|central)(?:east|west)?-\d")


@dataclass(frozen=True)
class Failure:
    """A failed test, by the name that pytest gives it."""

    test: str
    cause: str
    text: str


@dataclass(frozen=True)
class Result:
    """What came of the tests of one service."""

    passed: int
    skipped: int
    failures: list[Failure]

    @property
    def causes(self) -> dict[str, int]:
        return dict(Counter(failure.cause for failure in self.failures).most_common())


def main(services: list[str]) -> int:
    python = environment("moto", f"moto[all,server]=={version('moto')}", *NEEDED)
    source = unpack(python)
    ours = 0
    for service in services or SERVICES:
        result = run(python, source, service)
        keep(service, result)
        print(f"{service}: {result.passed} pass, {result.skipped} are skipped, {len(result.failures)} fail: {result.causes}")
        for failure in result.failures:
            if failure.cause == OURS:
                ours += 1
                print(f"  {failure.test}\n    {failure.text}")
    print(f"{ours} of the failures are ours")
    return int(ours > 0)


def unpack(python: Path) -> Path:
    """The folder of moto's source distribution, whose tests speak to one region."""
    folder = HOME / f"moto-{version('moto')}"
    if not folder.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        command = [str(python), "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", f"moto=={version('moto')}"]
        subprocess.run([*command, "--dest", str(HOME)], check=True)
        with tarfile.open(HOME / f"{folder.name}.tar.gz") as archive:
            archive.extractall(HOME, filter="data")
        use_one_region(folder / "tests")
    return folder


def use_one_region(tests: Path) -> None:
    """Name the one region wherever a test names another; a bucket of S3 is made in any region, and its tests stay as they are."""
    for path in tests.rglob("*.py"):
        if "test_s3" not in path.parts:
            path.write_text(OTHER_REGION.sub(REGION, path.read_text()))


def run(python: Path, source: Path, service: str) -> Result:
    """Run the tests of a service, and those again that fail without a cause: some are too slow on a busy machine."""
    first = read(execute(python, source, f"moto-{service}", f"tests/test_{service}"), source)
    return again(python, source, service, first)


def again(python: Path, source: Path, service: str, first: Result) -> Result:
    ours = [failure.test for failure in first.failures if failure.cause == OURS]
    if not ours:
        return first
    second = read(execute(python, source, f"moto-{service}-again", *ours), source)
    explained = [failure for failure in first.failures if failure.cause != OURS]
    return Result(first.passed + second.passed, first.skipped + second.skipped, [*explained, *second.failures])


def execute(python: Path, source: Path, name: str, *tests: str) -> Path:
    """Run tests; the log and the report, which is returned, stay below `.clients/`."""
    report = HOME / f"{name}.xml"
    variables = {"PYTHONPATH": str(Path(__file__).parent), "PEDIGREE_ROOT": str(ROOT), "PEDIGREE_PYTHON": sys.executable}
    command = [str(python), "-m", "pytest", *tests, "-p", "moto_plugin", "-q", "--tb=short", "--timeout=45", "--color=no"]
    with (HOME / f"{name}.log").open("w") as log:
        environ = os.environ | variables
        subprocess.run([*command, f"--junit-xml={report}"], cwd=source, env=environ, stdout=log, stderr=log, check=False)
    return report


def read(report: Path, source: Path) -> Result:
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    failures = [failure for case in cases for failure in failures_of(case, source)]
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return Result(len(cases) - skipped - len(failures), skipped, failures)


def failures_of(case: ElementTree.Element, source: Path) -> Iterator[Failure]:
    """The failure of a test, at most one: the answer on which it ended and the text."""
    for element in (*case.findall("failure"), *case.findall("error")):
        answers = [each.get("value", "") for each in case.iter("property") if each.get("name") == "answer"]
        told = "\n".join([*answers, element.get("message", ""), element.text or ""])
        test = name_of(case, source)
        yield Failure(test, explain(test, told, body_of(test, source)), told[:600])
        return


def name_of(case: ElementTree.Element, source: Path) -> str:
    """The name of a test as pytest takes it: its module, its class if it has one, and its function."""
    parts = str(case.get("classname")).split(".")
    module = next(
        (length for length in range(len(parts), 0, -1) if (source / "/".join(parts[:length])).with_suffix(".py").exists()), len(parts)
    )
    return "::".join(["/".join(parts[:module]) + ".py", *parts[module:], str(case.get("name"))])


def body_of(test: str, source: Path) -> str:
    """The source of a test function, with its decorators; empty when it is not found."""
    module, name = source / test.partition("::")[0], test.rpartition("::")[2].partition("[")[0]
    if not module.exists():
        return ""
    defined = (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return next((ast.unparse(function) for function in defined if function.name == name), "")


def keep(service: str, result: Result) -> None:
    """Record the result of a service beside those of the others that the same version of moto tested."""
    known = recorded("moto_tests")
    services = known.get("services", {}) if known.get("moto") == version("moto") else {}
    today = datetime.now(UTC).date().isoformat()
    services[service] = {"date": today, "passed": result.passed, "skipped": result.skipped, "failed": result.causes}
    record("moto_tests", command="make test-clients", moto=version("moto"), services=services)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
