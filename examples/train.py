"""Train a model and read what it is worth, without Prefect: nothing is registered and nothing goes live.

python -m examples.train FOLDER [PROJECT]
"""

import argparse

from pedigree.aws.account import find_account
from pedigree.dataset.inspect import inspect_dataset
from pedigree.dataset.upload import upload_dataset
from pedigree.settings import Environment, Training
from pedigree.trained_model import TrainedModel
from pedigree.training.jobs import train_model

SMALL = Training(
    architecture="small_cnn",
    pretrained=False,
    freeze_backbone=False,
    image_size=64,
    epochs=3,
    batch_size=32,
    learning_rate=0.01,
    instance_type="ml.m5.large",
)


def train(project: str, folder: str, training: Training) -> TrainedModel:
    """The model of one training job; the same images and settings again adopt the job that is there."""
    account = find_account(Environment(credentials=project, project=project))
    dataset = upload_dataset(account, inspect_dataset(account, folder))
    return train_model(account, dataset, training)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.train")
    parser.add_argument("folder", help="{train,valid,test}/<class>/<image> in a folder, .zip, .tar.gz, https:// or s3://")
    parser.add_argument("project", nargs="?", default="pedigree", help="the project, and the AWS profile of its orchestrator role")
    options = parser.parse_args()
    model = train(options.project, options.folder, SMALL)
    print(f"{model.job_name} ({model.outcome}): {model.evaluation.accuracy:.1%} on {model.evaluation.images} test images")
    print(model.artifact)


if __name__ == "__main__":
    main()
