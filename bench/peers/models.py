"""The seeded networks as checkpoints on disk, so that a cold start loads weights as a user's script would."""

import argparse
import math
from collections.abc import Callable

import torch
from torch import nn

from harness import CACHE, ROOT  # and puts test/reference on the path
from seeded import seed_module

DETECTION_SIZE = (879, 1047)
"""Width and height of the picture of the reference report, at which detection is timed."""


def b5() -> nn.Module:
    """EfficientNet-B5 with two classes and the seeded weights, in inference mode."""
    from efficientnet_pytorch import EfficientNet

    return _loaded("b5.pth", lambda: EfficientNet.from_name("efficientnet-b5", num_classes=2))


def retinaface() -> nn.Module:
    """RetinaFace with the ResNet-50 body of retinaface_pytorch, in inference mode: its boxes mean nothing.

    The weights are seeded; then the heads are scaled until their outputs are as large as a trained network's, and the bias of the
    background until some anchors of the sample pass the threshold, as around the faces of a photo. With the seeded heads alone
    half of all anchors would, and sorting them out would take longer than the network.
    """
    from retinaface.network import RetinaFace

    layers = {"layer2": 1, "layer3": 2, "layer4": 3}
    return _loaded("retinaface-heads.pth", lambda: RetinaFace("Resnet50", False, 256, layers, 256), calibrate_heads)


CANDIDATES = 50
"""Anchors of the sample that pass RetinaFace's threshold: what a trained network gives for a face or two."""


@torch.inference_mode()
def calibrate_heads(model: nn.Module) -> None:
    """Boxes and landmarks with standard deviation 0.5, score logits with 1, CANDIDATES scores above the threshold."""
    import cv2

    from detect import THRESHOLD, detector_input
    from preprocess import read_rgb

    picture = cv2.resize(read_rgb(ROOT / "samples" / "portrait.png"), DETECTION_SIZE)
    heads = {"BboxHead": 0.5, "LandmarkHead": 0.5, "ClassHead": 1.0}
    outputs: dict[nn.Module, torch.Tensor] = {}
    convolutions = {head.conv1x1: std for name, std in heads.items() for head in getattr(model, name)}
    hooks = [c.register_forward_hook(lambda module, _, output: outputs.update({module: output})) for c in convolutions]
    model(detector_input(picture))
    for hook in hooks:
        hook.remove()
    for convolution, std in convolutions.items():
        convolution.weight *= std / outputs[convolution].std()
    _, classes, _ = model(detector_input(picture))
    probabilities = torch.softmax(classes, -1)[0, :, 1].double()
    least = torch.logit(probabilities).sort(descending=True).values[CANDIDATES - 1 : CANDIDATES + 1].mean()
    for head in model.ClassHead:
        head.conv1x1.bias[0::2] += float(least) - math.log(THRESHOLD / (1 - THRESHOLD))


def _loaded(name: str, build: Callable[[], nn.Module], adjust: Callable[[nn.Module], None] | None = None) -> nn.Module:
    model, path = build().eval(), CACHE / name
    if not path.exists():
        seed_module(model)
        if adjust is not None:
            adjust(model)
        CACHE.mkdir(exist_ok=True)
        partial = path.with_suffix(".partial")
        torch.save(model.state_dict(), partial)
        partial.rename(path)
    model.load_state_dict(torch.load(path, weights_only=True))
    return model


def use_threads(options: argparse.Namespace) -> None:
    """The same number of threads for PyTorch and OpenCV, and the arithmetic that the options ask for."""
    import cv2

    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    torch.backends.cudnn.allow_tf32 = options.tf32
    torch.backends.cuda.matmul.allow_tf32 = options.tf32
    torch.backends.cudnn.benchmark = options.device != "cpu"  # the fastest kernels for one size of input


def finish(options: argparse.Namespace) -> None:
    """Waits for the device, so that a step's time is its own: a GPU is still computing when Python goes on."""
    if options.device != "cpu":
        torch.cuda.synchronize()
