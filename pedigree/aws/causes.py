"""The cause of a failed job in one line, from the reason that AWS gives and the last lines of its log."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MEND = "mend the cause; a changed code or setting is a new job, the same one needs retry_failed"
# what SageMaker puts around the text of `output/failure`
# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-output.html
WRAPPING = re.compile(r"^(AlgorithmError|ClientError)?:?\s*|[,\s]*exit code: -?\d+\s*$")


@dataclass(frozen=True)
class Known:
    """A cause that has its own words and action; `sign` finds it, and its groups fill the words."""

    sign: re.Pattern[str]
    words: str
    action: str


def known(sign: str, words: str, action: str) -> Known:
    return Known(re.compile(sign), words, action)


KNOWN = (
    known(
        r"WeightsUnreachable|urlopen error|download\.pytorch\.org",
        "the ImageNet weights cannot be downloaded",
        "let the job reach https://download.pytorch.org (a VPC needs a NAT gateway), give the file in training.weights, "
        "or set training.pretrained to false",
    ),
    known(
        r"WeightsUnfit",
        "training.weights cannot be used",
        "give the state dict that torchvision publishes for training.architecture, or choose the architecture of the file",
    ),
    known(
        r"CUDA out of memory|OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED",
        "the GPU ran out of memory",
        "lower training.batch_size or training.image_size, or choose an instance type whose GPU has more memory",
    ),
    known(
        r"No space left on device|Errno 28\b|Disk quota exceeded",
        "the disk is full",
        "raise training.volume_gb",
    ),
    known(
        r"\bMemoryError\b|[Cc]an(?:no|')t allocate memory|Bus error|exit code: (?:137|-9)\b|ExitCode 137\b",
        "the instance ran out of memory, or its process was killed",
        "lower training.batch_size or training.image_size, or choose an instance type with more memory",
    ),
    known(
        r"FloatingPointError",
        "the loss is not a finite number",
        "lower training.learning_rate",
    ),
    known(
        r"No module named '([\w.]+)'",
        "the module {0} is missing in the training image",
        "add it to requirements.txt of the code, or choose a training.image that has it",
    ),
    known(
        r"holds a bad image (.+?): ",
        "the image {0} cannot be read",
        "repair or remove it; a changed dataset is a new job",
    ),
)


@dataclass(frozen=True)
class Told:
    """The cause, what a person can do, and the lines that are worth reading after it."""

    cause: str
    action: str
    lines: tuple[str, ...]


def tell(reason: str, log: Sequence[str] = ()) -> Told:
    """Tell why a job failed: a known cause first, then AWS's words; `log` replaces the traceback that a reason may hold."""
    head, _, rest = reason.partition("\n\n")
    lines = tuple(log) or tuple(rest.splitlines())
    said = WRAPPING.sub("", head).strip() or next((line.strip() for line in reversed(lines) if line.strip()), reason)
    for text in (reason, "\n".join(lines)):  # the reason is nearer to the cause than what the log says beside it
        for cause in KNOWN:
            if found := cause.sign.search(text):
                return Told(f"{cause.words.format(*found.groups())}: {said}", cause.action, lines)
    return Told(said, MEND, lines)
