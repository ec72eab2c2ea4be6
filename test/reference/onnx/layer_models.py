"""Tiny ViT, Swin, ConvNeXt and a convolutional network as torch exports them, and the Grad-CAM of each of their modules by autograd.

    python test/reference/onnx/layer_models.py

Writes test/fixtures/onnx/layers/*.onnx.gz and test/golden/onnx/layers.json.gz. Weights are seeded, sizes are small; classes differ.
"""

import gzip
import json
import pathlib
import warnings

import onnx
import timm
import torch
import torchvision
from torch import nn
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.models.vision_transformer import VisionTransformer

ROOT = pathlib.Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "test" / "fixtures" / "onnx" / "layers"
GOLDEN = ROOT / "test" / "golden" / "onnx" / "layers.json.gz"
SIDE, CLASSES = 32, 5


class Gated(nn.Module):
    """A block with a squeeze-and-excitation gate, whose sum ends in ReLU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(width, 2, 1), nn.ReLU(), nn.Conv2d(2, width, 1), nn.Sigmoid()
        )
        self.act = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return self.act(x + y * self.gate(y))


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.blocks = nn.ModuleList([Gated(8) for _ in range(8)])
        self.fc = nn.Linear(8, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.fc(x.mean((2, 3)))


MODELS = {
    "vit": lambda: VisionTransformer(SIDE, 8, 4, 2, 16, 32, num_classes=CLASSES),
    "vit_registers": lambda: timm.models.VisionTransformer(
        img_size=(SIDE, 2 * SIDE), patch_size=8, embed_dim=16, depth=3, num_heads=2, num_classes=CLASSES,
        reg_tokens=4, global_pool="avg",
    ),
    "swin": lambda: SwinTransformer([4, 4], 8, [2, 2], [2, 2], [4, 4], num_classes=CLASSES),
    "convnext": lambda: ConvNeXt([CNBlockConfig(8, 16, 2), CNBlockConfig(16, None, 3)], num_classes=CLASSES),
    "residual": Residual,
}
# Positions of the picture's patches begin behind this many tokens.
SKIPPED = {"vit": 1, "vit_registers": 5}
SIZES = {"vit_registers": (SIDE, 2 * SIDE)}


def seeded(make, size) -> nn.Module:
    torch.manual_seed(7)
    model = make()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.25)
        else:
            nn.init.uniform_(parameter, 0.5, 1.2)
    model.train()
    with torch.no_grad():  # running statistics of some input
        model(torch.randn(4, 3, *size))
        for tensor in model.state_dict().values():  # few digits, so that the files are small
            if tensor.is_floating_point():
                tensor.copy_(torch.round(tensor * 64) / 64)
    return model.eval()


def channels_last(path: str, module: nn.Module, name: str) -> bool:
    if name == "swin":
        return not isinstance(module, nn.Conv2d) and path not in ("permute",)
    return isinstance(module, (nn.LayerNorm, nn.Linear, nn.GELU, torchvision.ops.Permute)) and type(
        module
    ).__name__ != "LayerNorm2d"


def cams(name: str, model: nn.Module, image: torch.Tensor, size) -> tuple[torch.Tensor, dict]:
    kept: dict[str, torch.Tensor] = {}
    counts: dict[str, int] = {}

    def hook(path):
        def keep(_module, _inputs, output):
            if isinstance(output, torch.Tensor) and output.requires_grad:
                counts[path] = counts.get(path, 0) + 1
                kept[path] = output
                output.retain_grad()

        return keep

    modules = dict(model.named_modules())
    handles = [module.register_forward_hook(hook(path)) for path, module in modules.items() if path]
    logits = model(image.clone().requires_grad_())
    logits[0, logits[0].argmax()].backward()
    for handle in handles:
        handle.remove()
    found = {}
    for path, tensor in kept.items():
        if counts[path] != 1 or tensor.grad is None:
            continue
        value, gradient = tensor.detach()[0], tensor.grad[0]
        if tensor.dim() == 3 and name in SKIPPED:
            grid = (size[0] // 8, size[1] // 8)
            skipped = tensor.shape[1] - grid[0] * grid[1]
            if skipped not in (0, SKIPPED[name]):
                continue
            value = value[skipped:].T.reshape(-1, *grid)
            gradient = gradient[skipped:].T.reshape(-1, *grid)
        elif tensor.dim() == 4:
            if channels_last(path, modules[path], name):
                value, gradient = value.permute(2, 0, 1), gradient.permute(2, 0, 1)
        else:
            continue
        cam = (gradient.mean((1, 2), keepdim=True) * value).sum(0)
        found[path] = {"height": cam.shape[0], "width": cam.shape[1], "cam": cam.flatten().tolist()}
    return logits.detach()[0], found


def export(model: nn.Module, image: torch.Tensor, path: pathlib.Path, dynamo: bool) -> None:
    if dynamo:
        torch.onnx.export(model, (image,), str(path), dynamo=True, external_data=False, opset_version=18, verbose=False)
    else:
        torch.onnx.export(model, image, str(path), dynamo=False, opset_version=17)
    written = onnx.load(path)
    kept = ("pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy", "pkg.torch.onnx.stack_trace")
    for node in written.graph.node:  # what is read, without the exporter's own notes: small files
        entries = [(p.key, p.value) for p in node.metadata_props if p.key in kept]
        del node.metadata_props[:]
        for key, value in entries:
            here = value.replace(str(ROOT), "/home/me/project")
            node.metadata_props.add(key=key, value=here)
    del written.graph.value_info[:]
    path.unlink()
    packed(FIXTURES / f"{path.name}.gz", written.SerializeToString())


def packed(path: pathlib.Path, data: bytes) -> None:
    path.write_bytes(gzip.compress(data, 9, mtime=0))


def main() -> None:
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    FIXTURES.mkdir(parents=True, exist_ok=True)
    models = []
    for name, make in MODELS.items():
        size = SIZES.get(name, (SIDE, SIDE))
        model = seeded(make, size)
        torch.manual_seed(11)
        image = torch.rand(1, 3, *size)
        logits, found = cams(name, model, image, size)
        for dynamo in (False, True):
            export(model, image, FIXTURES / f"{name}{'_dynamo' if dynamo else ''}.onnx", dynamo)
        rounded = lambda values: [float(f"{value:.6g}") for value in values]
        models.append({
            "name": name,
            "input": rounded(image.flatten().tolist()),
            "shape": [1, 3, *size],
            "logits": rounded(logits.tolist()),
            "modules": {path: {**row, "cam": rounded(row["cam"])} for path, row in found.items()},
        })
    packed(GOLDEN, json.dumps({
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__},
        "models": models,
    }).encode())


if __name__ == "__main__":
    main()
