"""Writes what the Python libraries compute with seeded weights: logits, layer statistics, CAMs. See README.md."""

import argparse
import hashlib
import json
import math
import pathlib
import re
import sys
import tempfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from containers import CONTAINERS, skeleton, write_container
from networks import ALL, SMALL, create, reported_modules
from seeded import fnv1a32, mulberry32

CLASSES = 5
BINS = 16
GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden" / "architectures"


def uniform(name: str, count: int) -> np.ndarray:
    """[-1, 1) float64, from the name."""
    return 2.0 * mulberry32(fnv1a32(name), count) - 1.0


# Normalizations whose parameters all differ, so that mixing up two of them shows: values are
# center + spread * uniform, by the first pattern that matches the whole name.
VECTORS = [
    (r".*\.weight", 0.75, 0.25),
    (r".*\.bias", 0.0, 0.1),
    (r".*\.running_mean", 0.0, 0.1),
    (r".*\.running_var", 1.0, 0.5),
]
# Networks whose untrained residuals add up to 1e3 and more get a smaller last normalization in their blocks, under names that no other network has.
DAMPED = [
    (r"torchvision/resnet.*", (r"layer\d\.\d+\.bn3\.weight", 0.2, 0.1)),
    (r"timm/(deit3|vit_(medium|base_patch14)).*", (r".*\.gamma", 0.5, 0.25)),
    (r"torchvision/vit.*", (r".*in_proj_bias", 0.0, 0.1)),
    (r"timm/convnext.*", (r".*\.gamma", 0.5, 0.25)),
    (r"transformers/convnext.*", (r".*\.layer_scale_parameter", 0.5, 0.25)),
    (r"timm/resnetv2.*", (r".*\.v", 0.75, 0.25)),
    (r"timm/resnetv2.*", (r".*\.tau", 0.0, 0.2)),
    (r"timm/swinv2.*", (r".*\.[qv]_bias", 0.0, 0.1)),
    (r"torchvision/efficientnet_v2_.*", (r"features\.[1-9]\.\d+\.block\.[13]\.1\.weight", 0.4, 0.2)),
]


# Matrices and kernels are uniform with variance gain / (3 fan-in). The first ones keep the signal of an untrained
# EfficientNet alive in efficientnet_pytorch's names; 6 is He's gain.
GAINS = [
    (r"_conv_stem\.weight", 1.0),
    (r"_blocks\.\d+\._(depthwise|project)_conv\.weight", 8.0),
    (r"_blocks\.\d+\._se_expand\.weight", 100.0),
    (r"_conv_head\.weight", 1000.0),
    (r".*", 6.0),
]


def vector_rules(identity: str) -> list:
    return [rule for pattern, rule in DAMPED if re.fullmatch(pattern, identity)] + VECTORS


def first_match(rules: list, name: str) -> tuple:
    return next(rule[1:] for rule in rules if re.fullmatch(rule[0], name))


def test_tensor(identity: str, name: str, shape: tuple) -> np.ndarray:
    """float32, from float64 arithmetic that is rounded once."""
    values = uniform(name, math.prod(shape))
    if len(shape) >= 2:
        (gain,) = first_match(GAINS, name)
        values = values * math.sqrt(gain / math.prod(shape[1:]))
    else:
        center, spread = first_match(vector_rules(identity), name)
        values = center + spread * values
    return values.astype(np.float32).reshape(shape)


def test_state(identity: str, network) -> dict:
    state = {}
    for name, tensor in network.state_dict().items():
        values = test_tensor(identity, name, tuple(tensor.shape)) if tensor.is_floating_point() else tensor.numpy()
        state[name] = torch.from_numpy(np.asarray(values))
    return state


def test_image(size: int) -> torch.Tensor:
    """(1,3,size,size), uniform in [-1, 1)."""
    return torch.from_numpy(uniform("image", 3 * size * size).astype(np.float32)).reshape(1, 3, size, size)


def binned(matrix: np.ndarray) -> list:
    """The mean of the map over a grid of at most BINS x BINS cells; row i of h is in cell row i * rows // h."""
    height, width = matrix.shape
    rows, columns = min(BINS, height), min(BINS, width)
    cells = np.zeros((rows, columns))
    counts = np.zeros((rows, columns))
    at = np.ix_(np.arange(height) * rows // height, np.arange(width) * columns // width)
    np.add.at(cells, at, matrix.astype(np.float64))
    np.add.at(counts, at, 1.0)
    return [float(f"{value:.7g}") for value in (cells / counts).ravel()]


def run(identity: str, network, size: int) -> dict:
    """One forward and one backward pass with hooks on every reported layer."""
    activations = {}
    for name, module in reported_modules(identity, network).items():
        module.register_forward_hook(lambda _module, _inputs, output, name=name: activations.__setitem__(name, output))
    image = test_image(size).requires_grad_(True)
    logits = network(image)
    # The mean of the last layer's CAM before its ReLU is the logit less its bias: the largest logit has a visible one.
    target = int(logits.argmax())
    kept = {name: activation for name, activation in activations.items() if activation.dim() == 4}
    gradients = torch.autograd.grad(logits[0, target], list(kept.values()))
    spatial = [(name, a.detach()[0], g[0]) for (name, a), g in zip(kept.items(), gradients) if a.shape[2] > 1]
    cams = []
    for name, activation, gradient in pick(spatial):
        cam = torch.relu((gradient.mean((1, 2))[:, None, None] * activation).sum(0)).double().numpy()
        cams.append({"layer": name, "norm": float(np.linalg.norm(cam)), "cells": binned(cam)})
    layers = []
    for name, activation in activations.items():
        values = activation.detach().double()
        layers.append([name, list(activation.shape), values.mean().item(), values.std(correction=0).item()])
    return {"target": target, "logits": logits.detach()[0].tolist(), "layers": layers, "cams": cams}


def pick(spatial: list) -> list:
    """Three layers spread over the depth whose CAM is not blank."""
    visible = [(n, a, g) for n, a, g in spatial if torch.relu((g.mean((1, 2))[:, None, None] * a).sum(0)).max() > 0]
    return [visible[round(place * (len(visible) - 1))] for place in (0.25, 0.6, 1.0)]


def make(identity: str, size: int, out: pathlib.Path, keep_files: bool) -> None:
    network = create(identity, CLASSES)
    state = test_state(identity, network)
    network.load_state_dict(state)
    stem = identity.replace("/", "__")
    golden = {"id": identity, "classes": CLASSES, "inputSize": size, "gains": GAINS, "vectors": vector_rules(identity), "containers": []}
    for kind in ["zip.pth"] if keep_files else CONTAINERS:
        file = out / f"{stem}.{kind}"
        if keep_files:
            write_container(kind, state, file)
            golden["containers"].append(file.name)
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / file.name
            write_container(kind, state, path)
            (out / f"{file.name}.skeleton.gz").write_bytes(skeleton(path, state))
        golden["containers"].append(f"{file.name}.skeleton.gz")
    golden.update(run(identity, network, size))
    (out / f"{stem}.json").write_text(json.dumps(golden) + "\n")
    spread = [std for _name, _shape, _mean, std in golden["layers"]]
    print(identity, golden["logits"], f"layer std {min(spread):.2g}..{max(spread):.2g}", flush=True)


def make_parameter_table(out: pathlib.Path) -> None:
    """Parameter count and a digest of all names and shapes, for every network, from the libraries' own state dicts."""
    table = {}
    for identity in ALL:
        with torch.device("meta"):
            network = create(identity, 1000)
        # Of counters and indices the names alone are compared: inference reads none.
        lines = sorted(
            f"{name} {','.join(map(str, t.shape)) if t.is_floating_point() else ''}" for name, t in network.state_dict().items()
        )
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        table[identity] = {"parameters": sum(p.numel() for p in network.parameters()), "tensors": len(lines), "sha256": digest}
    (out / "parameters.json").write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every network, each with its whole zip checkpoint (6 GB): needs --out")
    parser.add_argument("--only", nargs="*", help="these networks")
    parser.add_argument("--table", action="store_true", help="the table of names and shapes alone")
    parser.add_argument("--size", type=int, default=190, help="side of the image; 190 halves to odd sizes: 95, 48, 24")
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    options = parser.parse_args()
    if options.all and options.out == GOLDEN:
        parser.error("--all writes gigabytes: name another folder with --out")
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(2)
    if not options.only:
        make_parameter_table(options.out)
    for each in [] if options.table else options.only or (ALL if options.all else SMALL):
        make(each, options.size, options.out, keep_files=options.all)
