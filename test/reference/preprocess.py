"""From a picture to the network's input: square crop, 380x380, wavelet blend, channel order (pipeline facts, B and C)."""

from dataclasses import dataclass

import cv2
import numpy as np
import pywt

SIDE = 380
WAVELET, MODE = "sym2", "reflect"


def read_rgb(path) -> np.ndarray:
    """8-bit RGB as cv2.imread sees the file: EXIF orientation applied, alpha dropped."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError(f"{path}: OpenCV cannot read it")
    return np.ascontiguousarray(bgr[:, :, ::-1])


def crop_rectangle(box, width: int, height: int) -> tuple[int, int, int, int]:
    """The square of side 1.2 * max(w, h) around the box, edges clamped to the picture, then truncated: x0, y0, x1, y1."""
    x0, y0, x1, y1 = box
    half = 1.2 * max(x1 - x0, y1 - y0) / 2
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    return (
        int(max(cx - half, 0)),
        int(max(cy - half, 0)),
        int(min(cx + half, width)),
        int(min(cy + half, height)),
    )


def crop_face(rgb: np.ndarray, box) -> np.ndarray:
    """The face as a 380x380 picture (bilinear)."""
    x0, y0, x1, y1 = crop_rectangle(box, rgb.shape[1], rgb.shape[0])
    return cv2.resize(rgb[y0:y1, x0:x1], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)


@dataclass(frozen=True)
class WaveletBlend:
    """All float32; planes in true R, G, B order except `tensor`, which is in the order the network receives: B, G, R."""

    coefficients: np.ndarray  # (3, 191, 191) cA
    resized: np.ndarray  # (3, 380, 380) cA, bilinear
    blended: np.ndarray  # (3, 380, 380) (cA + channel) / 2
    tensor: np.ndarray  # (1, 3, 380, 380)


def wavelet_blend(crop: np.ndarray) -> WaveletBlend:
    """Blends each 0..1 channel with its own approximation coefficients."""
    planes = (crop.astype(np.float32) / np.float32(255)).transpose(2, 0, 1)
    coefficients = np.stack([pywt.dwt2(plane, WAVELET, mode=MODE)[0] for plane in planes])
    resized = np.stack([cv2.resize(cA, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for cA in coefficients])
    blended = (resized + planes) / np.float32(2)
    return WaveletBlend(coefficients, resized, blended, np.ascontiguousarray(blended[::-1])[None])
