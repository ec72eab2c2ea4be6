"""Writes test/golden/network/seeded.json: spot values of the seeded weights, for any other implementation of the rule."""

import numpy as np
from efficientnet_pytorch import EfficientNet

from golden_io import made_with, write_json
from seeded import fnv1a32, seeded_tensor

NAMES = (
    "_conv_stem.weight",
    "_bn0.weight",
    "_bn0.bias",
    "_bn0.running_mean",
    "_bn0.running_var",
    "_blocks.0._depthwise_conv.weight",
    "_blocks.7._expand_conv.weight",
    "_blocks.7._se_reduce.weight",
    "_blocks.7._se_reduce.bias",
    "_blocks.7._se_expand.weight",
    "_blocks.38._project_conv.weight",
    "_conv_head.weight",
    "_fc.weight",
    "_fc.bias",
)


def main() -> None:
    shapes = {
        name: tuple(value.shape)
        for name, value in EfficientNet.from_name("efficientnet-b5", num_classes=2).state_dict().items()
    }
    tensors = []
    for name in NAMES:
        values = seeded_tensor(name, shapes[name])
        tensors.append(
            {
                "name": name,
                "shape": list(shapes[name]),
                "seed": fnv1a32(name),
                "first": [float(v) for v in values.ravel()[:8]],
                "last": float(values.ravel()[-1]),
                "sum": float(values.sum(dtype=np.float64)),
                "sumOfSquares": float(np.square(values.astype(np.float64)).sum()),
            }
        )
    write_json("network/seeded", {"madeWith": made_with("numpy", "efficientnet_pytorch"), "tensors": tensors})


if __name__ == "__main__":
    main()
