"""The training script of a course, as its students write it: SM_* as defaults of the arguments, a loss in the log, a state_dict."""

import argparse
import json
import os
from pathlib import Path

import numpy
import torch
import torch.distributed
from PIL import Image
from torch import nn


def pictures(folder: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The pictures and labels below `folder`, one folder a class."""
    classes = sorted(path.name for path in Path(folder).iterdir())
    found = [(path, classes.index(path.parent.name)) for path in sorted(Path(folder).rglob("*.jpg"))]
    arrays = [numpy.asarray(Image.open(path).convert("RGB").resize((8, 8))) for path, _ in found]
    return torch.tensor(numpy.stack(arrays)).permute(0, 3, 1, 2) / 255, torch.tensor([label for _, label in found])


def join(hosts: list[str], host: str) -> None:
    """Where there are several hosts, they train one model together."""
    if len(hosts) > 1:
        torch.distributed.init_process_group("gloo", rank=hosts.index(host), world_size=len(hosts))
        print(f"rank {torch.distributed.get_rank()} of {torch.distributed.get_world_size()}", flush=True)


def average(model: nn.Module) -> None:
    if torch.distributed.is_initialized():
        for parameter in model.parameters():
            assert parameter.grad is not None
            torch.distributed.all_reduce(parameter.grad)
            parameter.grad.div_(torch.distributed.get_world_size())


def main(args: argparse.Namespace) -> None:
    join(args.hosts, args.current_host)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    images, labels = pictures(args.data_dir)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
    for start in range(0, len(images), args.batch_size):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images[start : start + args.batch_size]), labels[start : start + args.batch_size])
        loss.backward()
        average(model)
        optimizer.step()
    loss = nn.functional.cross_entropy(model(images), labels)
    print(f"Testing Loss: {loss.item():.4f}", flush=True)
    torch.save(model.state_dict(), Path(args.model_dir) / "model.pth")
    Path(args.output_dir, f"{args.current_host}.json").write_text(json.dumps({"lr": args.lr, "batch": args.batch_size}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--hosts", type=json.loads, default=os.environ["SM_HOSTS"])
    parser.add_argument("--current-host", default=os.environ["SM_CURRENT_HOST"])
    parser.add_argument("--data-dir", default=os.environ["SM_CHANNEL_TRAINING"])
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--output-dir", default=os.environ["SM_OUTPUT_DATA_DIR"])
    main(parser.parse_args())
