"""The task that compares: an evaluation job of its own, because no training may depend on what is live and no flow holds torch."""

from dataclasses import replace
from functools import partial

from pedigree.aws.clients import client
from pedigree.aws.naming import job_name, tag_list
from pedigree.evaluation.answers import read_comparison
from pedigree.evaluation.evaluation_job import comparison_job_request, comparison_key
from pedigree.settings import Training
from pedigree.trained_model import TrainedModel
from pedigree.training.code import key_of_files, package_files, upload_code
from pedigree.training.jobs import Following, Jobs, image_of
from pedigree.training.result import OUTPUT
from pedigree.training.training_job import QUEUEING_SECONDS, JobParts
from pedigree.values import Account, Champion, Comparison, Dataset


def evaluate(account: Account, trained: TrainedModel, champion: Champion, dataset: Dataset, training: Training) -> Comparison:
    files = package_files("model")
    code, image = upload_code(client(account.credentials, "s3"), account.bucket, files), image_of(account, training)
    parts = JobParts(account, dataset, code, training, image)
    request_of = partial(comparison_job_request, trained=trained, champion=champion)
    key = comparison_key(request_of("", parts), dataset_key=dataset.key, code_key=key_of_files(files), training=training)
    jobs = Jobs(account, Following(max_seconds=training.max_runtime_seconds + QUEUEING_SECONDS, product=OUTPUT))
    attempt = jobs.follow(
        partial(job_name, account.project, "evaluate", key),
        partial(request_of, parts=replace(parts, tags=tag_list(account, key))),
        retry_failed=training.retry_failed,
    )
    return read_comparison(client(account.credentials, "s3"), champion, attempt)
