"""Writes test/golden/onnx/shared-cases.json: what the models of ../shared/cases/onnx give for img64.png, run by onnxruntime.

    python test/reference/onnx/shared_cases.py

The picture is stretched as cv2.resize does it and normalized for ImageNet, unless the file takes bytes or normalizes itself; files that
leave their size open get 224 x 224. Where onnxruntime has no kernels, or refuses the file, the reference evaluator of the onnx package runs it.
"""

import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from golden_io import ROOT, made_with, write_json  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

CASES = ROOT.parent / "shared" / "cases" / "onnx"
# Normalized inside, by the graph's own constants: 0..255 goes in.
BYTES = {"uint8_nhwc", "uint8_nchw", "float_0_255_inside", "keras_cnn"}
TYPES = {1: np.float32, 2: np.uint8, 10: np.float16}
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def fed(name: str, given: onnx.ValueInfoProto) -> np.ndarray | None:
    dims = [d.dim_value for d in given.type.tensor_type.shape.dim]
    kind = TYPES.get(given.type.tensor_type.elem_type)
    if kind is None or len(dims) not in (3, 4):
        return None
    batch, *shape = dims if len(dims) == 4 else [1, *dims]
    last = shape[2] in (1, 3)
    channels, height, width = (shape[2], *shape[:2]) if last else shape
    if channels not in (1, 3):
        return None
    size = (width, height) if width > 0 else (224, 224)
    image = cv2.resize(cv2.cvtColor(cv2.imread(str(CASES / "img64.png")), cv2.COLOR_BGR2RGB), size, interpolation=cv2.INTER_LINEAR)
    if channels == 1:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    values = image.astype(np.float32)
    if name not in BYTES:
        # Three means do not fit one channel: it gets their average.
        values = (values / 255 - (MEAN.mean() if channels == 1 else MEAN)) / (STD.mean() if channels == 1 else STD)
    tensor = (values if last else values.transpose(2, 0, 1))[None].repeat(max(1, batch), 0).astype(kind)
    return tensor if len(dims) == 4 else tensor[0]


def run(model: onnx.ModelProto, feed: dict) -> tuple[str, dict]:
    names = [output.name for output in model.graph.output]
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return "onnxruntime", dict(zip(names, session.run(names, feed)))
    except Exception:  # noqa: BLE001  each of its classes of error means the same here
        return "onnx.reference", dict(zip(names, ReferenceEvaluator(model).run(names, feed)))


def main() -> None:
    onnxruntime.set_default_logger_severity(4)
    rows = []
    for path in sorted(CASES.glob("*.onnx")):
        model = onnx.load(path)
        constants = {tensor.name for tensor in model.graph.initializer}
        inputs = [given for given in model.graph.input if given.name not in constants]
        tensor = fed(path.stem, inputs[0]) if len(inputs) == 1 else None
        row = {"file": path.stem, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        if tensor is not None:
            by, outputs = run(model, {inputs[0].name: tensor})
            # Of eight equal pictures one; the classes of the first.
            flat = {name: np.ravel(value[:1] if value.ndim else value) for name, value in outputs.items()}
            row |= {"by": by, "outputs": {name: [float(f"{v:.6g}") for v in value] for name, value in flat.items() if value.size <= 10}}
        rows.append(row)
    write_json("onnx/shared-cases", {"madeWith": made_with("onnx", "onnxruntime", "opencv-python-headless"), "models": rows})


if __name__ == "__main__":
    main()
