"""Random augmentation of a training batch; the class of an image stays the same."""

import torch
from torch.nn import functional


def augment(batch: torch.Tensor) -> torch.Tensor:
    """Mirror half of the images, and shift and scale each image a little; input and output are `(n, 3, h, w)`."""
    n = len(batch)
    scale = torch.empty(n).uniform_(0.8, 1.15)
    mirrored = torch.where(torch.rand(n) < 0.5, -scale, scale)
    transform = torch.zeros(n, 2, 3)
    transform[:, 0, 0], transform[:, 1, 1] = mirrored, scale
    transform[:, :, 2] = torch.empty(n, 2).uniform_(-0.15, 0.15)
    grid = functional.affine_grid(transform.to(batch.device), list(batch.shape), align_corners=False)
    return functional.grid_sample(batch, grid, padding_mode="reflection", align_corners=False)
