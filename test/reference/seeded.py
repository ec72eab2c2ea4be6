"""Seeded demo weights: the rule of models/seeded-weights.md, vectorized in NumPy."""

import math

import numpy as np

WEYL = 0x6D2B79F5
DEFAULT_GAIN = 6.0
GAINS = {
    "_conv_stem.weight": 1.0,
    "_depthwise_conv.weight": 8.0,
    "_project_conv.weight": 8.0,
    "_se_expand.weight": 100.0,
    "_conv_head.weight": 3000.0,
}


def fnv1a32(text: str) -> int:
    """FNV-1a, 32 bits, over the UTF-8 bytes."""
    state = 0x811C9DC5
    for byte in text.encode("utf-8"):
        state = ((state ^ byte) * 0x01000193) & 0xFFFFFFFF
    return state


def mulberry32(seed: int, count: int) -> np.ndarray:
    """The first `count` outputs in [0, 1) as float64. Step n's state is seed + n * WEYL, so all are computed at once."""
    with np.errstate(over="ignore"):
        a = np.uint32(seed) + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(WEYL)
        t = (a ^ (a >> np.uint32(15))) * (a | np.uint32(1))
        t = (t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))) ^ t
    return (t ^ (t >> np.uint32(14))).astype(np.float64) / 4294967296.0


def gain_of(name: str) -> float:
    """The gain of a convolution or linear weight, from the end of its name."""
    return next((gain for suffix, gain in GAINS.items() if name.endswith(suffix)), DEFAULT_GAIN)


def seeded_tensor(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """One float32 parameter or buffer of a state dict, from its name and shape alone."""
    if len(shape) >= 2:
        u = mulberry32(fnv1a32(name), math.prod(shape))
        scale = math.sqrt(gain_of(name) / math.prod(shape[1:]))
        return ((2.0 * u - 1.0) * scale).astype(np.float32).reshape(shape)
    if name.endswith(".running_var") or name.endswith(".weight"):
        return np.ones(shape, np.float32)
    return np.zeros(shape, np.float32)


def seed_module(module) -> None:
    """Gives a torch module the seeded weights, in place; integer buffers (num_batches_tracked) become 0."""
    import torch

    state = module.state_dict()
    for name, value in state.items():
        if value.is_floating_point():
            value.copy_(torch.from_numpy(seeded_tensor(name, tuple(value.shape))))
        else:
            value.zero_()
