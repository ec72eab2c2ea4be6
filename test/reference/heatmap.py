"""From a raw CAM map to the picture in the report (pipeline facts, E)."""

import cv2
import numpy as np
import torch
from torch.nn import functional as F

SIDE = 380


def bilinear(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """torch's half-pixel bilinear resize without antialiasing; (h, w) float32."""
    return F.interpolate(torch.from_numpy(values)[None, None], size, mode="bilinear", align_corners=False)[0, 0].numpy()


def min_max(values: np.ndarray) -> np.ndarray:
    """Scaled to 0..1; all zero where the range is at most 1e-8."""
    low, high = values.min(), values.max()
    return np.zeros_like(values) if high - low <= 1e-8 else (values - low) / (high - low)


def square_of(vector: np.ndarray) -> np.ndarray:
    """A vector as the smallest square that holds it, zero-padded at the end."""
    side = int(np.ceil(np.sqrt(vector.size)))
    return np.pad(vector, (0, side * side - vector.size)).reshape(side, side)


def smooth(scaled: np.ndarray) -> np.ndarray:
    """Blurred with OpenCV's automatic sigma (2.6 for 15 taps) and scaled again."""
    return min_max(cv2.GaussianBlur(scaled, (15, 15), 0))


def heat_of_map(raw: np.ndarray) -> dict[str, np.ndarray]:
    """Every stage for a 4-D layer's raw map (before ReLU)."""
    resized = bilinear(np.maximum(raw, 0), (SIDE, SIDE))
    scaled = min_max(resized)
    return {"resized": resized, "scaled": scaled, "heat": smooth(scaled)}


def heat_of_vector(product: np.ndarray) -> dict[str, np.ndarray]:
    """Every stage for a 2-D layer's A * gradient: squared, scaled, then as above (min-max scaling leaves no negatives)."""
    return heat_of_map(min_max(square_of(product)))


def levels(heat: np.ndarray) -> np.ndarray:
    """0..1 as 0..255, truncated."""
    return (heat * np.float32(255)).astype(np.uint8)


def colored(level: np.ndarray, color_map: int) -> np.ndarray:
    """RGB picture of 8-bit levels."""
    return np.ascontiguousarray(cv2.applyColorMap(level, color_map)[:, :, ::-1])


def overlay(crop: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Half the crop, half the JET picture of the heat, rounded."""
    return cv2.addWeighted(crop, 0.5, colored(levels(heat), cv2.COLORMAP_JET), 0.5, 0)
