"""Writes test/golden/imaging/opencv.*: OpenCV's bilinear resize, color maps, Gaussian blur and drawing on small inputs."""

import cv2
import numpy as np

from golden_io import Pack, made_with
from heatmap import bilinear

# (height, width) -> (height, width): up, down, mixed, odd, exact halves (OpenCV's own fast path), single rows and pixels, no change.
RESIZES = (
    ((5, 7), (9, 4)),
    ((20, 30), (13, 41)),
    ((64, 48), (17, 15)),
    ((40, 50), (20, 25)),
    ((3, 3), (16, 16)),
    ((1, 6), (4, 13)),
    ((1, 1), (5, 4)),
    ((7, 5), (7, 5)),
    ((33, 29), (38, 38)),
)
TORCH_RESIZES = (
    ((12, 12), (38, 38)),
    ((24, 24), (38, 38)),
    ((47, 47), (38, 38)),
    ((1, 1), (6, 5)),
    ((19, 19), (38, 38)),
)
BLURS = ((40, 33), (16, 20), (8, 9))
HULLS = (
    ((10, 12), (40, 10), (25, 30), (13, 50), (42, 48)),
    ((5, 5), (58, 8), (30, 20), (31, 22), (29, 60)),
    ((-6, 20), (30, -9), (70, 33), (40, 75), (12, 60)),
    ((20, 20), (20, 40), (20, 30), (20, 35), (20, 25)),
    ((8, 30), (50, 30), (30, 30), (12, 31), (44, 29)),
)
BOXES = ((4, 5, 20, 25), (0, 0, 39, 31), (-3, 10, 12, 40), (30, 2, 31, 3), (35, 28, 60, 50))
DOTS = ((10, 10), (0, 0), (39, 31), (20, 30), (-1, 15))


def size_of(pair) -> str:
    return f"{pair[0]}x{pair[1]}"


def picture(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Random 8-bit RGB: the hardest case for rounding."""
    return random.integers(0, 256, (height, width, 3), dtype=np.uint8)


def add_resizes(pack: Pack, random: np.random.Generator) -> None:
    for source, target in RESIZES:
        size = (target[1], target[0])
        colors, plane = picture(random, *source), random.standard_normal(source).astype(np.float32)
        for kind, values in (("uint8", colors), ("float32", plane)):
            key = f"resize/{kind}/{size_of(source)}-{size_of(target)}"
            pack.add(f"{key}/in", values)
            pack.add(
                f"{key}/out",
                cv2.resize(values, size, interpolation=cv2.INTER_LINEAR).reshape(*target, *values.shape[2:]),
            )
    for source, target in TORCH_RESIZES:
        plane = random.standard_normal(source).astype(np.float32)
        key = f"interpolate/{size_of(source)}-{size_of(target)}"
        pack.add(f"{key}/in", plane)
        pack.add(f"{key}/out", bilinear(plane, target))


def add_color_maps(pack: Pack) -> None:
    ramp = np.arange(256, dtype=np.uint8)[None]
    for name, code in (("jet", cv2.COLORMAP_JET), ("viridis", cv2.COLORMAP_VIRIDIS)):
        pack.add(f"colours/{name}", np.ascontiguousarray(cv2.applyColorMap(ramp, code)[0, :, ::-1]))


def add_blurs(pack: Pack, random: np.random.Generator) -> None:
    pack.add("blur/kernel", cv2.getGaussianKernel(15, 0, cv2.CV_32F)[:, 0])
    for shape in BLURS:
        plane = random.random(shape, dtype=np.float32)
        pack.add(f"blur/{size_of(shape)}/in", plane)
        pack.add(f"blur/{size_of(shape)}/out", cv2.GaussianBlur(plane, (15, 15), 0))


def add_drawing(pack: Pack, random: np.random.Generator) -> None:
    for index, points in enumerate(HULLS):
        mask = np.zeros((64, 64), np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(np.array(points, np.int32)), 255)
        pack.add(f"hull/{index}", mask)
    canvas = picture(random, 32, 40)
    pack.add("draw/canvas", canvas)
    for index, (x0, y0, x1, y1) in enumerate(BOXES):
        pack.add(f"draw/box/{index}", cv2.rectangle(canvas.copy(), (x0, y0), (x1, y1), (0, 255, 0), 2))
    for index, center in enumerate(DOTS):
        pack.add(f"draw/dot/{index}", cv2.circle(canvas.copy(), center, 2, (255, 0, 0), -1))


def add_blend(pack: Pack, random: np.random.Generator) -> None:
    below, above = picture(random, 24, 24), picture(random, 24, 24)
    pack.add("blend/below", below)
    pack.add("blend/above", above)
    pack.add("blend/out", cv2.addWeighted(below, 0.5, above, 0.5, 0))


def main() -> None:
    cv2.setNumThreads(1)
    random = np.random.default_rng(380)
    pack = Pack()
    for add in (add_resizes, add_blurs, add_drawing, add_blend):
        add(pack, random)
    add_color_maps(pack)
    pack.write(
        "imaging/opencv",
        madeWith=made_with("opencv-python-headless", "torch", "numpy"),
        resizes=[{"source": source, "target": target} for source, target in RESIZES],
        interpolations=[{"source": source, "target": target} for source, target in TORCH_RESIZES],
        blurs=BLURS,
        hulls=HULLS,
        boxes=BOXES,
        dots=DOTS,
    )


if __name__ == "__main__":
    main()
