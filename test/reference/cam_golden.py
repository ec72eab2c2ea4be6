"""Writes test/golden/network/cam-methods.*: every CAM method on small random activations and gradients, without any network."""

import numpy as np

from cam import METHODS, raw_cam
from golden_io import Pack, made_with

# (channels, height, width): odd sizes, one pixel, more channels than pixels.
SHAPES = ((6, 9, 7), (3, 1, 1), (40, 4, 5))


def sample(random: np.random.Generator, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Swish-like activations and gradients of both signs; a tenth of the gradients are exactly zero, as after a ReLU."""
    normal = random.standard_normal(shape)
    activation = normal / (1 + np.exp(-normal)) + 0.1
    gradient = random.standard_normal(shape) * 0.3 * (random.random(shape) > 0.1)
    return activation.astype(np.float32)[None], gradient.astype(np.float32)[None]


def main() -> None:
    random = np.random.default_rng(543)
    pack = Pack()
    for shape in SHAPES:
        name = "x".join(map(str, shape))
        activation, gradient = sample(random, shape)
        pack.add(f"{name}/activation", activation)
        pack.add(f"{name}/gradient", gradient)
        for method in METHODS:
            single = raw_cam(method, activation, gradient)
            exact = raw_cam(method, activation.astype(np.float64), gradient.astype(np.float64))
            error = float(np.linalg.norm(single - exact) / max(np.linalg.norm(exact), 1e-30))
            pack.add(f"{name}/{method}", exact.astype(np.float32), float64Difference=error)
    pack.write(
        "network/cam-methods",
        madeWith=made_with("grad-cam", "numpy"),
        about="Raw maps before ReLU, computed in float64 from the float32 inputs stored here.",
        shapes=SHAPES,
        methods=list(METHODS),
    )


if __name__ == "__main__":
    main()
