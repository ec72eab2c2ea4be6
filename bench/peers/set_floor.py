"""The floor by other libraries: CPU time of decoding, of preprocessing and of one forward pass, picture by picture on one thread, as JSON.

    python bench/peers/set_floor.py --folder pictures --network resnet50

Pictures are decoded and prepared as set_peer.py's loader does it (Pillow and torchvision, or OpenCV and PyWavelets); the forward pass is that of
onnxruntime for Python, of the network as torch exports it.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import onnxruntime
import torch

import harness
from classifiers import export
from floor import exported
from set_peer import fsbi_prepared, imagenet_prepared, read_pillow

WARM_UP = 3


def model_of(network: str, options: argparse.Namespace) -> Path:
    if network == "b5":
        return exported(options.model)
    folder = harness.CACHE / "models"
    export(folder, (network,))
    return folder / f"{network}.onnx"


def measure(options: argparse.Namespace) -> dict[str, float]:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model_of(options.network, options)), settings, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    if options.network == "b5":
        from preprocess import read_rgb

        decode, prepare = read_rgb, fsbi_prepared
    else:
        decode, prepare = read_pillow, imagenet_prepared
    paths = sorted(options.folder.iterdir())
    spent = {"decode": 0.0, "prepare": 0.0, "forward": 0.0}
    for at, path in enumerate(paths[:WARM_UP] + paths):
        marks = [time.process_time()]
        picture = decode(path)
        marks.append(time.process_time())
        tensor = np.ascontiguousarray(prepare(picture).numpy()[None])
        marks.append(time.process_time())
        session.run(None, {entry.name: tensor})
        marks.append(time.process_time())
        if at >= WARM_UP:
            for step, (start, end) in zip(spent, zip(marks, marks[1:])):
                spent[step] += 1000 * (end - start)
    return {step: total / len(paths) for step, total in spent.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--network", choices=("b5", "resnet50"), default="resnet50")
    parser.add_argument("--model", type=Path)
    torch.set_num_threads(1)
    print(json.dumps(measure(parser.parse_args())))
