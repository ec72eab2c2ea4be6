"""Weights that follow from a network's names, so that they need no file; running statistics of a picture, in few digits."""

import math
import pathlib
import re
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from seeded import fnv1a32, mulberry32

# Variance of a matrix or kernel times its fan-in is gain / 3.
GAIN = 5.0
# Of these the channels come last; of a kernel the fan-in comes behind the first axis.
TABLES = r"pos_embed|table|token"
# Center and spread of vectors, by the end of their names; the first that fits counts.
VECTORS = [
    (r"running_mean|running_var", None),
    (r"(gamma.*|layer_scale.*|scale|gain)$", (0.5, 0.25)),
    # The last of a bottleneck: without this, sums of many blocks depend on the last bits of the picture.
    (r"(bn3|norm3)\.weight$", (0.2, 0.1)),
    (r"weight$", (0.75, 0.25)),
    (r"bias$", (0.0, 0.1)),
]


def uniform(name: str, count: int) -> np.ndarray:
    """[-1, 1) float64, from the name."""
    return 2.0 * mulberry32(fnv1a32(name), count) - 1.0


def of_name(name: str, shape: tuple) -> np.ndarray | None:
    """float32, or None where the library's own initial value stays."""
    count = math.prod(shape)
    if sum(length > 1 for length in shape) >= 2:
        fan_in = shape[-1] if re.search(TABLES, name) else math.prod(shape[1:])
        values = uniform(name, count) * math.sqrt(GAIN / fan_in)
    else:
        rule = next((rule for pattern, rule in VECTORS if re.search(pattern, name)), None)
        if rule is None or not shape:
            return None
        values = rule[0] + rule[1] * uniform(name, count)
    return values.astype(np.float32).reshape(shape)


def rounded(tensor: torch.Tensor) -> torch.Tensor:
    """Three significant digits."""
    return torch.tensor([float(f"{value:.3g}") for value in tensor.flatten().tolist()]).reshape(tensor.shape)


def seed(model: torch.nn.Module, picture: torch.Tensor, lift: float = 0.0) -> dict[str, torch.Tensor]:
    """Gives the model its weights, in place; `lift` is added to the biases of batch normalizations. What does not follow from names is returned by name."""
    own = {}
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if not tensor.is_floating_point() or "running_" in name:
            continue
        buffer = name not in dict(model.named_parameters())
        values = None if buffer else of_name(name, tuple(tensor.shape))
        with torch.no_grad():
            if values is not None:
                tensor.copy_(torch.from_numpy(values))
            elif tensor.dim() == 0 and not buffer and abs(float(tensor)) < 1e-3:
                tensor.fill_(0.5)
    with torch.no_grad():
        for norm in model.modules():
            if isinstance(norm, torch.nn.modules.batchnorm._BatchNorm) and norm.bias is not None:
                norm.bias += lift
    calibrate(model, picture)
    for name, tensor in model.named_buffers():
        if "running_" in name:
            tensor.copy_(rounded(tensor))
            own[name] = tensor
    return own


def calibrate(model: torch.nn.Module, picture: torch.Tensor) -> None:
    """Running statistics of batch normalizations, from eight pictures: the given one, and others made of it."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    momenta = [m.momentum for m in norms]
    for norm in norms:
        norm.train()
        norm.reset_running_stats()
        norm.momentum = None
    grain = torch.from_numpy(uniform("grain", 7 * picture.numel()).astype(np.float32)).reshape(7, *picture.shape)
    others = [picture.roll((7 * i, 5 * i), (2, 3)) * (0.5 + 0.1 * i) + 0.5 * grain[i] for i in range(7)]
    with torch.no_grad():
        model(torch.cat([picture, *others]))
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
        norm.eval()
