"""Other families: how each library makes the network, small where it can, and which modules' outputs are reported."""

import re
from functools import partial

import timm
import torch
import transformers
from efficientnet_lite_pytorch import EfficientNet as EfficientNetLite
from timm.layers import BatchNormAct2d, EvoNorm2dS0, FilterResponseNormTlu2d, GroupNormAct, StdConv2d, create_conv2d
from timm.models.resnetv2 import ResNetV2
from torchvision import models
from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformerBlockV2


def torchvision(name):
    return lambda classes: getattr(models, name)(num_classes=classes)


def timm_model(name, **arguments):
    return lambda classes: timm.create_model(name, num_classes=classes, **arguments)


def narrow_vgg(classes):
    """VGG-11 with 64 instead of 4,096 channels in its hidden linear layers: 9 instead of 133 million parameters."""
    network = models.vgg11_bn(num_classes=classes)
    network.classifier[0] = torch.nn.Linear(512 * 7 * 7, 64)
    network.classifier[3] = torch.nn.Linear(64, 64)
    network.classifier[6] = torch.nn.Linear(64, classes)
    return network


RESNET = r"conv1|bn1|layer\d\.\d+|avgpool|global_pool\.pool|fc"

# id -> (maker, pattern of the reported modules' paths)
FAMILIES = {
    "torchvision/mobilenet_v2": (torchvision("mobilenet_v2"), r"features\.\d+|classifier\.1"),
    "torchvision/resnext50_32x4d": (torchvision("resnext50_32x4d"), RESNET),
    "timm/resnet10t": (timm_model("resnet10t"), RESNET),
    "timm/resnet14t": (timm_model("resnet14t"), RESNET),
    "torchvision/vgg11_bn": (narrow_vgg, r"features\.(2|3|6|7|10|13|14|17|20|21|24|27|28)|classifier\.[146]"),
    "torchvision/densenet121": (
        torchvision("densenet121"),
        r"features\.(conv0|norm0|pool0|norm5|denseblock\d(\.denselayer\d+)?|transition\d)|classifier",
    ),
    "torchvision/mobilenet_v3_small": (torchvision("mobilenet_v3_small"), r"features\.\d+|avgpool|classifier\.[13]"),
    "torchvision/regnet_y_400mf": (torchvision("regnet_y_400mf"), r"stem|trunk_output\.block\d\.[^.]+|avgpool|fc"),
}

FAMILIES |= {
    f"timm/{name}": (timm_model(name), r"conv_stem|bn1|blocks\.\d+\.\d+|global_pool|act2|classifier")
    for name in (
        "mobilenetv3_large_100", "tf_mobilenetv3_small_075", "mobilenetv3_small_050", "tf_mobilenetv3_small_minimal_100", "mobilenetv3_rw",
    )
}

TIMM_CONVNEXT = r"stem|stages\.\d\.(downsample|blocks\.\d+)|head\.fc"
FAMILIES |= {
    "torchvision/convnext_tiny": (
        torchvision("convnext_tiny"),
        r"features\.([0246]|[1357]\.\d+)|classifier\.2",
    ),
    "timm/convnext_atto_ols": (timm_model("convnext_atto_ols"), TIMM_CONVNEXT),
    "timm/convnextv2_atto": (timm_model("convnextv2_atto"), TIMM_CONVNEXT),
    "timm/convnext_tiny_hnf": (timm_model("convnext_tiny_hnf"), TIMM_CONVNEXT),
}




def small_vit(classes):
    """torchvision's ViT with 3 layers of 96 channels, for 64 pixels."""
    sizes = {"image_size": 64, "patch_size": 16, "num_layers": 3, "num_heads": 3, "hidden_dim": 96, "mlp_dim": 384}
    network = models.VisionTransformer(**sizes, num_classes=classes)
    torch.nn.init.normal_(network.heads.head.weight)
    return network


SMALL = {"img_size": 64, "depth": 3, "embed_dim": 96, "num_heads": 3}
FAMILIES |= {
    "torchvision/vit_b_16": (small_vit, r"conv_proj|encoder\.layers\.encoder_layer_\d+|.*_2\.ln_1|heads\.head"),
    **{
        f"timm/{name}": (timm_model(name, **SMALL), r"patch_embed\.proj|blocks\.\d+|blocks\.2\.norm1|head")
        for name in ("vit_base_patch16_224", "deit3_base_patch16_224", "vit_base_patch16_clip_224")
    },
}


# The mean of the patches reaches the last block's output, so nothing else of that block is a layer.
AVERAGED = r"patch_embed\.proj|blocks\.\d+|head"
FAMILIES |= {
    "timm/vit_base_patch16_224+global_pool=avg": (timm_model("vit_base_patch16_224", **SMALL, global_pool="avg"), AVERAGED),
    "timm/vit_medium_patch16_gap_240": (timm_model("vit_medium_patch16_gap_240", **SMALL), AVERAGED),
    "timm/vit_medium_patch16_reg4_gap_256": (timm_model("vit_medium_patch16_reg4_gap_256", **SMALL), AVERAGED),
    "timm/vit_base_patch14_reg4_dinov2": (
        timm_model("vit_base_patch14_reg4_dinov2", **SMALL, patch_size=16),
        r"patch_embed\.proj|blocks\.\d+|blocks\.2\.norm1|head",
    ),
    "timm/deit_base_distilled_patch16_224": (
        timm_model("deit_base_distilled_patch16_224", **SMALL),
        r"patch_embed\.proj|blocks\.\d+|blocks\.2\.norm1",
    ),
}


def small_swin(classes):
    return models.SwinTransformer([4, 4], 24, [2, 2, 2], [2, 3, 4], [7, 7], num_classes=classes)


def small_swin_v2(classes):
    v2 = {"block": SwinTransformerBlockV2, "downsample_layer": PatchMergingV2}
    return models.SwinTransformer([4, 4], 24, [2, 2, 2], [2, 3, 4], [5, 5], num_classes=classes, **v2)


FAMILIES |= {
    "torchvision/swin_v2_t": (small_swin_v2, r"features\.([024]|[135]\.\d+)|head"),
    "timm/swin_s3_tiny_224": (
        timm_model("swin_s3_tiny_224", embed_dim=24, depths=(2, 2, 2), num_heads=(2, 3, 4), window_size=(7, 14, 7), img_size=112),
        r"patch_embed|layers\.\d\.(downsample|blocks\.\d+)|head\.fc",
    ),
    "timm/swinv2_base_window12to16_192to256": (
        timm_model(
            "swinv2_base_window12to16_192to256",
            **{"embed_dim": 24, "depths": (2, 2, 2), "num_heads": (2, 3, 4), "window_size": 8, "pretrained_window_sizes": (6, 6, 3), "img_size": 64},
        ),
        r"patch_embed|layers\.\d\.(downsample|blocks\.\d+)|head\.fc",
    ),
    "torchvision/swin_t": (small_swin, r"features\.([024]|[135]\.\d+)|head"),
    "timm/swin_tiny_patch4_window7_224": (
        timm_model("swin_tiny_patch4_window7_224", embed_dim=24, depths=(2, 2, 1), num_heads=(2, 3, 4), img_size=112),
        r"patch_embed|layers\.\d\.(downsample|blocks\.\d+)|head\.fc",
    ),
}


# Stages of one block each.
FAMILIES |= {
    f"timm/{name}": (timm_model(name, layers=(1, 1, 1, 1)), RESNET)
    for name in ("resnet50_gn", "seresnetaa50d", "ecaresnetlight", "resnetrs50")
}


def resnet_v2(norm, conv=create_conv2d, **arguments):
    """timm's ResNetV2 with two stages, and half of its channels where groups allow it."""
    return lambda classes: ResNetV2(
        **{"layers": (2, 1), "width_factor": 0.5, "norm_layer": norm, "conv_layer": conv, "num_classes": classes} | arguments
    )


DEEP = {"stem_type": "deep", "avg_down": True}
BASIC = {"basic": True, "bottle_ratio": 1.0, "channels": (64, 128), "width_factor": 1}
RESNET_V2 = r"stem\.conv3?|stages\.\d\.blocks\.\d+|norm|head"
FAMILIES |= {
    f"timm/resnetv2_{name}": (maker, RESNET_V2)
    for name, maker in {
        "50x1_bit": resnet_v2(GroupNormAct, partial(StdConv2d, eps=1e-8), stem_type="fixed"),
        "18d": resnet_v2(BatchNormAct2d, **BASIC, **DEEP),
        "34": resnet_v2(BatchNormAct2d, **BASIC),
        "50t": resnet_v2(BatchNormAct2d, **DEEP | {"stem_type": "tiered"}),
        "50d_gn": resnet_v2(GroupNormAct, **DEEP, width_factor=1),
        "50d_evos": resnet_v2(EvoNorm2dS0, **DEEP, width_factor=1),
        "50d_frn": resnet_v2(FilterResponseNormTlu2d, **DEEP),
    }.items()
}


def lite0(classes):
    return EfficientNetLite.from_name("efficientnet-lite0", num_classes=classes)


FAMILIES |= {
    "efficientnet_lite_pytorch/lite0": (
        lite0,
        r"_conv_stem|_bn0|_blocks\.\d+|_conv_head|_bn1|_avg_pooling|_dropout|_fc",
    ),
    "timm/tf_efficientnet_lite0": (
        timm_model("tf_efficientnet_lite0"),
        r"conv_stem|bn1|blocks\.\d+\.\d+|conv_head|bn2|global_pool|classifier",
    ),
}
def hugging_face(network_class, **settings):
    """A classifier of transformers, called with a picture as the other libraries' are."""

    def maker(classes):
        network = network_class(network_class.config_class(num_labels=classes, **settings))
        forward = network.forward
        network.forward = lambda image: forward(pixel_values=image).logits
        return network

    return maker


HF_VIT = {"hidden_size": 96, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 384, "image_size": 64}
HF_SWIN = {"embed_dim": 24, "depths": [2, 2, 2], "num_heads": [2, 3, 4]}
VIT_LAYERS = r"(vit|deit)\.(embeddings\.patch_embeddings\.projection|encoder\.layer\.(\d+|2\.layernorm_before))|classifier"
SWIN_LAYERS = r"swin(v2)?\.(embeddings|encoder\.layers\.\d\.(downsample|blocks\.\d+))|classifier"
CONVNEXT_LAYERS = r"convnext(v2)?\.(embeddings|encoder\.stages\.\d\.(downsampling_layer\.1|layers\.\d+))|classifier"
HF_RESNET_LAYERS = r"resnet\.(embedder\.embedder\.(convolution|normalization)|encoder\.stages\.\d\.layers\.\d+|pooler)|classifier\.1"
HF_RESNET = {"embedding_size": 64, "hidden_sizes": [256, 512, 1024, 2048], "depths": [1, 1, 1, 1]}
FAMILIES |= {
    "transformers/vit_base_patch16_224": (hugging_face(transformers.ViTForImageClassification, **HF_VIT), VIT_LAYERS),
    "transformers/deit_base_patch16_224": (hugging_face(transformers.DeiTForImageClassification, **HF_VIT), VIT_LAYERS),
    "transformers/deit_base_distilled_patch16_224": (hugging_face(transformers.DeiTForImageClassificationWithTeacher, **HF_VIT), VIT_LAYERS),
    "transformers/swin_tiny_patch4_window7_224": (
        hugging_face(transformers.SwinForImageClassification, **HF_SWIN, window_size=7, image_size=112),
        SWIN_LAYERS,
    ),
    "transformers/swinv2_base_patch4_window12to16_192to256": (
        hugging_face(
            transformers.Swinv2ForImageClassification, **HF_SWIN, window_size=8, pretrained_window_sizes=[6, 6, 3], image_size=64
        ),
        SWIN_LAYERS,
    ),
    "transformers/convnext_tiny": (
        hugging_face(transformers.ConvNextForImageClassification, hidden_sizes=[40, 80, 160, 320], depths=[1, 1, 2, 1]),
        CONVNEXT_LAYERS,
    ),
    "transformers/convnextv2_atto": (
        hugging_face(transformers.ConvNextV2ForImageClassification, hidden_sizes=[40, 80, 160, 320], depths=[1, 1, 2, 1]),
        CONVNEXT_LAYERS,
    ),
    "transformers/resnet_18": (
        hugging_face(
            transformers.ResNetForImageClassification, **HF_RESNET | {"hidden_sizes": [64, 128, 256, 512]}, layer_type="basic"
        ),
        HF_RESNET_LAYERS,
    ),
    "transformers/resnet_50": (hugging_face(transformers.ResNetForImageClassification, **HF_RESNET), HF_RESNET_LAYERS),
}
# Where layers are (N, H, W, C).
CHANNELS_LAST = ("torchvision/swin", "timm/swin")
# Side of the picture, where it is not 64: timm's Swin makes its windows smaller where fewer patches than 7 are in a row.
SIZES = {
    "timm/swin_tiny_patch4_window7_224": 112,
    "timm/swin_s3_tiny_224": 112,
    "transformers/swin_tiny_patch4_window7_224": 112,
}
# Class and register tokens before the patches, for layers (N, T, C).
TOKENS_BEFORE = {
    "timm/vit_medium_patch16_gap_240": 0,
    "timm/vit_medium_patch16_reg4_gap_256": 4,
    "timm/vit_base_patch14_reg4_dinov2": 5,
    "timm/deit_base_distilled_patch16_224": 2,
    "transformers/deit_base_patch16_224": 2,
    "transformers/deit_base_distilled_patch16_224": 2,
    "transformers/swin_tiny_patch4_window7_224": 0,
    "transformers/swinv2_base_patch4_window12to16_192to256": 0,
}


# Reported under another name than the module's.
RENAMED = {
    "efficientnet_lite_pytorch/lite0": {
        **{f"_blocks.{i}": f"block_{i:02d}" for i in range(16)},
        **{"_conv_stem": "conv_stem", "_bn0": "bn0", "_conv_head": "conv_head", "_bn1": "bn1"},
        **{"_avg_pooling": "avg_pool", "_dropout": "dropout", "_fc": "fc"},
    },
    "torchvision/mobilenet_v2": {"classifier.1": "classifier"},
    "torchvision/mobilenet_v3_small": {"classifier.3": "classifier"},
    "torchvision/convnext_tiny": {"classifier.2": "classifier"},
    "torchvision/vgg11_bn": {"classifier.6": "classifier"},
    **{
        f"timm/{name}": {"global_pool.pool": "avgpool"}
        for name in "resnet10t resnet14t resnet50_gn seresnetaa50d ecaresnetlight resnetrs50".split()
    },
}


def create(identity: str, classes: int):
    """In inference mode; no activation overwrites the output of the layer before it."""
    network = FAMILIES[identity][0](classes).eval()
    for module in network.modules():
        if getattr(module, "inplace", False):
            module.inplace = False
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.register_forward_hook(contiguous_gradient)
    return network


def contiguous_gradient(_module, _inputs, output):
    """PyTorch 2.9.1's backward pass of BatchNorm2d on CPU takes a gradient that is not contiguous wrongly."""
    if output.requires_grad:
        output.register_hook(lambda gradient: gradient.contiguous())


def reported_modules(identity: str, network) -> dict:
    pattern = re.compile(FAMILIES[identity][1])
    # ResNet V2's linear layer is a convolution, whose output has two axes more than the head's.
    renamed = {"head": "head.fc"} if identity.startswith("timm/resnetv2_") else RENAMED.get(identity, {})
    return {renamed.get(path, path): m for path, m in network.named_modules() if pattern.fullmatch(path)}
