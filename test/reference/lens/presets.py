"""Writes models/lenses/presets.json: how torchvision, timm and efficientnet_pytorch prepare pictures for each of their published weights.

torchvision: WeightsEnum.transforms of every classifier's weights. timm: pretrained_cfg of every weights of the networks that are read here. efficientnet_pytorch: sizes and published weights of the package; its
examples/imagenet/main.py, which is not in the package, resizes (bicubic) and crops to that size, and gives advprop's weights values from -1 to 1.
Run with the versions of test/reference/requirements.txt: python test/reference/lens/presets.py
"""
import json
import re
from pathlib import Path

import efficientnet_pytorch
import timm
import torchvision
from efficientnet_pytorch.model import VALID_MODELS
from efficientnet_pytorch.utils import url_map_advprop
from timm.models import get_pretrained_cfg, list_pretrained
from torchvision.models import get_model_weights, list_models

TARGET = Path(__file__).parents[3] / "models" / "lenses" / "presets.json"
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def torchvision_rows():
    rows = {}
    for name in list_models(module=torchvision.models):
        weights = get_model_weights(name)
        if not any("num_params" in w.meta and "categories" in w.meta for w in weights):
            continue
        presets = []
        for w in weights:
            t = w.transforms()
            row = {
                "weights": f"{weights.__name__}.{w.name}",
                "sha256": re.search(r"-([0-9a-f]{8,})\.pth$", w.url).group(1),
                "resize": t.resize_size[0],
                "crop": t.crop_size[0],
                "filter": t.interpolation.value,
            }
            if (list(t.mean), list(t.std)) != IMAGENET:
                row |= {"mean": list(t.mean), "std": list(t.std)}
            presets.append(row)
        rows[f"torchvision/{name}"] = presets
    return rows


# Networks that share names and shapes are read as one.
SAME = {"deit_tiny_patch16": "vit_tiny_patch16", "deit_small_patch16": "vit_small_patch16", "deit_base_patch16": "vit_base_patch16"}


def read_here() -> set[str]:
    """Networks of timm that are built from a checkpoint, and the ResNets that are torchvision's too."""
    table = json.loads((TARGET.parents[2] / "test/golden/architectures/parameters.json").read_text())
    return {name.removeprefix("timm/").partition("+")[0] for name in table if name.startswith("timm/")}


def timm_rows():
    others = re.compile(r"^(tf_)?efficientnet_(b[0-7]|lite\d)$|^resnet(18|34|50|101|152)d?$|^(se)?resnex?t(aa|blur)\d+d?(_\d+x\d+d)?$")
    built = read_here()
    rows = {}
    for full in list_pretrained():
        name, _, tag = full.partition(".")
        for own, common in SAME.items():
            if re.match(rf"^{own}_\d+$", name):
                name = name.replace(own, common)
        if name not in built and not others.match(name):
            continue
        cfg = get_pretrained_cfg(full)
        size = (cfg.test_input_size or cfg.input_size)[1]
        row = {
            "weights": full,
            "crop": size,
            "fraction": cfg.test_crop_pct or cfg.crop_pct,
            "filter": cfg.interpolation,
        }
        if cfg.crop_mode != "center":
            row["mode"] = cfg.crop_mode
        if (list(cfg.mean), list(cfg.std)) != IMAGENET:
            row |= {"mean": list(cfg.mean), "std": list(cfg.std)}
        rows.setdefault(f"timm/{name}", []).append(row)
    return rows


def efficientnet_pytorch_rows():
    rows = {}
    for name in VALID_MODELS:
        side = efficientnet_pytorch.EfficientNet.get_image_size(name)
        row = {"weights": name, "resize": side, "crop": side, "filter": "bicubic"}
        half = {"mean": [0.5] * 3, "std": [0.5] * 3}
        advprop = [row | {"weights": f"{name} of advprop"} | half] if name in url_map_advprop else []
        rows[f"efficientnet_pytorch/{name.removeprefix('efficientnet-')}"] = [row, *advprop]
    return rows


rows = {"torchvision": torchvision.__version__, "timm": timm.__version__, "efficientnet_pytorch": efficientnet_pytorch.__version__}
rows["presets"] = torchvision_rows() | timm_rows() | efficientnet_pytorch_rows()
lines = [f'  "{key}": {json.dumps(value)}' for key, value in rows.items() if key != "presets"]
body = ",\n".join(
    f'    "{name}": [\n' + ",\n".join(f"      {json.dumps(row)}" for row in presets) + "\n    ]"
    for name, presets in rows["presets"].items()
)
TARGET.write_text("{\n" + ",\n".join(lines) + ',\n  "presets": {\n' + body + "\n  }\n}\n")
