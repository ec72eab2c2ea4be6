"""The further families: how each library makes the network, small where it can, and which modules' outputs are reported."""

import re

import torch
from torchvision import models


def whole(name):
    return lambda classes: getattr(models, name)(num_classes=classes)


# id -> (maker, pattern of the reported modules' paths)
FAMILIES = {
    "torchvision/mobilenet_v2": (whole("mobilenet_v2"), r"features\.\d+|classifier\.1"),
}

# Reported under another name than the module's.
RENAMED = {"torchvision/mobilenet_v2": {"classifier.1": "classifier"}}


def create(identity: str, classes: int):
    """In inference mode; no activation overwrites the output of the layer before it."""
    network = FAMILIES[identity][0](classes).eval()
    for module in network.modules():
        if getattr(module, "inplace", False):
            module.inplace = False
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.register_forward_hook(contiguous_gradient)
    return network


def contiguous_gradient(_module, _inputs, output):
    """PyTorch 2.9.1's backward pass of BatchNorm2d on CPU takes a gradient that is not contiguous wrongly."""
    if output.requires_grad:
        output.register_hook(lambda gradient: gradient.contiguous())


def reported_modules(identity: str, network) -> dict:
    pattern = re.compile(FAMILIES[identity][1])
    renamed = RENAMED.get(identity, {})
    return {renamed.get(path, path): m for path, m in network.named_modules() if pattern.fullmatch(path)}
