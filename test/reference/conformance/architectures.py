"""The networks of the conformance page: as their libraries make them, small where they can be."""

import timm
import torch
import torchvision
import transformers
from torchvision import models

CLASSES = 10
SIDE = 64


def tv(name, side=SIDE, **arguments):
    return side, lambda: getattr(models, name)(num_classes=CLASSES, **arguments)


def tm(name, side=SIDE, **arguments):
    return side, lambda: timm.create_model(name, num_classes=CLASSES, **arguments)


def swin(version):
    block = {"v1": {}, "v2": {
        "block": models.swin_transformer.SwinTransformerBlockV2,
        "downsample_layer": models.swin_transformer.PatchMergingV2,
    }}[version]
    return SIDE, lambda: models.SwinTransformer([4, 4], 24, [2, 2, 2], [2, 3, 4], [4, 4], num_classes=CLASSES, **block)


def vit(side=SIDE):
    return lambda: models.VisionTransformer(side, 8, 4, 3, 48, 96, num_classes=CLASSES)


def vgg(name):
    """With 64 instead of 4,096 hidden channels."""

    def make():
        network = getattr(models, name)(num_classes=CLASSES)
        network.classifier[0] = torch.nn.Linear(512 * 7 * 7, 64)
        network.classifier[3] = torch.nn.Linear(64, 64)
        network.classifier[6] = torch.nn.Linear(64, CLASSES)
        return network

    return 224, make


def convnext():
    setting = models.convnext.CNBlockConfig
    return models.ConvNeXt([setting(24, 48, 2), setting(48, 96, 2), setting(96, None, 2)], num_classes=CLASSES)


def maxvit():
    return models.MaxVit((SIDE, SIDE), 32, 4, [32, 64], [1, 1], 16, 0.0, num_classes=CLASSES)


def hf(name, side=SIDE, **settings):
    """A classifier of transformers by the beginning of its class's name, called with a picture alone."""

    def make():
        kind = getattr(transformers, f"{name}ForImageClassification")
        network = kind(kind.config_class(num_labels=CLASSES, **settings))
        forward = network.forward
        network.forward = lambda image: forward(pixel_values=image).logits
        return network

    return side, make


def tower(**settings):
    """Of a pair of encoders for pictures and text, of which the classifier has the first."""
    text = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    return {"vision_config": settings, "text_config": text}


SMALL_VIT = {"img_size": SIDE, "patch_size": 8, "embed_dim": 48, "depth": 3, "num_heads": 3}
SMALL_SWIN = {"img_size": SIDE, "window_size": 4, "embed_dim": 24, "depths": (2, 2, 2), "num_heads": (2, 3, 4)}

ARCHITECTURES = {
    "torchvision/alexnet": tv("alexnet", 224),
    "torchvision/vgg11_bn": vgg("vgg11_bn"),
    "torchvision/resnet18": tv("resnet18"),
    "torchvision/resnet50": tv("resnet50"),
    "torchvision/resnext50_32x4d": tv("resnext50_32x4d"),
    "torchvision/densenet121": tv("densenet121"),
    "torchvision/googlenet": tv("googlenet", aux_logits=False, init_weights=False),
    "torchvision/inception_v3": tv("inception_v3", 128, aux_logits=False, init_weights=False),
    "torchvision/mobilenet_v2": tv("mobilenet_v2", width_mult=0.25),
    "torchvision/mobilenet_v3_small": tv("mobilenet_v3_small", width_mult=0.5),
    "torchvision/mobilenet_v3_large": tv("mobilenet_v3_large", width_mult=0.5),
    "torchvision/mnasnet0_5": tv("mnasnet0_5"),
    "torchvision/shufflenet_v2_x0_5": tv("shufflenet_v2_x0_5"),
    "torchvision/squeezenet1_1": tv("squeezenet1_1"),
    "torchvision/regnet_x_400mf": tv("regnet_x_400mf"),
    "torchvision/regnet_y_400mf": tv("regnet_y_400mf"),
    "torchvision/efficientnet_b0": tv("efficientnet_b0"),
    "torchvision/efficientnet_v2_s": tv("efficientnet_v2_s"),
    "torchvision/convnext (reduced)": (SIDE, convnext),
    "torchvision/vit (reduced)": (SIDE, vit()),
    "torchvision/swin (reduced)": swin("v1"),
    "torchvision/swin_v2 (reduced)": swin("v2"),
    "torchvision/maxvit (reduced)": (SIDE, maxvit),
    "timm/resnet18d": tm("resnet18d"),
    "timm/resnetblur18": tm("resnetblur18"),
    "timm/seresnet18": tm("seresnet18"),
    "timm/ecaresnet26t": tm("ecaresnet26t"),
    "timm/res2net50_26w_4s": tm("res2net50_26w_4s"),
    "timm/resnest14d": tm("resnest14d"),
    "timm/skresnet18": tm("skresnet18"),
    "timm/dla34": tm("dla34"),
    "timm/hrnet_w18_small": tm("hrnet_w18_small"),
    "timm/repvgg_a0": tm("repvgg_a0"),
    "timm/mixnet_s": tm("mixnet_s"),
    "timm/mobilenetv3_small_050": tm("mobilenetv3_small_050"),
    "timm/mobilenetv4_conv_small": tm("mobilenetv4_conv_small"),
    "timm/tf_efficientnet_lite0": tm("tf_efficientnet_lite0"),
    "timm/tf_efficientnet_b0": tm("tf_efficientnet_b0"),
    "timm/ghostnet_050": tm("ghostnet_050"),
    "timm/lcnet_050": tm("lcnet_050"),
    "timm/fastvit_t8": tm("fastvit_t8"),
    "timm/edgenext_xx_small": tm("edgenext_xx_small"),
    "timm/convnext_atto": tm("convnext_atto"),
    "timm/convnextv2_atto": tm("convnextv2_atto"),
    "timm/vit (reduced)": tm("vit_tiny_patch16_224", **SMALL_VIT),
    "timm/vit with registers (reduced)": tm("vit_tiny_patch16_224", **SMALL_VIT, reg_tokens=4, global_pool="avg"),
    "timm/deit distilled (reduced)": tm("deit_tiny_distilled_patch16_224", **SMALL_VIT),
    "timm/eva02 (reduced)": tm("eva02_tiny_patch14_224", **SMALL_VIT),
    "timm/beit (reduced)": tm("beit_base_patch16_224", **SMALL_VIT),
    "timm/cait (reduced)": tm("cait_xxs24_224", **SMALL_VIT),
    "timm/xcit (reduced)": tm("xcit_nano_12_p16_224", **{**SMALL_VIT, "patch_size": 16}),
    "timm/swin (reduced)": tm("swin_tiny_patch4_window7_224", **SMALL_SWIN),
    "timm/swinv2 (reduced)": tm("swinv2_tiny_window8_256", **SMALL_SWIN),
    "timm/mixer_s16": tm("mixer_s16_224", img_size=SIDE),
    "timm/resmlp_12": tm("resmlp_12_224", img_size=SIDE),
    "timm/poolformer_s12": tm("poolformer_s12"),
    "timm/coatnet_pico_rw": tm("coatnet_pico_rw_224", img_size=SIDE),
    "timm/mobilevit_xxs": tm("mobilevit_xxs"),
    "timm/efficientformer_l1": tm("efficientformer_l1", 224),
    "timm/efficientvit_b0": tm("efficientvit_b0"),
    "timm/levit_128s": tm("levit_128s", 224),
    "timm/pvt_v2_b0": tm("pvt_v2_b0"),
    "timm/davit (reduced)": tm("davit_tiny", embed_dims=(24, 48, 72, 96), num_heads=(3, 6, 9, 12), depths=(1, 1, 1, 1)),
    "timm/focalnet_tiny_srf": tm("focalnet_tiny_srf"),
    "timm/cspresnet50": tm("cspresnet50"),
    "timm/ese_vovnet19b_dw": tm("ese_vovnet19b_dw"),
    "timm/rexnet_100": tm("rexnet_100"),
    "timm/nf_resnet26": tm("nf_resnet26"),
    "timm/inception_next_atto": tm("inception_next_atto"),
    "timm/hgnetv2_b0": tm("hgnetv2_b0"),
    "timm/starnet_s1": tm("starnet_s1"),
    "timm/sequencer2d_s (reduced)": tm(
        "sequencer2d_s", img_size=SIDE, layers=(1, 1, 1, 1), embed_dims=(24, 48, 48, 48), hidden_sizes=(6, 12, 12, 12)
    ),
}
HF_VIT = {"hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 192, "image_size": SIDE, "patch_size": 8}
HF_SWIN = {"embed_dim": 24, "depths": [2, 2, 2], "num_heads": [2, 3, 4], "window_size": 4, "image_size": SIDE}
HF_PYRAMID = {"hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 2, 1]}
HF_HEADS = {**HF_PYRAMID, "num_attention_heads": [1, 2, 3, 4]}
ARCHITECTURES |= {
    f"transformers/{network} (reduced)": made
    for network, made in {
        "vit": hf("ViT", **HF_VIT),
        "vit_msn": hf("ViTMSN", **HF_VIT),
        "deit": hf("DeiT", **HF_VIT),
        "beit": hf("Beit", **HF_VIT, out_indices=[1]),
        "data2vec": hf("Data2VecVision", **HF_VIT, out_indices=[1]),
        "dinov2": hf("Dinov2", **HF_VIT),
        "dinov2 with registers": hf("Dinov2WithRegisters", **HF_VIT),
        "siglip": hf("Siglip", **tower(**HF_VIT)),
        "clip": hf("CLIP", **tower(**HF_VIT)),
        "swin": hf("Swin", **HF_SWIN),
        "swinv2": hf("Swinv2", **HF_SWIN),
        "convnext": hf("ConvNext", **HF_PYRAMID),
        "convnextv2": hf("ConvNextV2", **HF_PYRAMID),
        "resnet": hf("ResNet", embedding_size=16, **HF_PYRAMID),
        "regnet": hf("RegNet", embedding_size=16, **HF_PYRAMID, groups_width=8),
        "bit": hf("Bit", num_groups=8, embedding_size=16, hidden_sizes=[32, 64, 96, 128], depths=[1, 1, 1, 1]),
        "focalnet": hf("FocalNet", image_size=SIDE, embed_dim=16, depths=[1, 1, 1, 1]),
        "poolformer": hf("PoolFormer", **HF_PYRAMID),
        "pvt": hf("Pvt", image_size=SIDE, **HF_HEADS),
        "pvt_v2": hf("PvtV2", image_size=SIDE, **HF_HEADS),
        "segformer": hf("Segformer", **HF_HEADS),
        "swiftformer": hf("SwiftFormer", embed_dims=[16, 32, 48, 64], depths=[1, 1, 1, 1]),
        "mobilevit": hf("MobileViT", image_size=SIDE, hidden_sizes=[48, 64, 80], neck_hidden_sizes=[16, 24, 32, 48, 64, 80, 96]),
        "mobilevitv2": hf("MobileViTV2", image_size=SIDE, width_multiplier=0.5),
        "mobilenet_v1": hf("MobileNetV1", depth_multiplier=0.25, image_size=SIDE),
        "mobilenet_v2": hf("MobileNetV2", depth_multiplier=0.35, image_size=SIDE),
        "efficientnet": hf("EfficientNet", width_coefficient=0.5, depth_coefficient=0.3, hidden_dim=640, image_size=SIDE),
        "levit": hf("Levit", image_size=SIDE, hidden_sizes=[32, 48, 64], num_attention_heads=[2, 3, 4], depths=[1, 1, 1], key_dim=[8, 8, 8]),
    }.items()
}
# As they are, with all their blocks and 1,000 classes, at their own size.
WHOLE = {
    "torchvision/vit_b_16": (224, models.vit_b_16),
    "torchvision/swin_t": (224, models.swin_t),
    "torchvision/convnext_tiny": (224, models.convnext_tiny),
}
ARCHITECTURES |= WHOLE
ARCHITECTURES |= {f"timm/{name}": tm(name, 160 if "test_vit" in name else SIDE) for name in timm.list_models("test_*")}

# Of TorchScript's exporter, 17 by default. Below 19, onnxruntime 1.23 divides the mean of a window that reaches beyond the picture (`ceil_mode`) by the whole window,
# PyTorch and onnxruntime 1.30 by what of it lies inside.
OPSETS = {"transformers/efficientnet (reduced)": 19}

# Of those that are made for one size: the network for another.
SIZED = {
    "torchvision/vit (reduced)": vit,
    "timm/vit with registers (reduced)": lambda side: tm(
        "vit_tiny_patch16_224", **{**SMALL_VIT, "img_size": side}, reg_tokens=4, global_pool="avg"
    )[1],
}

VERSIONS = {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__, "transformers": transformers.__version__}
