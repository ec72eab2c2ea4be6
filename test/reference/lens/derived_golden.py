"""Writes test/golden/lens/derived.*: what each writer leaves in and beside a model, and the tensor that its own library makes of a picture.

    python test/reference/lens/derived_golden.py [folder of openvino_model_api 0.2.5, unpacked] [of paddleclas 2.6.0] [of ultralytics 8.0.145]

The last three are read as source (their modules want openvino, paddle and old versions of torch): `pip download --no-deps` and `unzip`.
"""

import ast
import json
import math
import os
import sys
from functools import partial
from pathlib import Path

os.environ["YOLO_CONFIG_DIR"] = "/tmp"

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[1] / "steps")]

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import timm.data  # noqa: E402
import torch  # noqa: E402
import torchvision.transforms  # noqa: E402
import transformers  # noqa: E402
from golden_io import Pack, made_with  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402
from pictures import pictures  # noqa: E402
from ultralytics.data.augment import classify_transforms  # noqa: E402

PICTURES = pictures()


class Derived:
    def __init__(self) -> None:
        self._pack = Pack()

    def add(self, key, picture, values, files=None, metadata=None) -> None:
        values = np.asarray(values, np.float32)
        stride = max(1, min(values.shape[1:]) // 12) | 1
        self._pack.add(
            key,
            np.ascontiguousarray(values[:, ::stride, ::stride]),
            picture=picture,
            files={name: text if isinstance(text, str) else json.dumps(text) for name, text in (files or {}).items()},
            metadata={name: str(value) for name, value in (metadata or {}).items()},
            whole=list(values.shape),
            stride=stride,
        )

    def write(self) -> None:
        packages = ("Pillow", "opencv-python-headless", "torch", "torchvision", "timm", "transformers", "ultralytics", "numpy")
        self._pack.write("lens/derived", madeWith={**made_with(*packages), "openvino-model-api": "0.2.5", "paddleclas": "2.6.0", "ultralytics-old": "8.0.145"})


# By class: what a published file says beyond its type. An empty one is all defaults.
PROCESSORS = {
    "ViT": [{}, {"size": 96, "resample": 3, "image_mean": [0.1, 0.2, 0.3]}, {"do_normalize": False, "size": {"height": 64, "width": 96}}],
    "DeiT": [{}, {"resample": 0, "size": {"height": 70, "width": 96}, "do_center_crop": False}],
    "Beit": [{}, {"size": 72, "do_center_crop": False}],
    "ConvNext": [{"size": {"shortest_edge": 96}}, {"size": 80, "crop_pct": 0.95, "resample": 3}, {}, {"size": 80, "do_center_crop": True, "crop_size": 48}],
    "MobileViT": [{}, {"size": {"shortest_edge": 72}, "crop_size": {"height": 64, "width": 64}, "do_flip_channel_order": False, "do_normalize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}],
    "EfficientNet": [{}, {"include_top": False, "do_center_crop": True, "crop_size": 100, "size": 120, "resample": 2}, {"rescale_offset": True, "rescale_factor": 1 / 127.5}],
    "CLIP": [{}],
    "Bit": [{"size": {"shortest_edge": 96}, "crop_size": {"height": 81, "width": 81}}],
    "Levit": [{"size": {"shortest_edge": 96}, "crop_size": {"height": 96, "width": 96}}, {"size": {"height": 96, "width": 80}, "do_center_crop": False}],
    "PoolFormer": [{"size": {"shortest_edge": 96}, "crop_pct": 0.9, "crop_size": {"height": 96, "width": 96}}],
    "MobileNetV1": [{}],
    "MobileNetV2": [{"size": {"shortest_edge": 70}, "crop_size": {"height": 61, "width": 61}}],
    "Pvt": [{"size": {"height": 64, "width": 64}}],
    "Siglip": [{"size": {"height": 64, "width": 64}}],
    "Segformer": [{"size": {"height": 64, "width": 64}}, {"size": 96, "do_center_crop": True, "crop_size": 64}],
    "Blip": [{"size": {"height": 64, "width": 48}, "resample": 5}, {"size": 64, "do_center_crop": True, "crop_size": 48}],
    "Perceiver": [{}, {"size": 64, "crop_size": 80, "resample": 2}],
    "DINOv3ViT": [{"size": {"height": 64, "width": 64}}, {"size": 48, "resample": 3, "rescale_factor": 1 / 127.5}],
    "EfficientFormer": [{}],
}


def add_hugging_face(cases: Derived) -> None:
    for name, configs in PROCESSORS.items():
        for suffix in ("ImageProcessor", "ImageProcessorFast"):
            kind = getattr(transformers, name + suffix, None)
            if kind is None:
                continue
            for index, config in enumerate(configs):
                if suffix.endswith("Fast") and config.get("resample") == 5:
                    continue  # torch has no Hamming filter
                for picture in ("landscape", "portrait")[: 2 if index == 0 else 1]:
                    found = kind(**config)(images=Image.fromarray(PICTURES[picture]), return_tensors="pt")["pixel_values"][0]
                    # As old files are: what is default is not written, and the type is the old one.
                    key = "image_processor_type" if index != 1 or suffix.endswith("Fast") else "feature_extractor_type"
                    type_ = name + suffix if key == "image_processor_type" else name + "FeatureExtractor"
                    files = {"preprocessor_config.json": {key: type_, **config}}
                    cases.add(f"hugging-face/{name}{suffix}/{index}/{picture}", picture, found.numpy(), files)
    # As save_pretrained writes it today: every key.
    whole = transformers.ViTImageProcessor(size={"height": 48, "width": 48})
    found = whole(images=Image.fromarray(PICTURES["odd"]), return_tensors="np")["pixel_values"][0]
    cases.add("hugging-face/saved/odd", "odd", found, {"preprocessor_config.json": whole.to_json_string()})


TIMM = {
    "vit": {"input_size": [3, 64, 64], "crop_pct": 0.9, "interpolation": "bicubic", "mean": [0.5] * 3, "std": [0.5] * 3, "crop_mode": "center"},
    "resnet": {"input_size": [3, 80, 80], "interpolation": "bilinear", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
    "squash": {"input_size": [3, 64, 64], "crop_pct": 1.0, "interpolation": "bicubic", "crop_mode": "squash"},
    "border": {"input_size": [3, 64, 64], "crop_pct": 0.95, "interpolation": "bicubic", "crop_mode": "border", "mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]},
    "wide": {"input_size": [3, 48, 80], "crop_pct": 0.9, "interpolation": "bicubic"},
    "defaults": {"input_size": [3, 224, 224]},
    "box": {"input_size": [3, 48, 48], "interpolation": "box", "crop_mode": "squash"},
    "hamming": {"input_size": [3, 48, 48], "interpolation": "hamming", "crop_pct": 0.95},
    "one-mean": {"input_size": [3, 64, 64], "crop_mode": "border", "mean": [0.5], "std": [0.25]},
    "gray": {"input_size": [1, 56, 56], "interpolation": "bilinear", "mean": [0.1307], "std": [0.3081]},
}


def add_timm(cases: Derived) -> None:
    for name, cfg in TIMM.items():
        config = timm.data.resolve_data_config(pretrained_cfg=cfg)
        transform = timm.data.create_transform(**config)
        for picture in ("landscape", "portrait"):
            file = {"architecture": name, "num_classes": 3, "label_names": ["a", "b", "c"], "pretrained_cfg": cfg}
            # validate.py opens pictures for one channel in mode L.
            opened = Image.fromarray(PICTURES[picture]).convert("L" if cfg["input_size"][0] == 1 else "RGB")
            values = transform(opened).numpy()
            if name == "box":  # as in files from before 2023
                file = {"architecture": name, "num_classes": 3, "labels": ["a", "b", "c"], **cfg}
            cases.add(f"timm/{name}/{picture}", picture, values, {"config.json": file})
    cfg = {"input_size": [3, 64, 64], "test_input_size": [3, 80, 80], "crop_pct": 0.9, "test_crop_pct": 1.0, "interpolation": "bicubic"}
    config = timm.data.resolve_data_config(pretrained_cfg=cfg, use_test_size=True)
    values = timm.data.create_transform(**config)(Image.fromarray(PICTURES["odd"])).numpy()
    cases.add("timm/test-size/odd", "odd", values, {"config.json": {"pretrained_cfg": cfg}})


def add_ultralytics(cases: Derived) -> None:
    for size in ((64, 64), (224, 224), (48, 80)):
        for picture in ("landscape", "portrait"):
            values = classify_transforms(size if size[0] != size[1] else size[0])(Image.fromarray(PICTURES[picture])).numpy()
            metadata = {"author": "Ultralytics", "task": "classify", "stride": 1, "imgsz": list(size), "names": {0: "fake", 1: "real"}, "batch": 1}
            cases.add(f"ultralytics/{size[0]}x{size[1]}/{picture}", picture, values, None, metadata)


def add_old_ultralytics(cases: Derived, folder: Path) -> None:
    """Its transform before 8.0.233: the middle square by OpenCV; until 8.0.52 it was called with ImageNet's mean and deviation, which 8.0.53 made parameters."""
    scope = {"cv2": cv2, "np": np, "torch": torch, "T": torchvision.transforms}
    old = definitions(folder / "ultralytics/data/augment.py", {"CenterCrop", "ToTensor", "classify_transforms"}, scope)
    imagenet = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    for version, normalized in (("8.0.52", imagenet), ("8.0.53", ()), ("8.0.232", ())):
        for picture in ("landscape", "portrait"):
            values = old["classify_transforms"](64, *normalized)(np.ascontiguousarray(PICTURES[picture][:, :, ::-1])).numpy()
            metadata = {"author": "Ultralytics", "version": version, "task": "classify", "stride": 1, "imgsz": [64, 64], "names": {0: "fake", 1: "real"}}
            cases.add(f"ultralytics-{version}/64x64/{picture}", picture, values, None, metadata)


def add_custom_vision(cases: Derived) -> None:
    """`predict.py` of its samples: the picture resized with Pillow's default filter, reversed for Bgr8, divided by 255 unless NominalRange_0_255."""
    manifest = {"DomainType": "Classification", "Platform": "ONNX", "ModelFileName": "model.onnx", "LabelFileName": "labels.txt", "MetadataPropsFileName": "metadata_properties.json"}
    for name, (pixels, range_) in {"bgr": ("Bgr8", "NominalRange_0_255"), "rgb": ("Rgb8", "Normalized_0_1")}.items():
        found = np.array(Image.fromarray(PICTURES["landscape"]).resize((64, 64)), np.float32)
        found = found[:, :, ::-1] if pixels == "Bgr8" else found
        found = found if range_ == "NominalRange_0_255" else found / np.float32(255)
        metadata = {"Image.BitmapPixelFormat": pixels, "Image.ColorSpaceGamma": "SRGB", "Image.NominalPixelRange": range_}
        files = {"cvexport.manifest": manifest, "labels.txt": "cat\r\ndog\r\n"}
        cases.add(f"custom-vision/{name}", "landscape", found.transpose(2, 0, 1), files, metadata)
        cases.add(f"image-entries/{name}", "landscape", found.transpose(2, 0, 1), None, {k.upper(): v.lower() for k, v in metadata.items()})
        properties = {"CustomVision.Metadata.Version": "1.2", "CustomVision.Preprocess.ResizeMethod": "Stretch", **metadata}
        files = {"cvexport.manifest": manifest, "metadata_properties.json": properties, "labels.txt": "cat\ndog\n"}
        cases.add(f"custom-vision/{name}-properties", "landscape", found.transpose(2, 0, 1), files)


def add_teachable_machine(cases: Derived) -> None:
    """`keras_model.py` of its export: ImageOps.fit with LANCZOS, x / 127.5 - 1."""
    about = {"tfjsVersion": "1.3.1", "tmVersion": "2.4.10", "packageName": "@teachablemachine/image", "labels": ["Class 1", "Class 2"], "imageSize": 224, "modelName": "tm-my-image-model"}
    for picture in ("landscape", "portrait", "odd", "small"):
        fitted = ImageOps.fit(Image.fromarray(PICTURES[picture]), (224, 224), Image.Resampling.LANCZOS)
        values = np.asarray(fitted).astype(np.float32) / 127.5 - 1
        cases.add(f"teachable-machine/{picture}", picture, values.transpose(2, 0, 1), {"metadata.json": about})


def definitions(path: Path, names: set[str], scope: dict) -> dict:
    """Functions, classes and tables of a module, run alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name_of = lambda node: getattr(node, "name", None) or (node.targets[0].id if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) else None)
    body = [node for node in tree.body if name_of(node) in names]
    exec(compile(ast.Module(body, []), str(path), "exec"), scope)  # noqa: S102
    return scope


def add_model_api(cases: Derived, folder: Path) -> None:
    names = {"resize_image_ocv", "resize_image_with_aspect_ocv", "resize_image_letterbox_ocv", "crop_resize_ocv", "RESIZE_TYPES", "INTERPOLATION_TYPES", "InputTransform"}
    api = definitions(folder / "model_api/adapters/utils.py", names, {"np": np, "cv2": cv2, "math": math, "partial": partial})
    settings = {
        "standard": {"reverse_input_channels": "True", "mean_values": "123.675 116.28 103.53", "scale_values": "58.395 57.12 57.375"},
        "crop": {"reverse_input_channels": "True", "mean_values": "127.5 127.5 127.5", "scale_values": "127.5"},
        "fit_to_window_letterbox": {"reverse_input_channels": "False", "pad_value": "114", "scale_values": "255.0 255.0 255.0"},
        "fit_to_window": {"reverse_input_channels": "True"},
    }
    add_turned_crop(cases, api)
    for type_, entries in settings.items():
        sizes = {"landscape": (64, 64), "portrait": (72, 72)} if type_ != "fit_to_window" else {"small": (64, 64)}  # by a whole number of pixels
        for picture, (width, height) in sizes.items():
            resize = api["RESIZE_TYPES"][type_]
            extra = {"pad_value": 114} if type_ == "fit_to_window_letterbox" else {}
            image = resize(PICTURES[picture][:, :, ::-1].copy(), (width, height), **extra)
            numbers = lambda key: [float(part) for part in entries.get(key, "").split()]
            values = api["InputTransform"](entries["reverse_input_channels"] == "True", numbers("mean_values"), numbers("scale_values"))(image)
            metadata = {"model_info model_type": "Classification", "model_info labels": "a_cat dog", "model_info resize_type": type_}
            metadata |= {f"model_info {key}": value for key, value in entries.items()}
            cases.add(f"model-api/{type_}/{picture}", picture, values.transpose(2, 0, 1), None, metadata)


def add_turned_crop(cases: Derived, api: dict) -> None:
    """Of sides that differ it crops to the aspect of the sides exchanged."""
    values = api["InputTransform"](True, [127.5] * 3, [127.5] * 3)(api["crop_resize_ocv"](PICTURES["landscape"][:, :, ::-1].copy(), (72, 56)))
    entries = {"model_type": "Classification", "labels": "a_cat dog", "resize_type": "crop", "reverse_input_channels": "True", "mean_values": "[127.5, 127.5, 127.5]", "scale_values": "127.5"}
    cases.add("model-api/crop-72x56/landscape", "landscape", values.transpose(2, 0, 1), None, {f"model_info {key}": value for key, value in entries.items()})


PADDLE = """Global:
  model_name: PP-LCNet_x1_0
PreProcess:
  transform_ops:
  - ResizeImage:
      resize_short: 73
  - CropImage:
      size: 64
  - NormalizeImage:
      channel_num: 3
      mean:
      - 0.485
      - 0.456
      - 0.406
      order: ''
      scale: 0.00392156862745098
      std:
      - 0.229
      - 0.224
      - 0.225
  - ToCHWImage: null
PostProcess:
  Topk:
    topk: 5
    label_list:
    - tench, Tinca tinca
    - "don't: know"
"""

PADDLE_OLD = """PreProcess:   # as in deploy/configs
    transform_ops:
        - ResizeImage:
            size: [72, 56]
            backend: pil
            interpolation: bicubic
        - NormalizeImage:
            scale: 1.0/255.0
            mean: [0.5, 0.5, 0.5]
            std: [0.5, 0.5, 0.5]
            order: ''
        - ToCHWImage:
PostProcess:
    main_indicator: Topk
    Topk:
        topk: 5
        class_id_map_file: "../ppcls/utils/my_list.txt"
"""


# As PyYAML writes it where leaves stay on one line, with names that are not ASCII.
PADDLE_FLOW = """PostProcess:
  Topk: {label_list: ["\\u732B", 'it''s'], topk: 5}
PreProcess:
  transform_ops:
  - DecodeImage: {channel_first: false, img_mode: BGR}
  - ResizeImage: {backend: pil, interpolation: hamming,
      size: [72, 56]}
  - NormalizeImage: {mean: [0.5, 0.5, 0.5], order: '', scale: 1.0/255.0, std: [0.5, 0.5, 0.5]}
  - {ToCHWImage: null}
"""


def add_paddle(cases: Derived, folder: Path) -> None:
    from PIL import Image as PillowImage

    names = {"UnifiedResize", "ResizeImage", "CropImage", "NormalizeImage", "OperatorParamError"}
    scope = {"np": np, "cv2": cv2, "math": math, "partial": partial, "Image": PillowImage, "random": None}
    ops = definitions(folder / "paddleclas/deploy/python/preprocess.py", names, scope)
    imagenet = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225], scale=0.00392156862745098, order="")
    for picture in ("landscape", "portrait"):
        image = ops["ResizeImage"](resize_short=73)(PICTURES[picture])
        values = ops["NormalizeImage"](**imagenet)(ops["CropImage"](64)(image))
        cases.add(f"paddle-clas/short/{picture}", picture, values.transpose(2, 0, 1), {"inference.yml": PADDLE})
        image = ops["ResizeImage"](size=[72, 56], backend="pil", interpolation="bicubic")(PICTURES[picture])
        values = ops["NormalizeImage"](scale="1.0/255.0", mean=[0.5] * 3, std=[0.5] * 3, order="")(image)
        files = {"inference_cls.yaml": PADDLE_OLD, "my_list.txt": "0 cat\n1 dog\n"}
        cases.add(f"paddle-clas/size/{picture}", picture, values.transpose(2, 0, 1), files)
        image = ops["ResizeImage"](size=[72, 56], backend="pil", interpolation="hamming")(PICTURES[picture][:, :, ::-1].copy())
        values = ops["NormalizeImage"](scale="1.0/255.0", mean=[0.5] * 3, std=[0.5] * 3, order="")(image)
        cases.add(f"paddle-clas/flow/{picture}", picture, values.transpose(2, 0, 1), {"inference.yml": PADDLE_FLOW})


def main() -> None:
    torch.set_num_threads(1)
    model_api, paddle, ultralytics = (Path(path) for path in sys.argv[1:4])
    cases = Derived()
    add_hugging_face(cases)
    add_timm(cases)
    add_ultralytics(cases)
    add_old_ultralytics(cases, ultralytics)
    add_custom_vision(cases)
    add_teachable_machine(cases)
    add_model_api(cases, model_api)
    add_paddle(cases, paddle)
    cases.write()


if __name__ == "__main__":
    main()
