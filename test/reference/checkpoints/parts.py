"""Writes checkpoints in several files with their index, and one that holds more than weights, as training code writes them.

    python test/reference/checkpoints/parts.py

Files go to test/fixtures/parts/, what PyTorch and safetensors read back to golden.json beside them. Versions:
test/reference/requirements.txt.
"""

import collections
import dataclasses
import enum
import functools
import hashlib
import json
import pathlib
import random
import uuid
from importlib.metadata import version

import numpy as np
import safetensors.torch
import torch

OUT = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "parts"


class Mode(enum.Enum):
    TRAIN = "train"


@dataclasses.dataclass
class Config:
    lr: float = 0.1
    mode: Mode = Mode.TRAIN


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3)
        self.bn = torch.nn.BatchNorm2d(4)
        self.fc = torch.nn.Linear(4, 2)


def digest(tensor):
    return hashlib.sha256(tensor.detach().contiguous().numpy().tobytes()).hexdigest()


def split(state, count):
    names = list(state)
    return [{n: state[n] for n in names[i::count]} for i in range(count)]


def write_parts(state, stem, ending, save):
    parts = split(state, 3)
    files = [f"{stem}-{i + 1:05d}-of-{len(parts):05d}.{ending}" for i in range(len(parts))]
    for part, file in zip(parts, files):
        save(part, OUT / file)
    total = sum(t.numel() * t.element_size() for t in state.values())
    weight_map = {name: file for part, file in zip(parts, files) for name in part}
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    (OUT / f"{stem}.{ending}.index.json").write_text(json.dumps(index, indent=2) + "\n")


def write_objects(network, state):
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    torch.save(
        {
            "state_dict": state,
            "mode": Mode.TRAIN,
            "config": Config(),
            "optimizer": optimizer,
            "scheduler": scheduler,
            "loss": torch.nn.CrossEntropyLoss(weight=torch.ones(2)),
            "numpy": np.random.RandomState(1),
            "generator": np.random.default_rng(1),
            "python": random.getstate(),
            "random": random.Random(1),
            "norm": functools.partial(torch.nn.BatchNorm2d, eps=1e-3),
            "own": functools.partial(Config, 0.2),
            "id": uuid.UUID(int=1),
            "table": collections.ChainMap({"a": 1}),
            "dtype": np.dtype("float32"),
            "masked": np.ma.array([1.0, 2.0], mask=[0, 1]),
        },
        OUT / "objects.pth",
    )


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(3)
    network = Network()
    state = network.state_dict()
    write_parts(state, "model", "safetensors", safetensors.torch.save_file)
    write_parts(state, "pytorch_model", "bin", torch.save)
    write_objects(network, state)
    made = f"torch {torch.__version__}, safetensors {version('safetensors')}, numpy {np.__version__}"
    golden = {"made with": made, "tensors": {n: {"shape": list(t.shape), "sha256": digest(t)} for n, t in state.items()}}
    (OUT / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
    print(made, sum(p.stat().st_size for p in OUT.iterdir()), "bytes")
