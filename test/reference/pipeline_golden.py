"""Writes test/golden/pipeline/*: the sample portrait with a box given by hand, step by step from crop to logits."""

import hashlib

import cv2
import numpy as np
import torch

from golden_io import GOLDEN, ROOT, Pack, made_with, summary
from network import reproducible, seeded_b5
from preprocess import crop_face, crop_rectangle, read_rgb, wavelet_blend

PORTRAIT = "samples/portrait.png"
BOX = (205.0, 160.0, 440.0, 445.0)
LANDMARKS = ((271.0, 291.0), (370.0, 291.0), (322.0, 360.0), (278.0, 395.0), (368.0, 395.0))
PACKAGES = ("torch", "efficientnet_pytorch", "numpy", "opencv-python-headless", "PyWavelets")

# (picture width, height, box): inside, over each border, over all borders, fractional, the reference report's.
RECTANGLES = (
    (879, 1047, (323.0, 201.0, 543.0, 516.0)),
    (640, 640, BOX),
    (640, 480, (-12.5, 3.25, 100.0, 140.0)),
    (640, 480, (500.0, 300.0, 655.5, 479.0)),
    (300, 200, (10.0, 10.0, 290.0, 190.0)),
    (1000, 800, (400.4, 300.3, 501.7, 377.9)),
)


def mask_of(landmarks, rectangle) -> np.ndarray:
    """Convex hull of the landmarks, moved and scaled into the crop's frame, rounded to whole pixels, filled with 255."""
    x0, y0, x1, y1 = rectangle
    scaled = [((x - x0) * 380 / (x1 - x0), (y - y0) * 380 / (y1 - y0)) for x, y in landmarks]
    points = np.rint(np.array(scaled)).astype(np.int32)
    mask = np.zeros((380, 380), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), 255)
    return mask


def to_bytes(planes: np.ndarray) -> np.ndarray:
    """Planes (c, h, w) of 0..1 values as 8 bits: clipped, times 255, truncated."""
    return (np.clip(planes, 0, 1) * 255).astype(np.uint8)


def main() -> None:
    cv2.setNumThreads(1)
    reproducible()
    rgb = read_rgb(ROOT / PORTRAIT)
    rectangle = crop_rectangle(BOX, rgb.shape[1], rgb.shape[0])
    crop = crop_face(rgb, BOX)
    cv2.imwrite(str(GOLDEN / "pipeline" / "crop.png"), crop[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    blend = wavelet_blend(crop)
    with torch.no_grad():
        logits = seeded_b5()(torch.from_numpy(blend.tensor))[0]

    pack = Pack()
    assert blend.blended.dtype == blend.coefficients.dtype == np.float32
    pack.add("mask", mask_of(LANDMARKS, rectangle))
    pack.add("cA", blend.coefficients[:, ::5, ::5], stride=5)
    pack.add("resized", blend.resized[:, ::7, ::7], stride=7)
    pack.add("blended", blend.blended[:, ::7, ::7], stride=7)
    pack.add("blendedBytes", to_bytes(blend.blended)[:, ::7, ::7], stride=7)
    pack.write(
        "pipeline/portrait",
        madeWith=made_with(*PACKAGES),
        image={"path": PORTRAIT, "sha256": hashlib.sha256((ROOT / PORTRAIT).read_bytes()).hexdigest()},
        box=BOX,
        landmarks=LANDMARKS,
        rectangle=rectangle,
        rectangles=[
            {"width": w, "height": h, "box": box, "expected": crop_rectangle(box, w, h)} for w, h, box in RECTANGLES
        ],
        blended=summary(blend.blended),
        cA={plane: summary(blend.resized[index]) for index, plane in enumerate(("red", "green", "blue"))},
        tensor={"order": "B, G, R", **summary(blend.tensor)},
        logits=[float(v) for v in logits],
    )


if __name__ == "__main__":
    main()
