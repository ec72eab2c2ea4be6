"""pytorch-grad-cam over every reported convolutional layer: raw map, ReLU, its own scaling to 380x380. No pictures."""

import numpy as np
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

import harness
import models
from inputs import network_input
from network import reported_layers

PACKAGES = ("torch", "grad-cam", "efficientnet_pytorch", "numpy")
VECTOR_LAYERS = ("dropout", "fc")
"""The library's methods take 4-D (or 5-D) activations only."""


class PerLayerGradCAM(GradCAM):
    """The library averages the maps of several layers; this keeps them apart, in the order of the layers."""

    def aggregate_multi_layers(self, cam_per_target_layer):
        return cam_per_target_layer


def make(options):
    models.use_threads(options)
    model = models.b5().to(options.device)
    layers = [module for name, module in reported_layers(model).items() if name not in VECTOR_LAYERS]
    tensor = torch.from_numpy(network_input(options)).to(options.device)
    targets = [ClassifierOutputTarget(options.target)]
    together = PerLayerGradCAM(model, layers) if options.passes == "one" else None

    def each_alone() -> list[np.ndarray]:
        maps = []
        for layer in layers:
            with GradCAM(model, [layer]) as cam:
                maps.append(cam(tensor, targets))
        return maps

    def run(steps: harness.Steps) -> list[np.ndarray]:
        with steps.time("maps"):
            maps = each_alone() if together is None else together(tensor, targets)
        return [m.reshape(380, 380) for m in maps]

    return run


if __name__ == "__main__":
    options = harness.parser(__doc__)
    options.add_argument(
        "--passes",
        choices=("one", "each"),
        default="one",
        help="one: all layers from one backward pass, by a subclass; each: a pass per layer, as its documentation shows",
    )
    harness.main("pytorch-grad-cam", PACKAGES, options.parse_args(), make)
