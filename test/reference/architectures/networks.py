"""The networks under test, made by the libraries themselves, and where each reports its layers."""

import re

import timm
import torchvision
from efficientnet_pytorch import EfficientNet


def efficientnet_pytorch(name: str, classes: int):
    return EfficientNet.from_name(f"efficientnet-{name}", num_classes=classes)


def torchvision_network(name: str, classes: int):
    return getattr(torchvision.models, name)(num_classes=classes)


def timm_network(name: str, classes: int):
    return timm.create_model(name, num_classes=classes)


LIBRARIES = {
    "efficientnet_pytorch": efficientnet_pytorch,
    "torchvision": torchvision_network,
    "timm": timm_network,
}

ALL = (
    [f"efficientnet_pytorch/b{i}" for i in range(9)]
    + [f"torchvision/efficientnet_b{i}" for i in range(8)]
    + [f"torchvision/efficientnet_v2_{size}" for size in "sml"]
    + [f"timm/efficientnet_b{i}" for i in range(9)]
    + [f"timm/tf_efficientnet_b{i}" for i in range(9)]
    + [f"torchvision/resnet{depth}" for depth in (18, 34, 50, 101, 152)]
    + ["torchvision/mobilenet_v2"]
)

# One a family (two for ResNet: its two kinds of block), small enough for every test run.
SMALL = [
    "efficientnet_pytorch/b0",
    "torchvision/efficientnet_b0",
    "torchvision/efficientnet_v2_s",
    "timm/efficientnet_b0",
    "timm/tf_efficientnet_b0",
    "torchvision/resnet18",
    "torchvision/resnet50",
]


def create(identity: str, classes: int):
    """The library's own network, in inference mode; no activation overwrites the output of the layer before it."""
    library, name = identity.split("/")
    network = LIBRARIES[library](name, classes).eval()
    for module in network.modules():
        if getattr(module, "inplace", False):
            module.inplace = False
    return network


# Reported name -> the module whose output it is. `{}` stands for what the group captured.
REPORTED = {
    "efficientnet_pytorch": [
        (r"_conv_stem", "conv_stem"),
        (r"_bn0", "bn0"),
        (r"_blocks\.(\d+)", "block_{:02d}"),
        (r"_conv_head", "conv_head"),
        (r"_bn1", "bn1"),
        (r"_avg_pooling", "avg_pool"),
        (r"_dropout", "dropout"),
        (r"_fc", "fc"),
    ],
    "timm": [(r"conv_stem|bn1|blocks\.\d+\.\d+|conv_head|bn2|global_pool|classifier", None)],
    "torchvision/efficientnet": [
        (r"features\.0|features\.\d+\.\d+|avgpool", None),
        (r"features\.\d+", None),
        (r"classifier\.1", "classifier"),
    ],
    "torchvision/resnet": [
        (r"conv1|bn1|layer\d\.\d+|avgpool|fc", None),
        (r"global_pool\.pool", "avgpool"),  # timm's
    ],
}


def reported_modules(identity: str, network) -> dict:
    """Layer name -> module, for every layer that the report shows."""
    rules = next(rules for family, rules in REPORTED.items() if identity.startswith(family))
    found = {}
    for path, module in network.named_modules():
        for pattern, name in rules:
            match = re.fullmatch(pattern, path)
            if match and not is_stage(path, network):
                numbers = [int(group) for group in match.groups()]
                found[name.format(*numbers) if name else path] = module
                break
    return found


def is_stage(path: str, network) -> bool:
    """torchvision's `features.N` is a stage of blocks, except for the first and the last, and `features.N.M` a block."""
    parts = path.split(".")
    if parts[0] != "features" or not hasattr(network, "features"):
        return False
    ends = ("0", str(len(network.features) - 1))
    return (parts[1] in ends) != (len(parts) == 2)
