"""The ranks of a training job: one for each GPU of each host, or one for each host without GPUs.

The hosts meet at the first of them. A job of one rank needs none of this and opens no port.
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
import torch.distributed.nn.functional  # imported later, by torch, its defaults would keep the group and its threads beyond `leave`
from torch import distributed, nn
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException, spawn

from model.contract import Cluster, Container, running_job
from model.interruption import STOPPED
from model.network import device

T = TypeVar("T")
# a process that ends closes its connections and is missed at once: this is for a host that falls silent or comes late
TIMEOUT = timedelta(minutes=5)
PORTS = range(10_000, 30_000)  # below those that systems hand out to clients


class LostRank(RuntimeError):
    """Another rank of the job has ended or fallen silent."""


@dataclass(frozen=True)
class World:
    """This process is number `rank` of `size`. All ranks must make the same calls; one rank alone gets back what it gave."""

    rank: int = 0
    size: int = 1

    def share(self, positions: torch.Tensor) -> torch.Tensor:
        """This rank's part; the parts of all ranks are disjoint and cover `positions`."""
        return positions[self.rank :: self.size]

    def sum(self, tensor: torch.Tensor) -> torch.Tensor:
        """The sum of all ranks' tensors of this shape."""
        if self.size == 1:
            return tensor
        total = tensor.to(device(), copy=True)
        distributed.all_reduce(total)
        return total.to(tensor.device)

    def gather(self, tensor: torch.Tensor) -> list[torch.Tensor]:
        """All ranks' tensors of this shape, in the order of the ranks."""
        if self.size == 1:
            return [tensor]
        sent = tensor.to(device())
        received = [torch.empty_like(sent) for _ in range(self.size)]
        distributed.all_gather(received, sent)
        return [each.to(tensor.device) for each in received]

    def collect(self, value: T) -> list[T]:
        """All ranks' values, in the order of the ranks; they are pickled on the way."""
        if self.size == 1:
            return [value]
        collected: list[Any] = [None] * self.size
        distributed.all_gather_object(collected, value)
        return collected

    def any(self, flag: bool) -> bool:  # noqa: FBT001
        """Whether it is so on one of the ranks."""
        return bool(self.sum(torch.tensor(int(flag)))) if self.size > 1 else flag

    def meet(self) -> None:
        """Return when all ranks are here."""
        if self.size > 1:
            distributed.barrier()

    def agree(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor of the first rank."""
        if self.size == 1:
            return tensor
        agreed = tensor.to(device(), copy=True)
        distributed.broadcast(agreed, 0)
        return agreed.to(tensor.device)

    def replicate(self, network: nn.Module) -> nn.Module:
        """The network with the first rank's weights, whose backward pass leaves the ranks' mean gradient."""
        if self.size == 1:
            return network
        with warnings.catch_warnings():
            # newer versions have another name for the option, the one in AWS's image knows only this
            warnings.simplefilter("ignore", FutureWarning)
            return nn.parallel.DistributedDataParallel(network, broadcast_buffers=False)

    def average_statistics(self, network: nn.Module) -> None:
        """Give all ranks the mean of what their batch norms have seen."""
        if self.size > 1:
            for buffer in network.buffers():
                if buffer.is_floating_point():
                    buffer.copy_(self.sum(buffer) / self.size)

    def say(self, line: object) -> None:
        """Print once for all ranks."""
        if self.rank == 0:
            print(line, flush=True)

    def leave(self) -> None:
        """No calls come after this: a rank may end while others go on, and no thread is left that could abort it as it ends."""
        if self.size > 1:
            distributed.destroy_process_group()


ALONE = World()


def run_ranks(work: Callable[[Container, World], None], container: Container, *, ranks_here: int | None = None) -> None:
    """Run `work` as every rank of this host, by default one for each GPU; when one of them fails, all end."""
    ranks_here = ranks_here or max(1, torch.cuda.device_count())
    if ranks_here == 1:
        run_rank(0, work, container, 1)
        return
    try:
        spawn(run_as_child, (work, ranks_here), nprocs=ranks_here, daemon=True)
    except ProcessRaisedException:
        sys.exit(1)  # that rank has left its reason
    except ProcessExitedException as error:
        if error.exit_code != STOPPED:
            raise
        sys.exit(STOPPED)  # another host was told to stop, and the ranks have told each other


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
        message = f"rank {world.rank} of {world.size} lost another one; the log of the host that ended first says why"
        raise LostRank(f"{message}: {error}") from error


def join(world: World, cluster: Cluster) -> None:
    """Meet the other ranks; returns when all are there."""
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
    """The port where a job's ranks meet, the same on all hosts and most likely another for another job."""
    return PORTS[int.from_bytes(hashlib.sha256(job_name.encode()).digest()[:8]) % len(PORTS)]
