"""Writes test/golden/imaging/strokes.*: pictures painted over by NumPy, pixel by pixel, with means by OpenCV."""

import cv2
import numpy as np

from golden_io import Pack, made_with

# (height, width): a picture, one that is wide, a single row, a single pixel.
SIZES = ((45, 61), (7, 90), (1, 12), (1, 1))


def color(*levels: int) -> dict:
    return {"color": list(levels)}


CASES = (
    ("dot", 0, [{"line": [[20.3, 17.8]], "radius": 6.5, "fill": color(128, 128, 128)}]),
    ("line", 0, [{"line": [[5, 5], [50.5, 20.25], [12, 40]], "radius": 3.75, "fill": color(0, 255, 7)}]),
    ("upright", 0, [{"line": [[9, 4], [9, 30], [40, 30]], "radius": 2, "fill": color(1, 2, 3)}]),
    ("box", 0, [{"box": [10.5, 3.49, 30.51, 20], "fill": color(200, 100, 50)}]),
    ("blur", 0, [{"box": [0, 0, 61, 45], "fill": {"blur": 4}}]),
    ("large-blur", 0, [{"line": [[30, 20], [70, 50]], "radius": 9, "fill": {"blur": 60}}]),
    (
        "several",
        0,
        [
            {"line": [[10, 10], [50, 35]], "radius": 8, "fill": color(255, 0, 0)},
            {"box": [20, 12, 45, 30], "fill": {"blur": 3}},
            {"line": [[30, 20]], "radius": 5, "fill": {"blur": 11}},
            {"line": [[28, 18], [28, 18], [35, 26]], "radius": 1.5, "fill": color(9, 9, 9)},
        ],
    ),
    ("outside", 0, [{"line": [[-20, -3], [80, -3]], "radius": 5.25, "fill": color(5, 6, 7)}, {"box": [-9, 40, 900, 999], "fill": {"blur": 2}}]),
    ("nowhere", 0, [{"line": [[-20, -30]], "radius": 5, "fill": color(5, 6, 7)}]),
    ("wide", 1, [{"line": [[0, 3.5], [90, 3.5]], "radius": 2, "fill": {"blur": 10}}]),
    ("row", 2, [{"box": [2, 0, 9, 1], "fill": {"blur": 2}}]),
    ("pixel", 3, [{"line": [[0.5, 0.5]], "radius": 0.5, "fill": {"blur": 3}}]),
)


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


def covered(stroke: dict, x: float, y: float) -> bool:
    """Whether a stroke covers the pixel whose center this is."""
    if "box" in stroke:
        x0, y0, x1, y1 = stroke["box"]
        return x0 <= x < x1 and y0 <= y < y1
    points = np.array(stroke["line"], np.float64)
    if len(points) == 1:
        points = points.repeat(2, axis=0)
    for a, b in zip(points[:-1], points[1:]):
        d = b - a
        squared = float(d @ d)
        share = 0.0 if squared == 0 else min(max(float((np.array([x, y]) - a) @ d) / squared, 0.0), 1.0)
        if float(np.hypot(*(a + share * d - np.array([x, y])))) <= stroke["radius"]:
            return True
    return False


def painted(image: np.ndarray, strokes: list) -> tuple[np.ndarray, int]:
    """The picture, and how many pixels are covered."""
    out = image.copy()
    height, width, _ = image.shape
    touched = np.zeros((height, width), bool)
    for stroke in strokes:
        fill = stroke["fill"]
        if "blur" in fill:
            side = 2 * fill["blur"] + 1
            source = cv2.blur(image, (side, side))
        else:
            source = np.broadcast_to(np.array(fill["color"], np.uint8), image.shape)
        for row in range(height):
            for column in range(width):
                if covered(stroke, column + 0.5, row + 0.5):
                    out[row, column] = source[row, column]
                    touched[row, column] = True
    return out, int(touched.sum())


def main() -> None:
    pack = Pack()
    for i, size in enumerate(SIZES):
        pack.add(f"picture-{i}", picture(*size))
    cases = []
    for name, index, strokes in CASES:
        image, pixels = painted(picture(*SIZES[index]), strokes)
        pack.add(name, image)
        cases.append({"name": name, "picture": index, "strokes": strokes, "pixels": pixels})
    pack.write("imaging/strokes", madeWith=made_with("numpy", "opencv-python-headless"), cases=cases)


if __name__ == "__main__":
    main()
