"""A training that could only fail, refused before it is paid for: its ranks and batches against the images. A pure function."""

from collections.abc import Mapping

from pedigree.aws.errors import InvalidInput
from pedigree.prices.instances import gpus_of
from pedigree.settings import Training
from pedigree.settings.architectures import SMALL, has_batch_norm

STEP = "plan training"


def require_trainable(training: Training, counts: Mapping[str, int]) -> None:
    """Raise InvalidInput for a training that its container would refuse or could not begin; `counts` is {split: images}, or empty.

    The rules are those of `batch_sizes` and `evaluate` in `model/`: two images in each batch for every rank, and one in every split.
    """
    ranks = ranks_of(training)
    most = min(training.batch_size, counts.get("train", training.batch_size))
    if ranks > 1 and most < 2 * ranks:
        cause = f"{ranks} ranks need batches of at least {2 * ranks} images, and the largest batch has {most}"
        raise refused(training, cause, f"raise training.batch_size to {2 * ranks}, add images, or choose fewer instances or GPUs")
    if most < 2 and not training.freeze_backbone and has_batch_norm(training.architecture):
        cause = "its batch norm needs at least two images in a batch"
        raise refused(training, cause, "raise training.batch_size to 2 or more, with as many images, or set training.freeze_backbone")
    short = [f"{name} has {count}" for name, count in counts.items() if count < ranks]
    if short:
        cause = f"each of {ranks} ranks needs an image of every split, and {', '.join(short)}"
        raise refused(training, cause, "add images, or choose fewer instances or GPUs")
    if training.architecture == SMALL and training.pretrained:
        raise refused(training, "there are no pretrained weights for it", "set training.pretrained to false, or choose a larger network")


def ranks_of(training: Training) -> int:
    """The most ranks that the job may have: one for each GPU, or one for each instance without GPUs."""
    return training.instance_count * max(gpus_of(instance_type) or 1 for instance_type in training.instance_types)


def refused(training: Training, cause: str, action: str) -> InvalidInput:
    return InvalidInput(STEP, training.architecture, cause, action)
