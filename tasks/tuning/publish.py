"""The task that publishes a study: to S3 for programs and archives, as an artifact for the page of the run."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from tasks.aws.clients import client
from tasks.aws.errors import GateRefused, JobFailed, PedigreeError
from tasks.aws.objects import put_json
from tasks.aws.tasking import AWS_TASK
from tasks.settings import Training, Tuning
from tasks.tuning.figures import draw_study
from tasks.tuning.next_run import commands
from tasks.tuning.page import describe_study, headline, render_page
from tasks.tuning.space import with_parameters
from tasks.tuning.study import Study
from tasks.tuning.trial import Trial
from tasks.tuning.winner import choose_winner
from tasks.values import Account


@task(name="publish study", **AWS_TASK)
def publish_study(account: Account, study: Study, dataset: str, training: Training, tuning: Tuning) -> str:
    """S3 URI of `tuning.json`; beside it lies `tuning.md`, which is the artifact `<project>-tuning` too. The run may have ended early."""
    trials, verdict = study.trials, judge(study.trials)
    winner = verdict if isinstance(verdict, Trial) else None
    command = commands(dataset, with_parameters(training, winner.parameters)) if winner else ""
    page = render_page(trials, verdict, study.spending, draw_study(trials, winner, tuning), command)
    s3, folder = client(account.credentials, "s3"), f"runs/{flow_run.get_id()}/"
    put_json(s3, account.bucket, f"{folder}tuning.json", describe_study(trials, verdict, study.spending))
    s3.put_object(Bucket=account.bucket, Key=f"{folder}tuning.md", Body=page.encode(), ContentType="text/markdown; charset=utf-8")
    create_markdown_artifact(page, key=f"{account.project}-tuning", description=headline(trials, verdict))
    return f"s3://{account.bucket}/{folder}tuning.json"


def judge(trials: list[Trial]) -> Trial | PedigreeError:
    try:
        return choose_winner(trials)
    except (GateRefused, JobFailed) as refusal:
        return refusal
