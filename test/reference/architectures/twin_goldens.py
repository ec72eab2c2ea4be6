"""Goldens of networks that share names and shapes with a known one: logits of both with the same weights. See README.md."""

import json
import pathlib
import sys

import timm
import torch
import torchvision
from efficientnet_pytorch import EfficientNet

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import make_goldens
from families import contiguous_gradient
from make_goldens import CLASSES, GAINS, GOLDEN, run, test_state, vector_rules
from networks import create

# Odd when it is halved: 75 38 19 10 5, so that padding, blurring and pooling each show at the border.
SIZE = 150
# With aa_layer=nn.AvgPool2d a block's two paths have different sizes where one is odd: timm fails there.
EVEN_SIZE = 160


# Without these an untrained EfficientNet barely depends on its picture: its logits are its biases.
LIVELY = [
    (r".*\.weight", 0.83, 0.25),
    (r".*\.bias", 0.0, 0.2),
    (r".*\.running_mean", 0.0, 0.1),
    (r".*\.running_var", 0.85, 0.2),
]
USUAL = make_goldens.VECTORS


def timm_model(name, **arguments):
    return lambda: timm.create_model(name, num_classes=CLASSES, **arguments)


def dilated(name, *stages):
    return lambda: getattr(torchvision.models, name)(num_classes=CLASSES, replace_stride_with_dilation=list(stages))


def stride_in_first(name):
    """Caffe's ResNets: the stride on a bottleneck's first convolution."""

    def make():
        network = getattr(torchvision.models, name)(num_classes=CLASSES)
        for module in network.modules():
            if isinstance(module, torchvision.models.resnet.Bottleneck):
                module.conv1.stride, module.conv2.stride = module.conv2.stride, (1, 1)
        return network

    return make


def efficientnet(variant, **overridden):
    return EfficientNet.from_name(f"efficientnet-{variant}", num_classes=CLASSES, **overridden)


def unpadded_stem(variant):
    """As DeepfakeBench's detectors replace it: nn.Conv2d(3, channels, kernel_size=3, stride=2, bias=False)."""

    def make():
        network = efficientnet(variant)
        channels = network._conv_stem.out_channels
        network._conv_stem = torch.nn.Conv2d(3, channels, kernel_size=3, stride=2, bias=False)
        return network

    return make


def dilated_mobilenet(size):
    """As torchvision's segmentation networks ask for it."""
    rows, last = torchvision.models.mobilenetv3._mobilenet_v3_conf(f"mobilenet_v3_{size}", dilated=True)
    return lambda: torchvision.models.MobileNetV3(rows, last, num_classes=CLASSES)


# id -> (the known network, the twin)
TWINS = {
    "timm/resnetblur18": ("torchvision/resnet18", timm_model("resnetblur18")),
    "timm/resnetaa18": ("torchvision/resnet18", timm_model("resnet18", aa_layer=torch.nn.AvgPool2d)),
    "torchvision/resnet18+output_stride=16": ("torchvision/resnet18", timm_model("resnet18", output_stride=16)),
    "torchvision/resnet18+output_stride=8": ("torchvision/resnet18", timm_model("resnet18", output_stride=8)),
    "torchvision/resnet18+global_pool=max": ("torchvision/resnet18", timm_model("resnet18", global_pool="max")),
    "torchvision/resnet18+global_pool=avgmax": ("torchvision/resnet18", timm_model("resnet18", global_pool="avgmax")),
    "timm/resnetblur50": ("torchvision/resnet50", timm_model("resnetblur50")),
    "timm/resnetaa50": ("torchvision/resnet50", timm_model("resnetaa50")),
    "torchvision/resnet50+output_stride=16": ("torchvision/resnet50", dilated("resnet50", False, False, True)),
    "torchvision/resnet50+output_stride=8": ("torchvision/resnet50", dilated("resnet50", False, True, True)),
    "torchvision/resnet50+stride_in_1x1": ("torchvision/resnet50", stride_in_first("resnet50")),
    "timm/resnetv2_18+output_stride=8": ("timm/resnetv2_18", timm_model("resnetv2_18", output_stride=8)),
    "timm/resnetv2_18+global_pool=max": ("timm/resnetv2_18", timm_model("resnetv2_18", global_pool="max")),
    "timm/resnetv2_18+global_pool=avgmax": ("timm/resnetv2_18", timm_model("resnetv2_18", global_pool="avgmax")),
    "timm/resnetv2_50+output_stride=16": ("timm/resnetv2_50", timm_model("resnetv2_50", output_stride=16)),
    "timm/efficientnet_blur_b0": ("timm/efficientnet_b0", timm_model("efficientnet_blur_b0")),
    "timm/efficientnet_b0+output_stride=16": ("timm/efficientnet_b0", timm_model("efficientnet_b0", output_stride=16)),
    "timm/efficientnet_b0+output_stride=8": ("timm/efficientnet_b0", timm_model("efficientnet_b0", output_stride=8)),
    "timm/efficientnet_b0+global_pool=max": ("timm/efficientnet_b0", timm_model("efficientnet_b0", global_pool="max")),
    "timm/tf_efficientnet_b0+output_stride=16": (
        "timm/tf_efficientnet_b0",
        timm_model("tf_efficientnet_b0", output_stride=16),
    ),
    "timm/tf_efficientnet_b0+global_pool=avgmax": (
        "timm/tf_efficientnet_b0",
        timm_model("tf_efficientnet_b0", global_pool="avgmax"),
    ),
    "efficientnet_pytorch/b0+unpadded_stem": ("efficientnet_pytorch/b0", unpadded_stem("b0")),
    "efficientnet_pytorch/b4+unpadded_stem": ("efficientnet_pytorch/b4", unpadded_stem("b4")),
    "efficientnet_pytorch/b0+image_size=none": ("efficientnet_pytorch/b0", lambda: efficientnet("b0", image_size=None)),
    "torchvision/mobilenet_v3_small+dilated": ("torchvision/mobilenet_v3_small", dilated_mobilenet("small")),
    "timm/resnet50": ("torchvision/resnet50", timm_model("resnet50")),
}


def prepared(network):
    for module in network.eval().modules():
        if getattr(module, "inplace", False):
            module.inplace = False
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.register_forward_hook(contiguous_gradient)
    return network


def make(identity, known, builder):
    make_goldens.VECTORS = USUAL if "resnet" in known else LIVELY
    twin, base = prepared(builder()), create(known, CLASSES)
    state = test_state(known, base)
    assert {name: tensor.shape for name, tensor in twin.state_dict().items()} == {
        name: tensor.shape for name, tensor in state.items()
    }, identity
    twin.load_state_dict(state)
    base.load_state_dict(state)
    # Hooks go by the library that the known network is of.
    library = known if identity.startswith("timm/resnet") else identity
    size = EVEN_SIZE if "resnetaa" in identity else SIZE
    found = run(library, twin, size)
    image_of_base = run(known, base, size)
    golden = {
        "id": identity,
        "known": known,
        "classes": CLASSES,
        "inputSize": size,
        "gains": GAINS,
        "vectors": vector_rules(known),
        "containers": [],
        "knownLogits": image_of_base["logits"],
        **found,
    }
    name = identity.replace("/", "__")
    (GOLDEN / "twins" / f"{name}.json").write_text(json.dumps(golden) + "\n")
    print(identity, found["logits"], "known", image_of_base["logits"], flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for identity, (known, builder) in TWINS.items():
        if sys.argv[1:] and identity not in sys.argv[1:]:
            continue
        make(identity, known, builder)
