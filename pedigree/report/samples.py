"""The images that a job has kept from its evaluation."""

from pedigree.aws.clients import S3Client
from pedigree.trained_model import TrainedModel
from pedigree.training.result import read_output


def read_samples(s3: S3Client, model: TrainedModel) -> dict[str, bytes]:
    """The {name in the job's output: JPEG} of the samples and of the most confused pairs."""
    evaluation = model.evaluation
    names = [sample["image"] for sample in evaluation.samples]
    names += [pair[role] for pair in evaluation.pairs for role in ("mistaken", "typical") if role in pair]
    output = read_output(s3, model.artifact) if names else {}
    return {name: output[name] for name in names}
