"""A flow as it is often written: names from the clock, nothing adopted. The proof must catch it."""

import time

from prefect import flow

from pedigree.aws.clients import client
from pedigree.settings import Environment
from tasks.account import find_account


@flow(name="naive")
def naive(environment: Environment) -> None:
    account = find_account(environment)
    sagemaker = client(account.credentials, "sagemaker")
    name = f"{account.project}--model-{time.time_ns():x}"
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=account.serving_role,
        PrimaryContainer={"Image": "local/pytorch-inference:1"},
        Tags=[{"Key": "pedigree:project", "Value": account.project}],
    )
    sagemaker.describe_model(ModelName=name)
