"""Run the deployment operationalize/local as a user would, follow the run and print its report.

python -m deployments.laptop.run --dataset FOLDER --params '{"training": {"epochs": 2}}'
"""

import argparse
import sys
import uuid
from itertools import dropwhile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from deployments.laptop.auth_string import how_to_log_in
from deployments.laptop.choices import read_dataset, read_parameters, with_name
from deployments.laptop.prefect_api import ApiError, PrefectApi
from deployments.laptop.prefect_toml import environment
from deployments.laptop.progress import Event, RunDeleted, follow
from deployments.laptop.report_files import fetch_report
from deployments.laptop.stack import Stack, StackError, default_folder
from deployments.laptop.terminal_report import render
from deployments.laptop.up import bring_up
from pedigree.report.report import UnreadableReport
from pedigree.text import did_you_mean

DEPLOYMENT = "operationalize/local"
INTERRUPTED = 130
DELETED = (
    "\nFlow run {run} was deleted in Prefect, so that nothing more is known of it. It ends as if it were cancelled: the jobs that it"
    " started are stopped. Run again with the same parameters: what was done is adopted."
)
FILE_WIDTH = 120


def main() -> int:
    try:
        return run(default_folder(), read_choices())
    except (ValueError, StackError) as error:
        print(error, file=sys.stderr)
        return 2


def run(folder: Path, choices: dict[str, Any]) -> int:
    """Run once with these flow parameters, which the flow completes by those of the deployment; status 0 only when it completed."""
    stack = bring_up(folder)
    api, console = PrefectApi.of(stack), Console(highlight=False, width=None if sys.stdout.isatty() else FILE_WIDTH)
    flow_run = create_run(api, choices)
    url = f"{stack.prefect_url}/v2/runs/flow-run/{flow_run['id']}"
    console.print(f"Flow run {flow_run['name']}: {url}\n{how_to_log_in(folder)}", soft_wrap=True)
    try:
        state = follow(api, flow_run["id"], lambda event: console.print(line(event), soft_wrap=True))
    except KeyboardInterrupt:
        console.print(how_to_cancel(stack, flow_run["id"]), soft_wrap=True)
        return INTERRUPTED
    except RunDeleted:
        console.print(DELETED.format(run=flow_run["name"]), soft_wrap=True)
        return 1
    show_report(console, stack, flow_run["id"])
    console.print(f"\nRun {state['name']}: {url}", soft_wrap=True)
    return 0 if state["type"] == "COMPLETED" else 1


def read_choices() -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog="python -m deployments.laptop.run", description="Run operationalize on this machine.")
    parser.add_argument("--dataset", default="", help="folder, .zip, .tar.gz, https:// or s3://; empty for generated shapes")
    parser.add_argument("--name", default="", help="serving.endpoint_name: a second model beside the project's own")
    parser.add_argument("--params", default="", help="JSON object of flow parameters, which replace those of the deployment")
    options = parser.parse_args()
    dataset = {"dataset": read_dataset(options.dataset)} if options.dataset else {}
    return with_name(read_parameters(options.params) | dataset, options.name)


def create_run(api: PrefectApi, choices: dict[str, Any]) -> dict[str, Any]:
    deployment = api.get(f"/deployments/name/{DEPLOYMENT}")
    known = deployment["parameter_openapi_schema"]["properties"]
    if unknown := choices.keys() - known.keys():  # Prefect would accept unknown parameters and crash the run
        raise ValueError("\n".join(f"PARAMS: there is no parameter {name}: {did_you_mean(name, known)}" for name in sorted(unknown)))
    try:
        body = {"parameters": choices, "idempotency_key": uuid.uuid4().hex}
        created: dict[str, Any] = api.post(f"/deployments/{deployment['id']}/create_flow_run", body)
    except ApiError as error:
        raise ValueError(f"PARAMS: {error}") from error
    return created


def line(event: Event) -> Text:
    """Format an event as one line; further lines of its text are indented below."""
    clock = event.time.astimezone().strftime("%H:%M:%S")
    text = without_frames(event.text).rstrip().replace("\n", "\n          ")
    if not event.source:
        return Text.assemble((clock, "bright_black"), "  ", (text, "bold"))
    named = text.lower().startswith(f"{event.source.lower()}: ")  # the last line of a stage already names the stage
    return Text.assemble((clock, "bright_black"), "  ", *([] if named else [(f"{event.source}  ", "cyan")]), text)


def without_frames(text: str) -> str:
    """Remove the stack frames of a traceback from the text; Prefect's UI and the worker's log keep them."""
    before, traceback, after = text.rpartition("Traceback (most recent call last):\n")
    if not traceback:
        return text
    error = "\n".join(dropwhile(lambda line: line.startswith(" "), after.splitlines()))
    return before.partition("Traceback (most recent call last):")[0] + error


def how_to_cancel(stack: Stack, run_id: str) -> str:
    return f"\nThe run continues. To cancel it:\n  {environment(stack)} {sys.executable} -m prefect flow-run cancel {run_id}"


def show_report(console: Console, stack: Stack, run_id: str) -> None:
    try:
        report = fetch_report(stack, run_id)
    except (UnreadableReport, StackError) as problem:  # another release wrote it, or S3 is away; the run ends as it ended
        console.print(f"\n{problem}", soft_wrap=True)
        return
    if report is None:
        console.print("\nThere is no report: the run ended before it could write one. Its last lines above say why.")
        return
    console.print()
    console.print(render(report))
    console.print(f"\nReport: {stack.folder}/report.md, report.json", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
