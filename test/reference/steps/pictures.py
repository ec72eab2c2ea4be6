"""The pictures that the goldens of preprocessing start from: integers from a rule that test/unit/pipeline/steps/picture.ts repeats."""

import numpy as np


def picture(height: int, width: int, seed: int) -> np.ndarray:
    """8-bit RGB [height, width, 3]: half a ramp of each channel's own direction, half noise of a linear congruential generator."""
    state = seed
    out = np.empty((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            for channel, ramp in enumerate((x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height))):
                state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
                out[y, x, channel] = (ramp + (state >> 24)) >> 1 if (x // 8 + y // 8) % 4 else (state >> 31) * 255
    return out


# (height, width), each with its own seed: landscape, portrait, smaller than most networks' inputs, odd halves.
SIZES = {"landscape": (113, 150), "portrait": (120, 71), "small": (30, 40), "odd": (61, 89)}


def pictures() -> dict[str, np.ndarray]:
    return {name: picture(*size, seed=index + 1) for index, (name, size) in enumerate(SIZES.items())}
