"""Writes test/golden/imaging/heatmap.*: raw CAM to overlay, stage by stage, for two 4-D layers, a vector layer and blank maps."""

import cv2
import numpy as np
import torch

from cam import raw_cam
from golden_io import GOLDEN, Pack, made_with
from heatmap import colored, heat_of_map, heat_of_vector, levels, min_max, bilinear, overlay
from network import capture, reproducible, seeded_b5
from preprocess import read_rgb, wavelet_blend

MAP_LAYERS = ("block_12", "block_30")
VECTOR_LAYER = "dropout"
TARGET = 1
STRIDE = 5


def add_stages(pack: Pack, name: str, raw: np.ndarray, stages: dict[str, np.ndarray]) -> None:
    pack.add(f"{name}/raw", raw.astype(np.float32))
    for stage, values in stages.items():
        pack.add(f"{name}/{stage}", np.ascontiguousarray(values[::STRIDE, ::STRIDE]), stride=STRIDE)
    pack.add(f"{name}/levels", levels(stages["heat"]))


def main() -> None:
    cv2.setNumThreads(1)
    reproducible()
    crop = read_rgb(GOLDEN / "pipeline" / "crop.png")
    seen = capture(seeded_b5(), torch.from_numpy(wavelet_blend(crop).tensor), (TARGET,))
    pack = Pack()
    for name in MAP_LAYERS:
        raw = raw_cam("gradcam", seen.activations[name].numpy(), seen.gradients[0][name].numpy())
        stages = heat_of_map(raw)
        add_stages(pack, name, raw, stages)
    pack.add(f"{name}/overlay", overlay(crop, stages["heat"]))
    pack.add(f"{name}/jet", colored(levels(stages["heat"]), cv2.COLORMAP_JET)[::STRIDE, ::STRIDE], stride=STRIDE)

    product = (seen.activations[VECTOR_LAYER] * seen.gradients[0][VECTOR_LAYER])[0].numpy()
    add_stages(pack, VECTOR_LAYER, product, heat_of_vector(product))

    mean = seen.activations[MAP_LAYERS[0]][0].mean(0).numpy()
    shown = levels(bilinear(min_max(mean), (380, 380)))
    pack.add("activation/mean", mean)
    pack.add("activation/levels", shown)
    pack.add("activation/viridis", colored(shown, cv2.COLORMAP_VIRIDIS)[::STRIDE, ::STRIDE], stride=STRIDE)

    negative = -np.abs(np.random.default_rng(1).random((12, 12), dtype=np.float32))
    add_stages(pack, "negative", negative, heat_of_map(negative))
    pack.write(
        "imaging/heatmap",
        madeWith=made_with("torch", "opencv-python-headless", "grad-cam", "numpy"),
        about="Raw maps of the seeded B5 on test/golden/pipeline/crop.png, target 1; overlay is of the last map layer.",
        mapLayers=MAP_LAYERS,
        vectorLayer=VECTOR_LAYER,
        overlayLayer=MAP_LAYERS[-1],
    )


if __name__ == "__main__":
    main()
