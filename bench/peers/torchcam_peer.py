"""TorchCAM over every reported convolutional layer: one pass, maps normalized, resized to 380x380. No pictures."""

import torch
from torch.nn import functional as F
from torchcam.methods import GradCAM

import harness
import models
from inputs import network_input
from network import reported_layers

PACKAGES = ("torch", "torchcam", "efficientnet_pytorch")
VECTOR_LAYERS = ("dropout", "fc")


def make(options):
    models.use_threads(options)
    model = models.b5()
    layers = [module for name, module in reported_layers(model).items() if name not in VECTOR_LAYERS]
    tensor = torch.from_numpy(network_input(options))
    extractor = GradCAM(model, layers)

    def run(steps: harness.Steps) -> list[torch.Tensor]:
        with steps.time("maps"):
            scores = model(tensor)
            maps = extractor(options.target, scores)
            resized = [F.interpolate(m[None], (380, 380), mode="bilinear") for m in maps]
        return [m[0, 0] for m in resized]

    return run


if __name__ == "__main__":
    harness.main("TorchCAM", PACKAGES, harness.parser(__doc__).parse_args(), make)
