"""Makes the models of docs/conformance.md: each as both exporters of torch write it, and what PyTorch computes with it.

    python test/reference/conformance/make_models.py <folder> [name...]

Writes, by architecture, NAME.torchscript.onnx, NAME.dynamo.onnx, NAME.json and NAME.bin into the folder (about 1 GB and half an hour for all); existing files are kept.
"""

import argparse
import json
import logging
import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from architectures import ARCHITECTURES, CLASSES, OPSETS, VERSIONS, WHOLE
from recorder import readings, record
from settle import TRIALS, cam_of, noise, picture, settled
from weights import seed

EXPORTERS = ("torchscript", "dynamo")

def file_name(name: str) -> str:
    return name.replace("/", "__").replace(" ", "_").replace("(", "").replace(")", "")


def without_in_place(model: torch.nn.Module) -> torch.nn.Module:
    for module in model.modules():
        if getattr(module, "inplace", False):
            module.inplace = False
    return model


def build(name: str):
    """The model in inference mode, its picture, and the weights that do not follow from names."""
    side, make = ARCHITECTURES[name]
    torch.manual_seed(1)
    model, image = without_in_place(make()).eval(), picture(side)
    return model, image, seed(model, image)


def reference(model: torch.nn.Module, image: torch.Tensor) -> tuple[dict, list[np.ndarray]]:
    """What our maps are compared with: of every tensor and each way to read it as a map, the channels' mean and the CAM."""
    logits, target, rows = record(model, image)
    shaken = [record(model, image + noise(image.shape, trial), target)[2] for trial in range(TRIALS)]
    known, arrays, found = {}, [], []
    for row, *others in zip(rows, *shaken):
        a = row["tensor"]
        moved = [other["tensor"] for other in others]
        assert all(a.shape == b.shape for b in moved)
        for kind, skipped, height, width in readings(a.shape):
            value, first = cam_of(a, kind, skipped, height, width)
            apart = [float((first - cam_of(b, kind, skipped, height, width)[1]).norm()) for b in moved]
            arrays_of_row = [value.mean(0).float().numpy(), first.float().numpy()]
            key = (height, width, *(each.tobytes() for each in arrays_of_row))
            if key in known:
                known[key]["paths"] += [path for path in row["paths"] if path not in known[key]["paths"]]
                continue
            norm = float(first.norm())
            known[key] = {
                "paths": list(row["paths"]), "operation": row["operation"], "height": height, "width": width,
                "channels": value.shape[0], "squares": float((value * value).sum()),
                "moves": max(apart) / norm if norm > 0 else 0.0,
            }
            found.append(known[key])
            arrays += arrays_of_row
    return {"logits": logits.tolist(), "target": target, "tensors": found}, arrays


def export(model: torch.nn.Module, image: torch.Tensor, path: pathlib.Path, exporter: str, opset: int = 17) -> None:
    if exporter == "dynamo":
        torch.onnx.export(model, (image,), str(path), dynamo=True, external_data=False, verbose=False, input_names=["image"], output_names=["logits"])
    else:
        torch.onnx.export(model, image, str(path), dynamo=False, opset_version=opset, input_names=["image"], output_names=["logits"])


def exported(model, image, folder: pathlib.Path, name: str) -> dict:
    outcomes = {}
    for exporter in EXPORTERS:
        path = folder / f"{file_name(name)}.{exporter}.onnx"
        try:
            with torch.no_grad():
                export(model, image, path, exporter, OPSETS.get(name, 17))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            # It gives a MaxPool the zeros of a Pad as its own padding, which is minus infinity: BiT's stem.
            wrong = ["Pad_Fusion"]
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=wrong)
            (logits,) = session.run(None, {session.get_inputs()[0].name: image.numpy()})[:1]
            opset = next(o.version for o in onnx.load(path, load_external_data=False).opset_import if o.domain == "")
            outcomes[exporter] = {"file": path.name, "opset": opset, "logits": logits[0].tolist()}
        except Exception as failure:  # noqa: BLE001  an exporter's own failure is an outcome
            path.unlink(missing_ok=True)
            outcomes[exporter] = {"failure": f"{type(failure).__name__}: {str(failure).strip().splitlines()[0][:200]}"}
    return outcomes


def make(name: str, folder: pathlib.Path) -> None:
    side, made = ARCHITECTURES[name]
    model, image, chosen = settled(lambda: without_in_place(made()).eval(), side)
    row, arrays = reference(model, image)
    row = {"name": name, "versions": {**VERSIONS, "onnxruntime": onnxruntime.__version__}, "shape": list(image.shape), "chosen": chosen, "whole": name in WHOLE, **row}
    row["exports"] = exported(model, image, folder, name)
    path = folder / f"{file_name(name)}.bin"
    path.write_bytes(b"".join(np.ascontiguousarray(a, np.float32).tobytes() for a in [image.numpy(), *arrays]))
    path.with_suffix(".json").write_text(json.dumps(row) + "\n")
    failures = [f"{k}: {v['failure']}" for k, v in row["exports"].items() if "failure" in v]
    spread = max(row["logits"]) - min(row["logits"])
    print(name, f"{len(row['tensors'])} tensors, logits spread {spread:.3g}", chosen, *failures, flush=True)


def quiet() -> None:
    """Silences the exporters."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--whole", action="store_true", help="only the networks that are as torchvision has them (3, some minutes)")
    options = parser.parse_args()
    quiet()
    torch.set_num_threads(1)
    # Without gradients PyTorch replaces attention by an operator that the TorchScript exporter does not know.
    torch.backends.mha.set_fastpath_enabled(False)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.names or (WHOLE if options.whole else ARCHITECTURES):
        if (options.folder / f"{file_name(name)}.json").exists():
            continue
        try:
            make(name, options.folder)
        except Exception as failure:  # noqa: BLE001  the others are still made
            print(name, "cannot be made:", type(failure).__name__, str(failure)[:300], flush=True)


if __name__ == "__main__":
    assert CLASSES > 1
    main()
