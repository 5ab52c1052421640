"""The AWS account in which a flow works."""

from prefect import task
from prefect.runtime import flow_run

from pedigree.aws import account
from pedigree.settings import Environment
from pedigree.values import NO_FLOW_RUN, Account
from tasks.runs.credentials import load_credentials
from tasks.runs.logs import pass_on_logs
from tasks.runs.options import AWS_TASK
from tasks.runs.tags import OURS, carry


@task(name="find account", task_run_name="account: {environment.credentials}", **AWS_TASK)
def find_account(environment: Environment) -> Account:
    """Find the account of the credentials block; every flow begins with this task.

    From then on the guards see the run, and its log shows the log lines of the library.
    """
    carry(OURS)
    pass_on_logs()
    load_credentials(environment.credentials)
    return account.find_account(environment, run=flow_run.get_id() or NO_FLOW_RUN)
