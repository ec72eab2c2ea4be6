"""PyTorch at its best for many images: hooks on the reported layers, one forward and one backward pass a batch, maps only."""

import torch

import harness
import models
from inputs import network_input
from reference_pipeline import hook_layers

PACKAGES = ("torch", "efficientnet_pytorch")


def make(options):
    models.use_threads(options)
    model = models.b5().to(options.device).requires_grad_(False)  # no gradients of weights: only what the maps need
    activations, gradients = hook_layers(model)
    batch = torch.from_numpy(network_input(options)).to(options.device).repeat(options.batch, 1, 1, 1)

    def run(steps: harness.Steps) -> list[torch.Tensor]:
        """The raw maps (batch, h, w) of the 44 layers with 4-D output, after ReLU."""
        with steps.time("explain"):
            logits = model(batch.clone().requires_grad_())
            logits[:, options.target].sum().backward()
            models.finish(options)
        with steps.time("maps"):
            maps = [cam(activations[name], gradients[name]) for name in activations if activations[name].dim() == 4]
            models.finish(options)
        activations.clear()  # a batch of 8 takes gigabytes, which the next batch size needs
        gradients.clear()
        return maps

    return run


def cam(activation: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    return (weights * activation).sum(dim=1).relu()


if __name__ == "__main__":
    options = harness.parser(__doc__)
    options.add_argument("--batch", type=int, default=1, help="images in one pass")
    harness.main("PyTorch in batches", PACKAGES, options.parse_args(), make)
