"""The task that compares: an evaluation job of its own, because no training may depend on what is live and no flow holds torch."""

from functools import partial

from pedigree.aws.clients import client
from pedigree.aws.naming import job_name
from pedigree.evaluation.answers import read_comparison
from pedigree.evaluation.evaluation_job import comparison_job_request, comparison_key
from pedigree.settings import Training
from pedigree.trained_model import TrainedModel
from pedigree.training.code import key_of_files, package_files
from pedigree.training.jobs import Following, Jobs, asked
from pedigree.training.result import OUTPUT
from pedigree.training.training_job import QUEUEING_SECONDS
from pedigree.values import Account, Champion, Comparison, Dataset


def evaluate(account: Account, trained: TrainedModel, champion: Champion, dataset: Dataset, training: Training) -> Comparison:
    files = package_files("model")
    key = comparison_key(trained, champion, dataset_key=dataset.key, code_key=key_of_files(files), training=training)
    given = asked(account, training, files, key)
    request_of = partial(comparison_job_request, trained=trained, champion=champion, dataset=dataset, **given)
    jobs = Jobs(account, Following(max_seconds=training.max_runtime_seconds + QUEUEING_SECONDS, product=OUTPUT))
    attempt = jobs.follow(partial(job_name, account.project, "evaluate", key), request_of, retry_failed=training.retry_failed)
    return read_comparison(client(account.credentials, "s3"), champion, attempt)
