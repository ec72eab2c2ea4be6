"""Writes test/golden/steps/resampling.*: every filter of Pillow, OpenCV and torch, at 8 bits and in float32, and gray."""

import cv2
import numpy as np
import torch
import torchvision.transforms.functional as v1
import torchvision.transforms.v2.functional as v2
from cases import Cases
from PIL import Image
from pictures import pictures
from torchvision.transforms import InterpolationMode

# Picture -> (height, width): down, up, down and up, strong reduction, exact halves and thirds of what they start from.
TARGETS = (
    ("landscape", (33, 41)),
    ("small", (61, 57)),
    ("portrait", (50, 90)),
    ("landscape", (7, 9)),
    ("small", (15, 20)),
    ("small", (10, 10)),
    ("odd", (61, 30)),
)
PILLOW = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "area": 4, "hamming": 5}
OPENCV = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_AREA,
    "lanczos": cv2.INTER_LANCZOS4,
}
TORCH = {name: InterpolationMode(name) for name in ("nearest", "nearest-exact", "bilinear", "bicubic")}
# What the float32 cases start from: not 0..255, so that nothing fits 8 bits.
AS_FLOAT = [{"step": "rescale", "factor": 0.0078125, "offset": -1}]


def real(picture: np.ndarray) -> np.ndarray:
    return (picture.astype(np.float64) * 0.0078125 - 1).astype(np.float32)


def chw(values: np.ndarray) -> np.ndarray:
    return values[np.newaxis] if values.ndim == 2 else values.transpose(2, 0, 1)


def step(size, **parameters) -> dict:
    return {"step": "resize", "size": list(size), **parameters}


def add_pillow(cases: Cases, name: str, picture: np.ndarray, size) -> None:
    for filter_name, number in PILLOW.items():
        how = step(size, filter=filter_name, like="pillow")
        key = f"pillow/{filter_name}/{name}-{size[0]}x{size[1]}"
        resized = Image.fromarray(picture).resize(size[::-1], number)
        cases.add(f"{key}/uint8", name, [how], chw(np.asarray(resized)))
        if size == (33, 41):
            planes = [
                np.asarray(Image.fromarray(plane).resize(size[::-1], number)) for plane in chw(real(picture)).copy()
            ]
            cases.add(f"{key}/float32", name, [*AS_FLOAT, how], np.stack(planes))


def add_opencv(cases: Cases, name: str, picture: np.ndarray, size) -> None:
    for filter_name, number in OPENCV.items():
        how = step(size, filter=filter_name, like="opencv")
        key = f"opencv/{filter_name}/{name}-{size[0]}x{size[1]}"
        cases.add(f"{key}/uint8", name, [how], chw(cv2.resize(picture, size[::-1], interpolation=number)))
        if size in ((33, 41), (61, 57)):
            values = cv2.resize(real(picture), size[::-1], interpolation=number)
            cases.add(f"{key}/float32", name, [*AS_FLOAT, how], chw(values))


def add_torch(cases: Cases, name: str, picture: np.ndarray, size) -> None:
    pixels = torch.from_numpy(chw(picture).copy())
    for filter_name, mode in TORCH.items():
        for antialias in (True, False):
            if filter_name.startswith("nearest") and antialias:
                continue
            how = step(size, filter=filter_name, like="torch", antialias=antialias)
            key = f"torch/{filter_name}{'/antialias' if antialias else ''}/{name}-{size[0]}x{size[1]}"
            first = v1.resize(pixels, list(size), interpolation=mode, antialias=antialias)
            cases.add(f"{key}/float-path", name, [{**how, "path": "float"}], first.numpy())
            second = v2.resize(pixels, list(size), interpolation=mode, antialias=antialias)
            cases.add(f"{key}/uint8-path", name, [{**how, "path": "uint8"}], second.numpy())
            if size in ((33, 41), (61, 57)):
                planes = v1.resize(torch.from_numpy(chw(real(picture)).copy()), list(size), mode, antialias=antialias)
                cases.add(f"{key}/float32", name, [*AS_FLOAT, how], planes.numpy())


def add_gray(cases: Cases, name: str, picture: np.ndarray) -> None:
    """Gray, and a resize of one channel."""
    pixels = torch.from_numpy(chw(picture).copy())
    grays = {
        "pillow": np.asarray(Image.fromarray(picture).convert("L")),
        "opencv": cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY),
        "torch": v1.rgb_to_grayscale(pixels).numpy()[0],
    }
    for library, gray in grays.items():
        how = {"step": "channels", "order": "gray", "weights": library}
        cases.add(f"gray/{library}", name, [how], chw(gray), stride=2)
    size = (23, 31)
    small = {
        "pillow": np.asarray(Image.fromarray(grays["pillow"]).resize(size[::-1], Image.BICUBIC)),
        "opencv": cv2.resize(grays["opencv"], size[::-1], interpolation=cv2.INTER_LINEAR),
    }
    for library, values in small.items():
        gray = {"step": "channels", "order": "gray", "weights": library}
        filter_name = "bicubic" if library == "pillow" else "bilinear"
        cases.add(f"gray/{library}/resized", name, [gray, step(size, filter=filter_name, like=library)], chw(values))


def main() -> None:
    if "AVX" not in torch.backends.cpu.get_cpu_capability():
        raise SystemExit("torchvision resizes 8-bit tensors in integers only where torch has AVX2: use such a machine.")
    torch.set_num_threads(1)
    cases = Cases()
    all_pictures = pictures()
    for name, size in TARGETS:
        for add in (add_pillow, add_opencv, add_torch):
            add(cases, name, all_pictures[name], size)
    add_gray(cases, "odd", all_pictures["odd"])
    cases.write("steps/resampling", "Pillow", "opencv-python-headless", "torch", "torchvision", "numpy")


if __name__ == "__main__":
    main()
