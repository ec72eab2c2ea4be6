"""Writes cases: a picture, the steps that a lens would list, and what the library makes of it."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from golden_io import Pack, made_with  # noqa: E402


class Cases:
    """The index of every case has its picture and steps; the values are [C, H, W], every `stride`-th row and column of them."""

    def __init__(self) -> None:
        self._pack = Pack()

    def add(self, key: str, picture: str, steps: list[dict], values: np.ndarray, stride: int = 0, **notes) -> None:
        stride = stride or (5 if values.dtype == np.float32 else 3 if values[0].size > 1000 else 1)
        whole = np.asarray(values, np.float64)
        self._pack.add(
            key,
            np.ascontiguousarray(values[:, ::stride, ::stride]),
            picture=picture,
            steps=steps,
            whole=list(values.shape),
            stride=stride,
            means=[float(plane.mean()) for plane in whole],
            **notes,
        )

    def write(self, name: str, *packages: str) -> None:
        self._pack.write(name, madeWith=made_with(*packages))
