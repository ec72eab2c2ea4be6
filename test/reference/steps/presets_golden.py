"""Writes test/golden/steps/presets.*: preprocessing as the libraries ship it, and the equivalent list of steps."""

import ast
import importlib.util
import math
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ["YOLO_CONFIG_DIR"] = "/tmp"

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import timm.data  # noqa: E402
import torch  # noqa: E402
import torchvision.models as models  # noqa: E402
from cases import Cases  # noqa: E402
from keras.applications.imagenet_utils import preprocess_input  # noqa: E402
from PIL import Image  # noqa: E402
from pictures import pictures  # noqa: E402
from transformers import (  # noqa: E402
    BeitImageProcessor,
    BeitImageProcessorFast,
    ConvNextImageProcessor,
    ConvNextImageProcessorFast,
    EfficientNetImageProcessor,
    MobileViTImageProcessor,
    MobileViTImageProcessorFast,
    ViTImageProcessor,
    ViTImageProcessorFast,
)
from ultralytics.data.augment import LetterBox, classify_transforms  # noqa: E402

IMAGENET_MEAN = [0.485, 0.456, 0.406]
IMAGENET_STD = [0.229, 0.224, 0.225]
HALF = [0.5, 0.5, 0.5]
RESCALE = {"step": "rescale", "factor": 1 / 255}
IMAGENET = [RESCALE, {"step": "normalize", "mean": IMAGENET_MEAN, "std": IMAGENET_STD}]

TORCHVISION = {
    "resnet50/v1": models.ResNet50_Weights.IMAGENET1K_V1,
    "resnet50/v2": models.ResNet50_Weights.IMAGENET1K_V2,
    "efficientnet_b0/v1": models.EfficientNet_B0_Weights.IMAGENET1K_V1,
    "efficientnet_b5/v1": models.EfficientNet_B5_Weights.IMAGENET1K_V1,
    "efficientnet_v2_s/v1": models.EfficientNet_V2_S_Weights.IMAGENET1K_V1,
    "vit_b_16/v1": models.ViT_B_16_Weights.IMAGENET1K_V1,
    "vit_b_16/swag": models.ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1,
    "swin_t/v1": models.Swin_T_Weights.IMAGENET1K_V1,
    "swin_v2_t/v1": models.Swin_V2_T_Weights.IMAGENET1K_V1,
    "convnext_tiny/v1": models.ConvNeXt_Tiny_Weights.IMAGENET1K_V1,
}


def stride_for(values: np.ndarray) -> int:
    """About 20 rows, at a stride that no pattern of the pictures repeats at."""
    return max(1, min(values.shape[1:]) // 20) | 1


def add_torchvision(cases: Cases, name: str, picture: np.ndarray) -> None:
    for preset, weights in TORCHVISION.items():
        transform = weights.transforms()
        filter_name = transform.interpolation.value
        crop_and_normalize = [
            {"step": "crop", "size": transform.crop_size[0]},
            RESCALE,
            {"step": "normalize", "mean": transform.mean, "std": transform.std},
        ]
        resize = {"step": "resize", "fit": "shorter", "size": transform.resize_size[0], "filter": filter_name}
        from_pillow = transform(Image.fromarray(picture)).numpy()
        steps = [{**resize, "like": "pillow", "antialias": True}, *crop_and_normalize]
        cases.add(f"torchvision/{preset}/{name}/pillow", name, steps, from_pillow, stride_for(from_pillow))
        from_tensor = transform(torch.from_numpy(picture.transpose(2, 0, 1).copy())).numpy()
        steps = [{**resize, "like": "torch", "path": "float", "antialias": True}, *crop_and_normalize]
        cases.add(f"torchvision/{preset}/{name}/tensor", name, steps, from_tensor, stride_for(from_tensor))


def add_timm(cases: Cases, name: str, picture: np.ndarray) -> None:
    def add(key: str, steps: list[dict], **config) -> None:
        settings = {"interpolation": "bicubic", "mean": IMAGENET_MEAN, "std": IMAGENET_STD, **config}
        values = timm.data.create_transform(**settings)(Image.fromarray(picture)).numpy()
        cases.add(f"timm/{key}/{name}", name, steps, values, stride_for(values))

    bicubic = {"step": "resize", "filter": "bicubic", "like": "pillow"}
    for pct in (0.875, 0.95):
        steps = [{**bicubic, "fit": "shorter", "size": 224, "fraction": pct}, {"step": "crop", "size": 224}, *IMAGENET]
        add(f"center-{pct}", steps, input_size=(3, 224, 224), crop_pct=pct, crop_mode="center")
    wide = {"step": "resize", "fit": "shorter", "size": [96, 160], "fraction": 0.9, "rounding": "nearest", "filter": "bilinear"}
    add(
        "center-wide",
        [{**wide, "like": "pillow"}, {"step": "crop", "size": [96, 160]}, *IMAGENET],
        **{"input_size": (3, 96, 160), "crop_pct": 0.9, "crop_mode": "center", "interpolation": "bilinear"},
    )
    for pct in (1.0, 0.9):
        steps = [{**bicubic, "fit": "exact", "size": 160, "fraction": pct}, {"step": "crop", "size": 160}, *IMAGENET]
        add(f"squash-{pct}", steps, input_size=(3, 160, 160), crop_pct=pct, crop_mode="squash")
        fill = [round(255 * value) for value in IMAGENET_MEAN]
        steps = [
            {**bicubic, "fit": "longer", "size": 160, "fraction": pct},
            {"step": "crop", "size": 160, "fill": fill},
            *IMAGENET,
        ]
        add(f"border-{pct}", steps, input_size=(3, 160, 160), crop_pct=pct, crop_mode="border")


def add_transformers(cases: Cases, name: str, picture: np.ndarray) -> None:
    def add(key: str, processor, steps: list[dict]) -> None:
        found = processor(images=Image.fromarray(picture), return_tensors="pt")["pixel_values"][0].numpy()
        cases.add(f"transformers/{key}/{name}", name, steps, found, stride_for(found))

    pillow = {"step": "resize", "like": "pillow"}
    torch_uint8 = {"step": "resize", "like": "torch", "path": "uint8", "antialias": True}
    halves = [RESCALE, {"step": "normalize", "mean": HALF, "std": HALF}]
    down = {"step": "crop", "rounding": "down"}
    add("vit", ViTImageProcessor(), [{**pillow, "size": 224, "filter": "bilinear"}, *halves])
    add("vit-fast", ViTImageProcessorFast(), [{**torch_uint8, "size": 224, "filter": "bilinear"}, *halves])
    shorter = {"fit": "shorter", "size": 224, "fraction": 224 / 256, "filter": "bilinear"}
    add(
        "convnext-224",
        ConvNextImageProcessor(size={"shortest_edge": 224}),
        [{**pillow, **shorter}, {**down, "size": 224}, *halves],
    )
    add("convnext-384", ConvNextImageProcessor(), [{**pillow, "size": 384, "filter": "bilinear"}, *halves])
    add(
        "convnext-224-fast",
        ConvNextImageProcessorFast(size={"shortest_edge": 224}),
        [{**torch_uint8, **shorter}, {"step": "crop", "size": 224}, *halves],
    )
    mobile = [
        {**pillow, "fit": "shorter", "size": 224, "filter": "bilinear"},
        {**down, "size": 256},
        RESCALE,
        {"step": "channels", "order": "BGR"},
    ]
    add("mobilevit", MobileViTImageProcessor(), mobile)
    fast = [{**mobile[0], **torch_uint8}, {"step": "crop", "size": 257, "rounding": "zero"}, *mobile[2:]]
    add("mobilevit-fast", MobileViTImageProcessorFast(crop_size={"height": 257, "width": 257}), fast)
    add("mobilevit-257", MobileViTImageProcessor(crop_size={"height": 257, "width": 257}), [mobile[0], {**down, "size": 257}, *mobile[2:]])
    beit = [{"step": "resize", "size": 256, "filter": "bicubic"}, {**down, "size": 224}]
    add("beit", BeitImageProcessor(do_center_crop=True), [{**beit[0], "like": "pillow"}, beit[1], *halves])
    add(
        "beit-fast",
        BeitImageProcessorFast(do_center_crop=True, size={"height": 256, "width": 256}),
        [{**beit[0], **torch_uint8}, {"step": "crop", "size": 224, "rounding": "zero"}, *halves],
    )
    efficient = [{**pillow, "size": 346, "filter": "nearest"}, {**down, "size": 289}]
    twice = {"step": "normalize", "mean": 0, "std": [0.47853944, 0.4732864, 0.47434163]}
    processor = EfficientNetImageProcessor(do_center_crop=True, image_std=twice["std"], include_top=True)
    normalize = {"step": "normalize", "mean": HALF, "std": twice["std"]}
    add("efficientnet", processor, [*efficient, RESCALE, normalize, twice])
    offset = EfficientNetImageProcessor(rescale_factor=1 / 127.5, rescale_offset=True, do_normalize=False, include_top=False)
    add("efficientnet-offset", offset, [efficient[0], {"step": "rescale", "factor": 1 / 127.5, "offset": -1}])


def add_keras(cases: Cases, name: str, picture: np.ndarray) -> None:
    modes = {
        "tf": [{"step": "rescale", "factor": 1 / 127.5, "offset": -1}],
        "torch": IMAGENET,
        "caffe": [
            {"step": "channels", "order": "BGR"},
            {"step": "normalize", "mean": [103.939, 116.779, 123.68]},
        ],
    }
    for mode, steps in modes.items():
        values = preprocess_input(picture.astype(np.float32)[np.newaxis], mode=mode)[0].transpose(2, 0, 1)
        cases.add(f"keras/{mode}/{name}", name, steps, values, 3)


def add_ultralytics(cases: Cases, name: str, picture: np.ndarray) -> None:
    values = classify_transforms(224)(Image.fromarray(picture)).numpy()
    steps = [
        {"step": "resize", "fit": "shorter", "size": 224, "filter": "bilinear", "like": "pillow"},
        {"step": "crop", "size": 224},
        RESCALE,
    ]
    cases.add(f"ultralytics/classify/{name}", name, steps, values, stride_for(values))
    boxed = LetterBox((96, 128))(image=picture).transpose(2, 0, 1)
    steps = [{"step": "resize", "fit": "letterbox", "size": [96, 128], "filter": "bilinear", "like": "opencv"}]
    cases.add(f"ultralytics/letterbox/{name}", name, steps, boxed, 3)


def paddle_function():
    """`resize_norm_img` of PP-OCR's recognizer and direction classifier, from its source: the module itself imports paddle."""
    package = importlib.util.find_spec("paddleocr").submodule_search_locations[0]
    path = Path(package) / "ppocr/data/imaug/rec_img_aug.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "resize_norm_img"]
    scope = {"np": np, "cv2": cv2, "math": math}
    exec(compile(ast.Module(body, []), str(path), "exec"), scope)  # noqa: S102
    return scope["resize_norm_img"]


def add_paddle(cases: Cases, name: str, picture: np.ndarray) -> None:
    resize_norm_img = paddle_function()
    for height, width in ((48, 192), (32, 40)):
        values, _ = resize_norm_img(picture[:, :, ::-1].copy(), (3, height, width))
        steps = [
            {"step": "resize", "fit": "height", "size": [height, width], "filter": "bilinear", "like": "opencv"},
            {"step": "channels", "order": "BGR"},
            RESCALE,
            {"step": "normalize", "mean": 0.5, "std": 0.5},
            {"step": "pad", "size": [height, width], "at": "top-left"},
        ]
        cases.add(f"pp-ocr/{height}x{width}/{name}", name, steps, values, 3)


def main() -> None:
    torch.set_num_threads(1)
    cases = Cases()
    all_pictures = pictures()
    for name in ("landscape", "portrait"):
        add_torchvision(cases, name, all_pictures[name])
    for name in ("landscape", "portrait", "small"):
        add_timm(cases, name, all_pictures[name])
        add_transformers(cases, name, all_pictures[name])
        add_ultralytics(cases, name, all_pictures[name])
        add_paddle(cases, name, all_pictures[name])
    add_keras(cases, "odd", all_pictures["odd"])
    packages = ("Pillow", "opencv-python-headless", "torch", "torchvision", "timm", "transformers", "keras", "ultralytics", "paddleocr")
    cases.write("steps/presets", *packages, "numpy")


if __name__ == "__main__":
    main()
