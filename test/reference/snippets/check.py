"""Runs every kind of script that "Copy as Python" gives, and compares what it computes with the report.

    /path/to/python test/reference/snippets/check.py [--only PART]

Needs torch, torchvision, timm, efficientnet_pytorch, onnx and onnxruntime (test/reference/requirements.txt), and Node. Makes a checkpoint
of each network below with seeded weights, wrapped as training scripts wrap them, or exports it as ONNX; analyzes samples/portrait.png from
source; asks for the scripts of the verdict, and of several layers the activation, every method's heatmap and a channel's weight; runs
each; and compares all values. Ends with 1 where one differs by more than 1e-3 of the largest, but for values
that in Python itself change by as much where a millionth of noise is added to the input. A script that a library cannot run is given
for onnxruntime, which is checked likewise; the last column says how many of each library ran.
"""

import argparse
import collections
import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import timm
import torch
import torchvision
from efficientnet_pytorch import EfficientNet

ROOT = pathlib.Path(__file__).resolve().parents[3]
NODE = ["node", "--require", str(ROOT / "scripts" / "from-source.cjs")]
TOLERANCE = 1e-3

# name, maker, how it is saved, layers to step over
CASES = [
    ("torchvision/mobilenet_v2", lambda: torchvision.models.mobilenet_v2(num_classes=5), "plain", 9),
    ("torchvision/resnet18", lambda: torchvision.models.resnet18(num_classes=5), "model", 6),
    ("torchvision/resnext50_32x4d", lambda: torchvision.models.resnext50_32x4d(num_classes=5), "module", 15),
    ("torchvision/densenet121", lambda: torchvision.models.densenet121(num_classes=5), "plain", 45),
    ("torchvision/regnet_y_400mf", lambda: torchvision.models.regnet_y_400mf(num_classes=5), "plain", 12),
    ("torchvision/vgg11_bn", lambda: torchvision.models.vgg11_bn(num_classes=5), "plain", 9),
    ("torchvision/efficientnet_b0", lambda: torchvision.models.efficientnet_b0(num_classes=5), "safetensors", 12),
    ("torchvision/mobilenet_v3_small", lambda: torchvision.models.mobilenet_v3_small(num_classes=5), "plain", 9),
    ("torchvision/convnext_tiny", lambda: torchvision.models.convnext_tiny(num_classes=5), "plain", 15),
    ("torchvision/swin_t", lambda: torchvision.models.swin_t(num_classes=5), "plain", 12),
    ("torchvision/vit_b_16", lambda: torchvision.models.vit_b_16(num_classes=5), "plain", 12),
    ("timm/resnet26d", lambda: timm.create_model("resnet26d", num_classes=5), "plain", 9),
    ("timm/mobilenetv3_large_100", lambda: timm.create_model("mobilenetv3_large_100", num_classes=5), "plain", 9),
    ("timm/tf_efficientnet_b0", lambda: timm.create_model("tf_efficientnet_b0", num_classes=5), "plain", 12),
    ("timm/convnext_tiny", lambda: timm.create_model("convnext_tiny", num_classes=5), "plain", 15),
    ("timm/vit_small_patch16_224", lambda: timm.create_model("vit_small_patch16_224", num_classes=5), "plain", 12),
    ("timm/swin_tiny_patch4_window7_224", lambda: timm.create_model("swin_tiny_patch4_window7_224", num_classes=5), "plain", 12),
    ("efficientnet_pytorch/b0", lambda: EfficientNet.from_name("efficientnet-b0", num_classes=2), "net", 12),
    ("one-logit", lambda: torchvision.models.resnet18(num_classes=1), "plain", 12),
    ("onnx/mobilenet_v2", lambda: torchvision.models.mobilenet_v2(num_classes=5), "onnx", 9),
    ("onnx/resnext50_32x4d", lambda: torchvision.models.resnext50_32x4d(num_classes=5), "onnx", 15),
    ("onnx/vit_b_16", lambda: torchvision.models.vit_b_16(num_classes=5), "onnx", 12),
    ("onnx/vit", lambda: timm.create_model("vit_tiny_patch16_224", num_classes=5), "onnx", 12),
    ("onnx/swin", lambda: torchvision.models.swin_t(num_classes=5), "onnx", 15),
]
METHODS = "gradcam,gradcam++,xgradcam,hirescam,layercam,elementwise"
FEW = "gradcam,hirescam"
ALL_METHODS = ("torchvision/mobilenet_v2", "onnx/mobilenet_v2")


def seeded(make):
    torch.manual_seed(7)
    torch.set_num_threads(1)
    model = make()
    # Running statistics of a few pictures of noise, so that the signal reaches the end.
    model.train()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.eval()
        for _ in range(2):
            model(torch.rand(2, 3, 224, 224))
    return model.eval()


def save(model, how, folder, name):
    state = model.state_dict()
    stem = name.split("/")[-1]
    if how == "onnx":
        path = folder / "network.onnx"
        torch.onnx.export(model, (torch.zeros(1, 3, 224, 224),), path, dynamo=False, opset_version=17)
        return path
    if how == "safetensors":
        from safetensors.torch import save_file

        save_file(state, folder / f"{stem}.safetensors")
        return folder / f"{stem}.safetensors"
    wrapped = {
        "plain": state,
        "model": {"model": state, "epoch": 3},
        "module": {"state_dict": {f"module.{key}": value for key, value in state.items()}},
        "net": {"model": {f"net.{key}": value for key, value in state.items()}},
    }[how]
    torch.save(wrapped, folder / f"{stem}.pth")
    return folder / f"{stem}.pth"


def run(arguments):
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{arguments}\n{done.stderr[-2000:]}")
    return done.stdout


def executed(text, noise=0.0):
    """The scope and what was printed; with noise the network receives something else by that much of its largest value."""
    scope, printed = {}, io.StringIO()
    load = np.load

    def noisy(path):
        image = load(path)
        scale = noise * np.abs(image).max()
        return (image + np.random.default_rng(3).uniform(-scale, scale, image.shape)).astype(np.float32)

    np.load = noisy if noise > 0 else load
    try:
        with contextlib.redirect_stdout(printed):
            exec(text, scope)
    finally:
        np.load = load
    return scope, printed.getvalue()


def numbers(asked, noise=0.0):
    scope, printed = executed(asked["text"], noise)
    if asked["subject"] == "channel":
        return np.array([float(printed.strip().splitlines()[-1])])
    return np.asarray(scope["shown"], dtype=np.float64).reshape(-1)


def check(name, make, how, every, folder):
    weights = save(seeded(make), how, folder, name)
    architecture = ["--architecture", name] if how != "onnx" and "/" in name else []
    lens = [] if how == "onnx" or not name.startswith("efficientnet_pytorch") else ["--lens", "imagenet"]
    run([*NODE, "server/src/cli/main.ts", "analyze", "samples/portrait.png", "--weights", str(weights), *architecture, *lens,
         "--target", "1" if name != "one-logit" else "0", "--method", METHODS if name in ALL_METHODS else FEW, "-o", str(folder / "out"), "--quiet"])
    (report,) = (folder / "out").glob("*/result")
    worst, ran, bad = 0.0, collections.Counter(), []
    for line in run([*NODE, "test/reference/snippets/ask.ts", str(report), str(every)]).splitlines():
        asked = json.loads(line)
        found = numbers(asked)
        expected = np.array([float(value) for value in asked["expected"]], dtype=np.float64)
        scale = np.abs(expected).max()
        difference = np.abs(found - expected).max() / (scale if scale > 0 else 1)
        ran[asked["library"]] += 1
        if difference > TOLERANCE and np.abs(numbers(asked, 1e-6) - found).max() > TOLERANCE * scale:
            ran["hangs on the last bits"] += 1
            continue
        worst = max(worst, difference)
        if not difference <= TOLERANCE:
            bad.append(f"{asked['layer']} {asked['subject']} {asked['method'] or ''} {difference:.1e}")
    print(f"{name:36} worst {worst:.1e}  {dict(ran)}  {'OK' if not bad else 'DIFFERS: ' + '; '.join(bad[:6])}", flush=True)
    return not bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    only = parser.parse_args().only
    os.environ.setdefault("INFERENCE_LENS_CACHE", tempfile.mkdtemp())
    good = True
    for name, make, how, every in CASES:
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                good = check(name, make, how, every, pathlib.Path(folder)) and good
    sys.exit(0 if good else 1)


main()
