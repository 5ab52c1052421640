"""The images that the evaluation job has kept."""

from pedigree.aws.clients import S3Client
from pedigree.trained_model import Comparison
from pedigree.training.output import read_output


def read_samples(s3: S3Client, comparison: Comparison) -> dict[str, bytes]:
    """The {name in the job's output: JPEG} of the samples and of the most confused pairs."""
    names = comparison.evaluation.shown_images
    output = read_output(s3, comparison.output) if names else {}
    return {name: output[name] for name in names}
