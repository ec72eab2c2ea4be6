"""Writes test/golden/network/b5.*: logits, maps, statistics of the 46 reported layers of the seeded B5."""

import cv2
import numpy as np
import torch

from cam import METHODS, raw_cam
from golden_io import GOLDEN, Pack, made_with, summary
from network import Capture, capture, reproducible, seeded_b5
from preprocess import read_rgb, wavelet_blend

PACKAGES = ("torch", "efficientnet_pytorch", "grad-cam", "numpy", "opencv-python-headless", "PyWavelets")
TARGETS = (0, 1)
METHOD_TARGET = 1
METHOD_LAYERS = ("conv_stem", "block_07", "block_12", "block_20", "block_34", "bn1")
CONDITION_LIMIT = 1e-4
"""A map whose float32 and float64 values differ by more (relative L2) says nothing about another implementation: left out."""


def difference(value: np.ndarray, exact: np.ndarray) -> float:
    """Relative L2 distance; how much of the value is rounding."""
    norm = np.linalg.norm(exact)
    return float(np.linalg.norm(value - exact) / norm) if norm > 0 else 0.0


class Layer:
    """One layer seen by two captures: float32 (stored) and float64 (says how far float32 can be trusted)."""

    def __init__(self, single: Capture, double: Capture, name: str) -> None:
        self.name = name
        self.activation, self.activation64 = single.activations[name].numpy(), double.activations[name].numpy()
        self.gradients = [single.gradients[t][name].numpy() for t in TARGETS]
        self.gradients64 = [double.gradients[t][name].numpy() for t in TARGETS]

    def cam(self, method: str, target: int) -> tuple[np.ndarray, float]:
        """The raw map and its distance from the float64 one."""
        value = raw_cam(method, self.activation, self.gradients[target])
        return value, difference(value, raw_cam(method, self.activation64, self.gradients64[target]))


def describe(layer: Layer) -> dict:
    """The layer's row in the index: shape, activation statistics, and per target the norms of gradient and of channel weights."""
    targets = []
    for gradient in layer.gradients:
        exact = gradient.astype(np.float64)
        row = {"gradient": summary(gradient), "gradientNorm": float(np.linalg.norm(exact))}
        if gradient.ndim == 4:
            row["channelWeightsNorm"] = float(np.linalg.norm(exact.mean(axis=(2, 3))))
        targets.append(row)
    return {
        "name": layer.name,
        "shape": list(layer.activation.shape),
        "activation": summary(layer.activation),
        "targets": targets,
    }


def add_layer(pack: Pack, layer: Layer) -> None:
    """Maps of a (1, C, h, w) layer, or the vector A * gradient of a (1, n) one."""
    if layer.activation.ndim == 2:
        for target in TARGETS:
            product = layer.activation[0] * layer.gradients[target][0]
            pack.add(f"{layer.name}/product/{target}", product.astype(np.float32))
        return
    mean = layer.activation[0].mean(axis=0, dtype=np.float64)
    exact = layer.activation64[0].mean(axis=0)
    pack.add(f"{layer.name}/mean", mean, quantized=True, float64Difference=difference(mean, exact))
    for target in TARGETS:
        value, error = layer.cam("gradcam", target)
        pack.add(f"{layer.name}/gradcam/{target}", value, quantized=True, float64Difference=error)
        weights = layer.gradients[target][0].mean(axis=(1, 2), dtype=np.float64)
        pack.add(f"{layer.name}/weights/{target}", weights, quantized=True)


def add_methods(pack: Pack, layer: Layer) -> list[dict]:
    """The other CAM methods for one layer; returns those left out because float32 cannot settle them."""
    left_out = []
    for method in METHODS:
        if method == "gradcam":
            continue
        value, error = layer.cam(method, METHOD_TARGET)
        if error > CONDITION_LIMIT:
            left_out.append({"layer": layer.name, "method": method, "float64Difference": error})
        else:
            key = f"{layer.name}/{method}/{METHOD_TARGET}"
            pack.add(key, value, quantized=True, float64Difference=error)
    return left_out


def main() -> None:
    cv2.setNumThreads(1)
    reproducible()
    tensor = torch.from_numpy(wavelet_blend(read_rgb(GOLDEN / "pipeline" / "crop.png")).tensor)
    model = seeded_b5()
    single = capture(model, tensor, TARGETS)
    double = capture(model.double(), tensor.double(), TARGETS)

    pack, rows, left_out = Pack(), [], []
    for name in single.activations:
        layer = Layer(single, double, name)
        rows.append(describe(layer))
        add_layer(pack, layer)
        if name in METHOD_LAYERS:
            left_out += add_methods(pack, layer)
    pack.write(
        "network/b5",
        madeWith=made_with(*PACKAGES),
        about="Seeded EfficientNet-B5, 2 classes, on test/golden/pipeline/crop.png. See test/golden/README.md.",
        logits=[float(v) for v in single.logits],
        logitsFloat64=[float(v) for v in double.logits],
        layers=rows,
        leftOut=left_out,
    )


if __name__ == "__main__":
    main()
