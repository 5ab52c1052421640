"""Take the screenshots of the Prefect UI for the docs, from a stack that is up and has run the mission.

python -m docs.make.screenshots     # into docs/images
"""

import base64
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from deployments.laptop.auth_string import read_auth_string
from deployments.laptop.prefect_api import PrefectApi
from deployments.laptop.stack import ROOT, Stack, default_folder

CHROMIUM = "chromium"
QUIET = "--disable-background-networking --disable-component-update --disable-gpu --disable-quic --disable-sync --no-first-run --no-sandbox"
RENDERED = 15_000  # milliseconds of the page's own clock


@dataclass(frozen=True)
class Picture:
    """A page of the UI: `says` is what a person looks for on it."""

    name: str
    path: str
    says: tuple[str, ...]
    height: int = 1000


def main() -> None:
    stack = Stack.load(default_folder())
    for picture in pictures(PrefectApi.of(stack)):
        photograph(stack, picture, ROOT / "docs" / "images")


def available() -> bool:
    return which(CHROMIUM) is not None


def pictures(api: PrefectApi) -> list[Picture]:
    """The dashboard, the latest complete run with its report, the form of `operationalize`, and the automations."""
    deployment = api.get("/deployments/name/operationalize/local")["id"]
    wanted = {"flows": {"name": {"any_": ["operationalize"]}}, "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    run = api.post("/flow_runs/filter", {**wanted, "sort": "END_TIME_DESC", "limit": 1})[0]
    (report,) = api.post("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}, "key": {"any_": ["pedigree-report"]}}})
    return [
        Picture("dashboard", "dashboard", ("Flow Runs", "Active Work Pools")),
        Picture("run", f"runs/flow-run/{run['id']}", (run["name"], "operationalize", "Artifacts")),
        Picture("report", f"artifacts/artifact/{report['id']}", ("pedigree is live", "Accuracy", "Lineage"), height=2495),
        Picture("form", f"deployments/deployment/{deployment}/run", ("Dataset", "Training", "Budget"), height=1600),
        Picture("automations", "automations", ("pedigree/local: announce news", "pedigree/local: announce failures")),
    ]


def photograph(stack: Stack, picture: Picture, folder: Path, *, logged_in: bool = True) -> str:
    """Write `<folder>/<name>.png`; what the page holds, as HTML."""
    with tempfile.TemporaryDirectory() as profile:
        command = [CHROMIUM, "--headless", *QUIET.split(), f"--user-data-dir={profile}", f"--window-size=1400,{picture.height}"]
        command += [f"--virtual-time-budget={RENDERED}", f"--screenshot={folder / picture.name}.png", "--dump-dom"]
        if logged_in:
            command.append(f"--load-extension={login(Path(profile) / 'login', read_auth_string(stack.folder))}")
        url = f"{stack.prefect_url}/v2/{picture.path}"
        return subprocess.run([*command, url], capture_output=True, text=True, timeout=120, check=True).stdout


def login(folder: Path, auth_string: str) -> Path:
    """Write an extension of the browser that logs in: the UI looks for the auth string in the page's local storage, in Base64."""
    script = {"matches": ["http://127.0.0.1/*"], "js": ["login.js"], "run_at": "document_start"}
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"manifest_version": 3, "name": "login", "version": "1", "content_scripts": [script]}))
    password = base64.b64encode(auth_string.encode()).decode()
    (folder / "login.js").write_text(f"localStorage.setItem('prefect-password', {json.dumps(password)})")
    return folder


if __name__ == "__main__":
    main()
