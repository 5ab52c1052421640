"""A flow of your own, made of the tasks of `tasks/`: upload a dataset and compare instance types, then stop.

python -m examples.own_flow FOLDER [PROJECT]
"""

import argparse

from pedigree.settings import Environment, Training
from tasks.account import find_account
from tasks.cost import compare_instances
from tasks.dataset import inspect_dataset, upload_dataset
from tasks.runs.parameters import flow


@flow(name="look before training")
def look_before_training(dataset: str, training: Training, environment: Environment) -> None:
    """The artifact `<project>-instances` on the page of the run says what the training would take and cost on each instance type."""
    account = find_account(environment)
    data = upload_dataset(account, inspect_dataset(account, dataset))
    compare_instances(account, data, training)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.own_flow")
    parser.add_argument("folder", help="{train,valid,test}/<class>/<image> in a folder, .zip, .tar.gz, https:// or s3://")
    parser.add_argument("project", nargs="?", default="pedigree", help="the project, and the Prefect block of its orchestrator role")
    options = parser.parse_args()
    look_before_training(options.folder, Training(), Environment(credentials=options.project, project=options.project))


if __name__ == "__main__":
    main()
