"""The networks under test, made by the libraries themselves, and where each reports its layers."""

import re

import timm
import torch
import torchvision
import transformers
from torchvision.models import regnet
from efficientnet_lite_pytorch import EfficientNet as EfficientNetLite
from efficientnet_pytorch import EfficientNet


def efficientnet_pytorch(name: str, classes: int):
    return EfficientNet.from_name(f"efficientnet-{name}", num_classes=classes)


def torchvision_network(name: str, classes: int):
    name, _, size = name.partition("+image_size=")
    if size:
        return getattr(torchvision.models, name)(num_classes=classes, image_size=int(size))
    return getattr(torchvision.models, name)(num_classes=classes)


def on_cpu(from_init_params):
    """RegNet's widths are computed with tensors, which must have values also where the network itself has none."""

    def computed(**arguments):
        with torch.device("cpu"):
            return from_init_params(**arguments)

    return computed


regnet.BlockParams.from_init_params = on_cpu(regnet.BlockParams.from_init_params)


def timm_network(name: str, classes: int):
    name, *pool = name.split("+global_pool=")
    return timm.create_model(name, num_classes=classes, **({"global_pool": pool[0]} if pool else {}))


def efficientnet_lite_pytorch(name: str, classes: int):
    return EfficientNetLite.from_name(f"efficientnet-{name}", num_classes=classes)


WIDTHS = {"tiny": (192, 12, 3), "small": (384, 12, 6), "base": (768, 12, 12), "large": (1024, 24, 16), "huge": (1280, 32, 16)}
SWINS = {
    "tiny": (96, [2, 2, 6, 2], [3, 6, 12, 24]),
    "small": (96, [2, 2, 18, 2], [3, 6, 12, 24]),
    "base": (128, [2, 2, 18, 2], [4, 8, 16, 32]),
    "large": (192, [2, 2, 18, 2], [6, 12, 24, 48]),
}
CONVNEXTS = {
    **{"atto": ([2, 2, 6, 2], 40), "femto": ([2, 2, 6, 2], 48), "pico": ([2, 2, 6, 2], 64), "nano": ([2, 2, 8, 2], 80)},
    **{"tiny": ([3, 3, 9, 3], 96), "small": ([3, 3, 27, 3], 96), "base": ([3, 3, 27, 3], 128), "large": ([3, 3, 27, 3], 192)},
    **{"xlarge": ([3, 3, 27, 3], 256), "huge": ([3, 3, 27, 3], 352)},
}
RESNETS = {"18": [2, 2, 2, 2], "26": [2, 2, 2, 2], "34": [3, 4, 6, 3], "50": [3, 4, 6, 3], "101": [3, 4, 23, 3], "152": [3, 8, 36, 3]}


def transformers_network(name: str, classes: int):
    """As the `config.json` of the hub's weights of this name says it."""
    kind, _, rest = name.partition("_")
    labels = {"num_labels": classes}
    if kind in ("vit", "deit"):
        size, distilled, patch, side = re.fullmatch(r"(\w+?)(_distilled)?_patch(\d+)_(\d+)", rest).groups()
        width, depth, heads = WIDTHS[size]
        shape = {"hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": heads, "intermediate_size": 4 * width}
        network = {
            "vit": transformers.ViTForImageClassification,
            "deit": transformers.DeiTForImageClassificationWithTeacher if distilled else transformers.DeiTForImageClassification,
        }[kind]
        return network(network.config_class(**shape, patch_size=int(patch), image_size=int(side), **labels))
    if kind in ("swin", "swinv2"):
        size, trained, window, side = re.fullmatch(r"(\w+?)_patch4_window(?:(\d+)to)?(\d+)_(?:\d+to)?(\d+)", rest).groups()
        width, depths, heads = SWINS[size]
        shape = {"embed_dim": width, "depths": depths, "num_heads": heads, "window_size": int(window), "image_size": int(side)}
        if trained:
            shape["pretrained_window_sizes"] = [int(trained)] * 3 + [int(trained) // 2]
        network = transformers.SwinForImageClassification if kind == "swin" else transformers.Swinv2ForImageClassification
        return network(network.config_class(**shape, **labels))
    if kind in ("convnext", "convnextv2"):
        depths, width = CONVNEXTS[rest]
        network = transformers.ConvNextForImageClassification if kind == "convnext" else transformers.ConvNextV2ForImageClassification
        return network(network.config_class(depths=depths, hidden_sizes=[width * factor for factor in (1, 2, 4, 8)], **labels))
    basic = rest in ("18", "34")
    shape = {"layer_type": "basic", "hidden_sizes": [64, 128, 256, 512]} if basic else {}
    return transformers.ResNetForImageClassification(transformers.ResNetConfig(depths=RESNETS[rest], **shape, **labels))


LIBRARIES = {
    "transformers": transformers_network,
    "efficientnet_lite_pytorch": efficientnet_lite_pytorch,
    "efficientnet_pytorch": efficientnet_pytorch,
    "torchvision": torchvision_network,
    "timm": timm_network,
}

PLAIN_VITS = (
    "tiny_patch16_224 tiny_patch16_384 small_patch32_224 small_patch32_384 small_patch16_224 small_patch16_384 small_patch8_224 base_patch32_224 "
    "base_patch32_384 base_patch16_224 base_patch16_384 base_patch8_224 large_patch32_224 large_patch32_384 large_patch16_224 "
    "large_patch16_384 large_patch14_224 huge_patch14_224".split()
)

ALL = (
    [f"efficientnet_pytorch/b{i}" for i in range(9)]
    + [f"torchvision/efficientnet_b{i}" for i in range(8)]
    + [f"torchvision/efficientnet_v2_{size}" for size in "sml"]
    + [f"efficientnet_lite_pytorch/lite{i}" for i in range(5)]
    + [f"timm/{prefix}efficientnet_lite{i}" for prefix in ("", "tf_") for i in range(5)]
    + [f"timm/efficientnet_b{i}" for i in range(9)]
    + [f"timm/tf_efficientnet_b{i}" for i in range(9)]
    + [f"torchvision/resnet{depth}" for depth in (18, 34, 50, 101, 152)]
    + [f"torchvision/{name}" for name in "resnext50_32x4d resnext101_32x8d resnext101_64x4d wide_resnet50_2 wide_resnet101_2".split()]
    + [f"timm/resnet{name}" for name in "10t 14t 18d 26 26d 26t 34d 50c 50d 50s 50t 101c 101d 101s 152c 152d 152s 200 200d".split()]
    + [f"timm/resnext{name}" for name in "50d_32x4d 101_32x4d 101_32x16d 101_32x32d".split()]
    + [f"timm/seresnet{name}" for name in "18 34 50 50t 101 152 152d 200d 269d aa50d".split()]
    + [f"timm/seresnext{name}" for name in "26d_32x4d 26t_32x4d 50_32x4d 101_32x4d 101_32x8d 101d_32x8d 101_64x4d aa201d_32x8d".split()]
    + [f"timm/ecaresn{name}" for name in "et26t et50d et50t etlight et101d et200d et269d ext26t_32x4d".split()]
    + [f"timm/resnet{name}" for name in "50_gn rs50 rs101 rs152 rs200 rs270 rs350 rs420".split()]
    + [f"timm/resnetv2_{depth}x{width}_bit" for depth, width in ((50, 1), (50, 3), (101, 1), (101, 3), (152, 2), (152, 4))]
    + [f"timm/resnetv2_{name}" for name in "18 18d 34 34d 50 50d 50t 101 101d 152 152d 50d_gn 50d_evos 50d_frn".split()]
    + [f"{library}/convnext_{size}" for library in ("torchvision", "timm") for size in "tiny small base large".split()]
    + [f"timm/convnext_{size}" for size in "atto femto pico nano atto_ols femto_ols pico_ols nano_ols tiny_hnf xlarge xxlarge".split()]
    + [f"timm/convnextv2_{size}" for size in "atto femto pico nano tiny small base large huge".split()]
    + [f"torchvision/vit_{name}" for name in "b_16 b_16+image_size=384 b_32 l_16 l_16+image_size=512 l_32 h_14 h_14+image_size=518".split()]
    + [
        f"timm/vit_{name}"
        for name in "tiny_patch16_224 tiny_patch16_384 small_patch32_224 small_patch32_384 small_patch16_224 small_patch16_384 small_patch8_224 "
        "base_patch32_224 base_patch32_384 base_patch16_224 base_patch16_384 base_patch8_224 large_patch32_224 large_patch32_384 "
        "large_patch16_224 large_patch16_384 large_patch14_224 huge_patch14_224 base_patch32_clip_224 base_patch32_clip_256 "
        "base_patch32_clip_384 base_patch32_clip_448 base_patch16_clip_224 base_patch16_clip_384 large_patch14_clip_224 "
        "large_patch14_clip_336 huge_patch14_clip_224 huge_patch14_clip_336".split()
    ]
    + [
        f"timm/deit3_{name}"
        for name in "small_patch16_224 small_patch16_384 medium_patch16_224 base_patch16_224 base_patch16_384 large_patch16_224 "
        "large_patch16_384 huge_patch14_224".split()
    ]
    + [f"timm/vit_{name}+global_pool=avg" for name in PLAIN_VITS]
    + [
        f"timm/deit_{name}"
        for name in "tiny_distilled_patch16_224 small_distilled_patch16_224 base_distilled_patch16_224 base_distilled_patch16_384".split()
    ]
    + [f"timm/vit_{size}_patch14_{registers}dinov2" for registers in ("", "reg4_") for size in "small base large".split()]
    + [
        f"timm/vit_{name}"
        for name in "medium_patch16_gap_240 medium_patch16_gap_256 medium_patch16_gap_384 betwixt_patch16_gap_256 base_patch16_siglip_gap_224 "
        "base_patch16_siglip_gap_256 base_patch16_siglip_gap_384 base_patch16_siglip_gap_512 large_patch16_siglip_gap_256 "
        "large_patch16_siglip_gap_384 base_patch16_gap_224 huge_patch14_gap_224 huge_patch16_gap_448 medium_patch16_reg1_gap_256 "
        "medium_patch16_reg4_gap_256 mediumd_patch16_reg4_gap_256 mediumd_patch16_reg4_gap_384 betwixt_patch16_reg1_gap_256 "
        "betwixt_patch16_reg4_gap_256 betwixt_patch16_reg4_gap_384 base_patch16_reg4_gap_256".split()
    ]
    + [
        f"timm/{name}"
        for name in "mobilenetv3_large_100 tf_mobilenetv3_large_100 tf_mobilenetv3_large_075 mobilenetv3_large_075 mobilenetv3_large_150d "
        "tf_mobilenetv3_large_minimal_100 mobilenetv3_small_100 tf_mobilenetv3_small_100 mobilenetv3_small_075 tf_mobilenetv3_small_075 "
        "mobilenetv3_small_050 tf_mobilenetv3_small_minimal_100 mobilenetv3_rw".split()
    ]
    + [f"torchvision/swin_{version}{size}" for version in ("", "v2_") for size in "tsb"]
    + [f"timm/swin_s3_{size}_224" for size in "tiny small base".split()]
    + [f"timm/swin_{name}" for name in "tiny_patch4_window7_224 small_patch4_window7_224 base_patch4_window7_224 large_patch4_window7_224".split()]
    + [f"timm/swin_{name}" for name in "base_patch4_window12_384 large_patch4_window12_384".split()]
    + [
        f"timm/swinv2_{size}_{window}"
        for sizes, windows in (
            ("tiny small base", "window8_256 window16_256"),
            ("base large", "window12_192 window12to16_192to256 window12to24_192to384"),
        )
        for size in sizes.split()
        for window in windows.split()
    ]
    + [f"torchvision/mobilenet_{name}" for name in "v2 v3_large v3_small".split()]
    + [f"torchvision/vgg{depth}{norm}" for depth in (11, 13, 16, 19) for norm in ("", "_bn")]
    + [f"torchvision/densenet{depth}" for depth in (121, 161, 169, 201)]
    + [f"torchvision/regnet_y_{size}" for size in "400mf 800mf 1_6gf 3_2gf 8gf 16gf 32gf 128gf".split()]
    + [f"torchvision/regnet_x_{size}" for size in "400mf 800mf 1_6gf 3_2gf 8gf 16gf 32gf".split()]
    + [f"transformers/vit_{name}" for name in PLAIN_VITS]
    + [
        f"transformers/deit_{name.replace('_', kind, 1)}"
        for kind in ("_", "_distilled_")
        for name in "tiny_patch16_224 small_patch16_224 base_patch16_224 base_patch16_384".split()
    ]
    + [f"transformers/swin_{size}_patch4_window7_224" for size in "tiny small base large".split()]
    + [f"transformers/swin_{size}_patch4_window12_384" for size in "base large".split()]
    + [
        f"transformers/swinv2_{size}_patch4_{window}"
        for sizes, windows in (
            ("tiny small base", "window8_256 window16_256"),
            ("base large", "window12_192 window12to16_192to256 window12to24_192to384"),
        )
        for size in sizes.split()
        for window in windows.split()
    ]
    + [f"transformers/convnext_{size}" for size in "tiny small base large xlarge".split()]
    + [f"transformers/convnextv2_{size}" for size in "atto femto pico nano tiny base large huge".split()]
    + [f"transformers/resnet_{depth}" for depth in "18 26 34 50 101 152".split()]
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
    # The linear layer is a convolution, whose output has two axes more than the head's.
    "timm/resnetv2": [(r"stem\.conv3?|stages\.\d\.blocks\.\d+|norm", None), (r"head", "head.fc")],
    "timm": [(r"conv_stem|bn1|blocks\.\d+\.\d+|conv_head|bn2|global_pool|classifier", None)],
    "torchvision/efficientnet": [
        (r"features\.0|features\.\d+\.\d+|avgpool", None),
        (r"features\.\d+", None),
        (r"classifier\.1", "classifier"),
    ],
    "torchvision/mobilenet_v3": [(r"features\.\d+|avgpool|classifier\.1", None), (r"classifier\.3", "classifier")],
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
            if match and ("mobilenet" in identity or not is_stage(path, network)):
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
