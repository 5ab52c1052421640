"""The publication of a study in S3: as JSON for programs, and as a page of markdown."""

import json
import shlex

from pedigree.aws.clients import client
from pedigree.aws.errors import GateRefused, JobFailed, PedigreeError
from pedigree.aws.objects import put_json
from pedigree.settings import Training
from pedigree.text import Page
from pedigree.tuning.figures import draw_study
from pedigree.tuning.page import describe_study, headline, render_page
from pedigree.tuning.space import with_parameters
from pedigree.tuning.study import Study
from pedigree.tuning.trial import Trial
from pedigree.tuning.winner import choose_winner
from pedigree.values import Account


def commands(deployment: str, dataset: str, training: Training) -> str:
    """Shell commands with all settings of the training: for any server with the deployment, and on a laptop `make run` before it."""
    settings = {"training": training.model_dump(mode="json")}
    anywhere = f"prefect deployment run {deployment} --params {shlex.quote(json.dumps({'dataset': dataset} | settings))}"
    if not deployment.endswith("/local"):
        return anywhere
    return f"make run DATASET={shlex.quote(dataset)} PARAMS={shlex.quote(json.dumps(settings))}\n{anywhere}"


def publish_study(account: Account, study: Study, dataset: str, *, deployment: str) -> Page:
    """Write `tuning.md` and `tuning.json` and return the page, also for a run that ended early.

    `deployment` is the deployment of `operationalize` that continues with the winner.
    """
    trials, verdict = study.trials, judge(study.trials)
    winner = verdict if isinstance(verdict, Trial) else None
    command = commands(deployment, dataset, with_parameters(study.training, winner.parameters)) if winner else ""
    figures = draw_study(trials, winner, study.tuning)
    page = Page(render_page(trials, verdict, study.spending, figures, command), headline(trials, verdict))
    s3, folder = client(account.credentials, "s3"), f"runs/{account.run}/"
    put_json(s3, account.bucket, f"{folder}tuning.json", describe_study(trials, verdict, study.spending))
    s3.put_object(Bucket=account.bucket, Key=f"{folder}tuning.md", Body=page.markdown.encode(), ContentType="text/markdown; charset=utf-8")
    return page


def judge(trials: list[Trial]) -> Trial | PedigreeError:
    try:
        return choose_winner(trials)
    except (GateRefused, JobFailed) as refusal:
        return refusal
