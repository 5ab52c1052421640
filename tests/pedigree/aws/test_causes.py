"""A failed job is told by its cause, then by what a person can do."""

import pytest

from pedigree.aws.causes import MEND, tell

TRACEBACK = "\n\nTraceback (most recent call last):\n  File x"


@pytest.mark.parametrize(
    ("reason", "log", "cause", "action"),
    [
        (
            f"AlgorithmError: WeightsUnreachable: the ImageNet weights of resnet50 cannot be downloaded (<urlopen error x>){TRACEBACK}",
            [],
            "the ImageNet weights cannot be downloaded: WeightsUnreachable: the ImageNet weights of resnet50",
            "give the file in training.weights, or set training.pretrained to false",
        ),
        (
            f"AlgorithmError: WeightsUnfit: w.pth does not fit resnet50: layer1.0.conv3.weight is missing, and 158 more{TRACEBACK}",
            [],
            "training.weights cannot be used: WeightsUnfit: w.pth does not fit resnet50: layer1.0.conv3.weight is missing, and 158 more",
            "choose the architecture of the file",
        ),
        (
            f"AlgorithmError: OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB{TRACEBACK}, exit code: 1",
            ["urlopen error of a telemetry"],
            "the GPU ran out of memory: OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB",
            "lower training.batch_size",
        ),
        (
            "AlgorithmError: , exit code: 137",
            ["epoch=1", ""],
            "the instance ran out of memory, or its process was killed: epoch=1",
            "more memory",
        ),
        (
            "AlgorithmError: RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: you tried",
            [],
            "the instance ran out of memory",
            "more memory",
        ),
        (
            "AlgorithmError: , exit code: 1",
            ["OSError: [Errno 28] No space left on device"],
            "the disk is full: OSError:",
            "training.volume_gb",
        ),
        (
            "AlgorithmError: FloatingPointError: the training loss of epoch 2 is nan: lower learning_rate (now 0.9)",
            [],
            "the loss is not a finite number: FloatingPointError: the training loss of epoch 2 is nan",
            "lower training.learning_rate",
        ),
        (
            "AlgorithmError: , exit code: 1",
            ["Traceback (most recent call last):", "ModuleNotFoundError: No module named 'timm.models'"],
            "the module timm.models is missing in the training image: ModuleNotFoundError",
            "requirements.txt",
        ),
        (
            f"AlgorithmError: ValueError: 001.tar holds a bad image red/broken.jpg: this is not a JPEG or PNG{TRACEBACK}",
            [],
            "the image red/broken.jpg cannot be read: ValueError: 001.tar holds",
            "repair or remove it",
        ),
        (f"AlgorithmError: ValueError: odd{TRACEBACK}, exit code: 1", [], "ValueError: odd", MEND),
        ("The job could not be started", [], "The job could not be started", MEND),
    ],
)
def test_the_cause_comes_first_with_its_own_action(reason: str, log: list[str], cause: str, action: str) -> None:
    told = tell(reason, log)
    assert told.cause.startswith(cause)
    assert "\n" not in told.cause
    assert action in told.action


def test_the_log_is_told_in_the_place_of_the_traceback() -> None:
    reason = f"AlgorithmError: ValueError: odd{TRACEBACK}, exit code: 1"
    assert tell(reason, ["epoch=1", "odd"]).lines == ("epoch=1", "odd")
    assert tell(reason).lines[0] == "Traceback (most recent call last):"
