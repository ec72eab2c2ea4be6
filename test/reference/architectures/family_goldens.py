"""Goldens of other families: small inputs, logits, every layer's mean and spread, three Grad-CAM maps. See README.md."""

import argparse
import json
import math
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from families import CHANNELS_LAST, FAMILIES, SIZES, TOKENS_BEFORE, create, reported_modules
from make_goldens import CLASSES, GAINS, GOLDEN, binned, test_image, test_state, vector_rules

SIZE = 64


def forward_backward(identity: str, network, modules: dict, image: torch.Tensor) -> tuple:
    """Logits, and (name, activation, gradient of the largest logit or None) for each layer."""
    activations = {}

    def keep(name):
        def hook(_module, _inputs, output):
            # Layers of transformers may return more than what they compute.
            first, *others = output if isinstance(output, tuple) else (output,)
            activations[name] = first
            # What comes next may overwrite its input: densenet.py does.
            return (first.clone(), *others) if isinstance(output, tuple) else first.clone()

        return hook

    handles = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    logits = network(image.requires_grad_(True))
    for handle in handles:
        handle.remove()
    target = int(logits.argmax())
    inner = {name: a for name, a in activations.items() if a.dim() > 2}
    gradients = dict(zip(inner, torch.autograd.grad(logits[0, target], list(inner.values()))))
    layers = []
    for name, a in activations.items():
        gradient = gradients.get(name)
        layers.append((name, as_map(identity, a.detach()), None if gradient is None else as_map(identity, gradient)))
    return logits.detach()[0], target, layers


def as_map(identity: str, tensor: torch.Tensor) -> torch.Tensor:
    """Tokens (1, T, C) as the grid of patches (1, C, H, W) behind the class token, channels-last grids likewise; anything else as it is."""
    if tensor.dim() == 4 and identity.startswith(CHANNELS_LAST):
        return tensor.permute(0, 3, 1, 2)
    if tensor.dim() != 3:
        return tensor
    patches = tensor[:, TOKENS_BEFORE.get(identity, 1) :].transpose(1, 2)
    side = math.isqrt(patches.shape[2])
    return patches.reshape(1, -1, side, side)


def cam(activation: torch.Tensor, gradient: torch.Tensor) -> np.ndarray:
    a, g = activation[0], gradient[0]
    return torch.relu((g.mean((1, 2))[:, None, None] * a).sum(0)).double().numpy()


def run(identity: str, network, size: int) -> dict:
    # timm's stages without a downsample have an identity there.
    modules = {n: m for n, m in reported_modules(identity, network).items() if not isinstance(m, torch.nn.Identity)}
    image = test_image(size)
    logits, target, layers = forward_backward(identity, network, modules, image.clone())
    # Layers whose map depends on the last bits of the input: there is nothing to compare with.
    noise = 1e-6 * torch.from_numpy(np.random.default_rng(0).uniform(-1, 1, image.shape).astype(np.float32))
    _, _, shaken = forward_backward(identity, network, modules, image + noise)
    stable = []
    for (name, a, g), (_, a2, g2) in zip(layers, shaken):
        if g is None or a.shape[2] == 1:
            continue
        first, second = cam(a, g), cam(a2, g2)
        if first.max() > 0 and np.linalg.norm(first - second) < 2e-4 * np.linalg.norm(first):
            stable.append((name, first))
    picked = [stable[at] for at in sorted({round(place * (len(stable) - 1)) for place in (0.25, 0.6, 1.0)})]
    statistics = [
        [name, list(a.shape), a.double().mean().item(), a.double().std(correction=0).item()] for name, a, _ in layers
    ]
    cams = [{"layer": n, "norm": float(np.linalg.norm(c)), "cells": binned(c)} for n, c in picked]
    return {"target": target, "logits": logits.tolist(), "layers": statistics, "cams": cams}


def make(identity: str) -> None:
    network = create(identity, CLASSES)
    network.load_state_dict(test_state(identity, network))
    size = SIZES.get(identity, SIZE)
    golden = {"id": identity, "classes": CLASSES, "inputSize": size, "gains": GAINS, "vectors": vector_rules(identity)}
    golden |= {"containers": [], **run(identity, network, size)}
    name = identity.replace("/", "__")
    (GOLDEN / "families" / f"{name}.json").write_text(json.dumps(golden) + "\n")
    spread = [std for _name, _shape, _mean, std in golden["layers"]]
    picked = [c["layer"] for c in golden["cams"]]
    print(identity, golden["logits"], f"layer std {min(spread):.2g}..{max(spread):.2g}", picked, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", help="these networks")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for each in options.only or FAMILIES:
        make(each)
