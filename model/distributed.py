"""The ranks of a training job: one for each GPU of each host, or one for each host without GPUs.

The ranks connect through the first host. A job of one rank uses no process group and opens no port.
https://docs.pytorch.org/docs/stable/distributed.html
"""

import hashlib
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed.nn.functional  # imported later, its default arguments would keep the process group alive after `leave`
from torch import distributed, nn
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException, spawn

from model.contract import Cluster, Container, running_job
from model.interruption import STOPPED
from model.network import device

T = TypeVar("T")
# when a process ends its connections close and the others notice at once: the timeout is for a host that hangs or starts late
TIMEOUT = timedelta(minutes=5)
PORTS = range(10_000, 30_000)  # below the ports that systems give to clients


class LostRank(RuntimeError):
    """Another rank of the job has ended or does not answer any more."""


@dataclass(frozen=True)
class World:
    """This process is rank number `rank` of `size`. All ranks must make the same calls; with one rank every call returns its input."""

    rank: int = 0
    size: int = 1

    def share(self, positions: torch.Tensor) -> torch.Tensor:
        """This rank's part of `positions`; the parts of all ranks are disjoint and cover `positions`."""
        return positions[self.rank :: self.size]

    def sum(self, tensor: torch.Tensor) -> torch.Tensor:
        """All-reduce: the sum of the tensors of all ranks, which must have one shape."""
        if self.size == 1:
            return tensor
        total = tensor.to(device(), copy=True)
        distributed.all_reduce(total)
        return total.to(tensor.device)

    def gather(self, tensor: torch.Tensor) -> list[torch.Tensor]:
        """All-gather: the tensors of all ranks, which must have one shape, in the order of the ranks."""
        if self.size == 1:
            return [tensor]
        sent = tensor.to(device())
        received = [torch.empty_like(sent) for _ in range(self.size)]
        distributed.all_gather(received, sent)
        return [each.to(tensor.device) for each in received]

    def collect(self, value: T) -> list[T]:
        """All-gather of Python values, in the order of the ranks; torch pickles the values for the transport."""
        if self.size == 1:
            return [value]
        collected: list[Any] = [None] * self.size
        distributed.all_gather_object(collected, value)
        return collected

    def any(self, flag: bool) -> bool:  # noqa: FBT001
        """Whether the flag is true on at least one rank."""
        return bool(self.sum(torch.tensor(int(flag)))) if self.size > 1 else flag

    def meet(self) -> None:
        """Barrier: return when all ranks have called it."""
        if self.size > 1:
            distributed.barrier()

    def agree(self, tensor: torch.Tensor) -> torch.Tensor:
        """Broadcast: the tensor of the first rank."""
        if self.size == 1:
            return tensor
        agreed = tensor.to(device(), copy=True)
        distributed.broadcast(agreed, 0)
        return agreed.to(tensor.device)

    def replicate(self, network: nn.Module) -> nn.Module:
        """Wrap the network with the first rank's weights; its backward pass gives the mean gradient of all ranks."""
        if self.size == 1:
            return network
        with warnings.catch_warnings():
            # newer versions of torch renamed this option; the version in AWS's container image knows only this name
            warnings.simplefilter("ignore", FutureWarning)
            return nn.parallel.DistributedDataParallel(network, broadcast_buffers=False)

    def average_statistics(self, network: nn.Module) -> None:
        """Set the batch norm statistics of every rank to the mean of all ranks."""
        if self.size > 1:
            for buffer in network.buffers():
                if buffer.is_floating_point():
                    buffer.copy_(self.sum(buffer) / self.size)

    def say(self, line: object) -> None:
        """Print the line on the first rank only."""
        if self.rank == 0:
            print(line, flush=True)

    def leave(self) -> None:
        """Leave the process group after the last call: this rank may now end while others continue.

        No thread of the group is left that could abort the process while it ends.
        """
        if self.size > 1:
            distributed.destroy_process_group()


ALONE = World()


def run_ranks(work: Callable[[Container, World], None], container: Container, *, ranks_here: int | None = None) -> None:
    """Run `work` as every rank of this host, by default one rank for each GPU; when one rank fails, all ranks end."""
    ranks_here = ranks_here or max(1, torch.cuda.device_count())
    if ranks_here == 1:
        run_rank(0, work, container, 1)
        return
    try:
        spawn(run_as_child, (work, ranks_here), nprocs=ranks_here, daemon=True)
    except ProcessRaisedException:
        sys.exit(1)  # the rank that failed has written its reason
    except ProcessExitedException as error:
        if error.exit_code != STOPPED:
            raise
        sys.exit(STOPPED)  # another host got SIGTERM, and the ranks agreed to stop


def run_as_child(local_rank: int, work: Callable[[Container, World], None], ranks_here: int) -> None:
    with running_job() as container:
        run_rank(local_rank, work, container, ranks_here)


def run_rank(local_rank: int, work: Callable[[Container, World], None], container: Container, ranks_here: int) -> None:
    cluster = container.cluster()
    world = World(cluster.number * ranks_here + local_rank, len(cluster.hosts) * ranks_here)
    if torch.cuda.is_available():
        torch.cuda.set_device(local_rank)
    if world.size == 1:
        work(container, world)
        return
    try:
        join(world, cluster)
        work(container, world)
    except RuntimeError as error:
        if not isinstance(error, distributed.DistError) and "gloo" not in str(error):
            raise
        message = f"rank {world.rank} of {world.size} lost the connection to another rank; the log of the host that ended first says why"
        raise LostRank(f"{message}: {error}") from error


def join(world: World, cluster: Cluster) -> None:
    """Join the process group; return when all ranks are connected."""
    for library in ("GLOO", "NCCL"):
        os.environ.setdefault(f"{library}_SOCKET_IFNAME", cluster.interface)
    address = os.environ.get("MASTER_ADDR", cluster.hosts[0])
    distributed.init_process_group(
        "nccl" if torch.cuda.is_available() else "gloo",
        init_method=f"tcp://{address}:{port_of(os.environ.get('TRAINING_JOB_NAME', ''))}",
        rank=world.rank,
        world_size=world.size,
        timeout=TIMEOUT,
    )


def port_of(job_name: str) -> int:
    """The port where the ranks of a job connect: the same on all hosts, and almost always different between jobs."""
    return PORTS[int.from_bytes(hashlib.sha256(job_name.encode()).digest()[:8]) % len(PORTS)]
