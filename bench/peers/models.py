"""The seeded networks as checkpoints on disk, so that a cold start loads weights as a user's script would."""

import argparse
from collections.abc import Callable

import torch
from torch import nn

from harness import CACHE  # and puts test/reference on the path
from seeded import seed_module


def b5() -> nn.Module:
    """EfficientNet-B5 with two classes and the seeded weights, in inference mode."""
    from efficientnet_pytorch import EfficientNet

    return _loaded("b5.pth", lambda: EfficientNet.from_name("efficientnet-b5", num_classes=2))


def retinaface() -> nn.Module:
    """RetinaFace with the ResNet-50 body of retinaface_pytorch and seeded weights, in inference mode: its boxes mean nothing."""
    from retinaface.network import RetinaFace

    layers = {"layer2": 1, "layer3": 2, "layer4": 3}
    return _loaded("retinaface.pth", lambda: RetinaFace("Resnet50", False, 256, layers, 256))


def _loaded(name: str, build: Callable[[], nn.Module]) -> nn.Module:
    model, path = build(), CACHE / name
    if not path.exists():
        seed_module(model)
        CACHE.mkdir(exist_ok=True)
        partial = path.with_suffix(".partial")
        torch.save(model.state_dict(), partial)
        partial.rename(path)
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval()


def use_threads(options: argparse.Namespace) -> None:
    """The same number of threads for PyTorch and OpenCV."""
    import cv2

    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
