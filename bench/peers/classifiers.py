"""Seven ImageNet classifiers of torchvision with seeded weights: exported as ONNX files, and explained by pytorch-grad-cam layer for layer.

    python bench/peers/classifiers.py --export .cache/models          # the files that `npm run bench models` measures
    python bench/peers/classifiers.py --network resnet50 --layers layer4.2,layer4.1 --repeats 10

Weights do not affect timing, so none are downloaded.
"""

import argparse
from pathlib import Path

import torch
import torchvision

import harness

PACKAGES = ("torch", "torchvision", "grad-cam", "numpy")
NETWORKS = ("resnet50", "mobilenet_v2", "efficientnet_b0", "convnext_tiny", "vit_b_16", "swin_t", "densenet121")
SIDE = 224


def network(name: str) -> torch.nn.Module:
    """Seeded, with a head like a trained one's: torchvision starts that of ViT at zero."""
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(weights=None).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.Linear) and not module.weight.any():
            torch.nn.init.normal_(module.weight, std=0.02)
    return model


def export(folder: Path, names: tuple[str, ...] = NETWORKS) -> None:
    """One file per network, with its weights, as torch's own exporter writes it; existing files are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = folder / f"{name}.onnx"
        if path.exists():
            continue
        partial = path.with_suffix(".partial")
        torch.onnx.export(
            network(name),
            (torch.zeros(1, 3, SIDE, SIDE),),
            str(partial),
            dynamo=True,
            external_data=False,
            input_names=["input"],
            output_names=["logits"],
            verbose=False,
        )
        partial.rename(path)


def picture() -> torch.Tensor:
    """The values of bench/models/row.ts."""
    return (torch.arange(3 * SIDE * SIDE) % 997).float().div(997).reshape(1, 3, SIDE, SIDE)


def make(options: argparse.Namespace) -> harness.Run:
    import cv2
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    model = network(options.network)
    tensor = picture()
    targets = [ClassifierOutputTarget(options.target)]
    modules = dict(model.named_modules())
    missing = [name for name in options.layers.split(",") if name not in modules]
    if missing:
        raise SystemExit(f"{options.network} has no modules {', '.join(missing)}")

    class PerLayer(GradCAM):
        """The library averages the maps of several layers; this keeps them apart, in the order of the layers."""

        def aggregate_multi_layers(self, cam_per_target_layer):
            return cam_per_target_layer

    def planes(activation: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) of tokens, a class token left out, and of channels last."""
        if activation.dim() == 3:
            side = int(activation.shape[1] ** 0.5)
            grid = activation[:, activation.shape[1] - side * side :]
            return grid.transpose(1, 2).reshape(activation.shape[0], -1, side, side)
        last = options.network == "swin_t" and activation.shape[1] == activation.shape[2]
        return activation.permute(0, 3, 1, 2) if last else activation

    cam = PerLayer(model, [modules[name] for name in options.layers.split(",")], reshape_transform=planes)
    bare = network(options.network)
    for parameter in bare.parameters():
        parameter.requires_grad_(False)

    def run(steps: harness.Steps) -> object:
        with steps.time("maps"):
            maps = cam(tensor, targets)
        with steps.time("forward"), torch.inference_mode():
            bare(tensor)
        # No hooks, no maps, no gradients of weights: the cheapest backward pass there is.
        with steps.time("forward and backward"):
            bare(tensor.clone().requires_grad_(True))[0, options.target].backward()
        return maps

    return run


if __name__ == "__main__":
    options = harness.parser(__doc__)
    options.add_argument("--export", type=Path, help="write the ONNX files to this folder, and end")
    options.add_argument("--network", choices=NETWORKS)
    options.add_argument("--layers", help="names of modules, with commas")
    chosen = options.parse_args()
    if chosen.export is not None:
        export(chosen.export)
    else:
        harness.main("pytorch-grad-cam", PACKAGES, chosen, make)
