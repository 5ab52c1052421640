"""Whether a file can be a state dict of PyTorch, by what shows without PyTorch; nothing in it is run."""

import pickletools
import zipfile
from pathlib import Path
from typing import IO

from pedigree.aws.archives import BadArchive
from pedigree.aws.tensors import MOST_HEADER, tensors_of

# how torch.save began a file before PyTorch 1.6, as many that torchvision publishes do: the pickled number 0x1950a86a20f9469cfc6c
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
PICKLES = 4  # of such a file: that number, the protocol, the machine, and what was saved
# the modules that the pickle of a state dict names; whatever else it names is more than tensors
OF_TENSORS = ("collections", "torch", "torch._utils", "torch.storage", "torch.serialization", "torch.nn.parameter")


def why_no_state_dict(path: Path) -> str | None:
    """The reason, None for what may be one; what no reader can know before the training is whether it fits the architecture."""
    try:
        with path.open("rb") as file:
            if path.suffix == ".safetensors":
                tensors_of(path.name, file.read(8 + MOST_HEADER), path.stat().st_size)
            elif zipfile.is_zipfile(file):
                require_tensors_alone(pickle_in(file))
            elif file.seek(0) == 0 and file.read(len(LEGACY)) == LEGACY:
                file.seek(0)
                require_tensors_alone(file, PICKLES)
            else:
                raise BadArchive("no file of torch.save begins or ends like this")
    except (BadArchive, zipfile.BadZipFile, OSError) as error:
        return f"it is no state dict: {error}"
    return None


def pickle_in(file: IO[bytes]) -> IO[bytes]:
    """The pickle in the zip archive that torch.save writes."""
    archive = zipfile.ZipFile(file)
    names = archive.namelist()
    if any(name.endswith("/constants.pkl") for name in names):
        raise BadArchive("it is a TorchScript program")
    for name in names:
        if name.endswith("/data.pkl"):
            return archive.open(name)
    raise BadArchive("this zip archive holds no data.pkl")


def require_tensors_alone(file: IO[bytes], pickles: int = 1) -> None:
    """BadArchive where the pickles name anything but tensors and what holds them: a whole network, an optimizer, code."""
    try:
        for _ in range(pickles):
            for opcode, named, _ in pickletools.genops(file):
                if opcode.name == "GLOBAL" and str(named).split()[0] not in OF_TENSORS:
                    raise BadArchive(f"it holds {str(named).replace(' ', '.')} beside tensors; save network.state_dict() alone")
    except ValueError as error:  # pickletools says so of whatever is cut off or no pickle
        raise BadArchive(f"its pickle is damaged ({error})") from error
