"""The seeded EfficientNet-B5, its 46 reported layers, and what PyTorch's hooks and one backward pass see at each."""

from dataclasses import dataclass

import torch
from efficientnet_pytorch import EfficientNet
from torch import nn

from seeded import seed_module


def reproducible() -> None:
    """One thread, deterministic algorithms: with more, the order of additions in a backward pass changes between runs."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def seeded_b5() -> nn.Module:
    """Two classes, inference mode. Its static padding is for the nominal 456 pixels, whatever the input's size."""
    model = EfficientNet.from_name("efficientnet-b5", num_classes=2)
    seed_module(model)
    return model.eval()


def reported_layers(model: nn.Module) -> dict[str, nn.Module]:
    """Name in the report -> module whose output is reported, in report order."""
    layers = {"conv_stem": model._conv_stem, "bn0": model._bn0}
    layers.update({f"block_{index:02d}": block for index, block in enumerate(model._blocks)})
    layers.update(conv_head=model._conv_head, bn1=model._bn1, avg_pool=model._avg_pooling)
    layers.update(dropout=model._dropout, fc=model._fc)
    return layers


@dataclass(frozen=True)
class Capture:
    """Logits (2,) and, by layer, the activation and its gradient for each target class; all detached."""

    logits: torch.Tensor
    activations: dict[str, torch.Tensor]
    gradients: list[dict[str, torch.Tensor]]


def capture(model: nn.Module, tensor: torch.Tensor, targets=(0, 1)) -> Capture:
    """One forward pass with hooks on every reported layer, one backward pass per target logit."""
    outputs: dict[str, torch.Tensor] = {}
    hooks = [
        module.register_forward_hook(lambda _module, _inputs, output, name=name: outputs.update({name: output}))
        for name, module in reported_layers(model).items()
    ]
    try:
        logits = model(tensor)[0]
    finally:
        for hook in hooks:
            hook.remove()
    gradients = [
        dict(zip(outputs, torch.autograd.grad(logits[target], list(outputs.values()), retain_graph=True)))
        for target in targets
    ]
    return Capture(logits.detach(), {name: value.detach() for name, value in outputs.items()}, gradients)
