"""Writes the checkpoint fixtures with PyTorch itself, and what PyTorch reads back from each.

    python test/reference/checkpoints/fixtures.py

Files go to test/fixtures/checkpoints/, what torch.load makes of them to golden.json beside them. Files that would run
code are only written, never loaded. Versions: test/reference/requirements.txt.
"""

import argparse
import collections
import datetime
import hashlib
import io
import json
import os
import pathlib
import pickle
import struct
import zipfile
from importlib.metadata import version

import numpy as np
import safetensors.torch
import torch

OUT = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "checkpoints"


def tensors() -> dict:
    """Every dtype with its extreme values, and every layout a state dict may have."""
    torch.manual_seed(3)
    floats = [0.0, -0.0, 1.0, -2.5, 0.1, 6.0e-8, 65504.0, float("inf"), float("-inf"), float("nan")]
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    shared = torch.arange(10, dtype=torch.float32)
    tagged = torch.tensor([1.5, 2.5])
    tagged.note = "a tensor with an attribute"
    return {
        "float64": torch.tensor(floats + [1e300, 5e-324, 16777217.0, 0.1 + 2**-40], dtype=torch.float64),
        "float32": torch.tensor(floats + [3.4e38, 1e-45], dtype=torch.float32),
        "float16": torch.tensor(floats + [2.0**-14, 2.0**-15], dtype=torch.float16),
        "bfloat16": torch.tensor(floats + [3.0e38, 1e-40], dtype=torch.bfloat16),
        "int8": torch.tensor([-128, -1, 0, 127], dtype=torch.int8),
        "uint8": torch.tensor([0, 1, 128, 255], dtype=torch.uint8),
        "int16": torch.tensor([-32768, -1, 0, 32767], dtype=torch.int16),
        "int32": torch.tensor([-(2**31), -1, 0, 2**31 - 1, 16777217], dtype=torch.int32),
        "int64": torch.tensor(
            [-(2**63), -1, 0, 2**63 - 1, 2**53 + 1, 2**54 + 2**30 + 1, -(2**60 + 2**36 + 1)], dtype=torch.int64
        ),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(190840),
        "empty": torch.zeros(0, 3),
        "transposed": torch.arange(6, dtype=torch.float32).reshape(2, 3).t(),
        "sliced": base[1:3, 1:5:2],
        "column": base[:, 5],
        "expanded": torch.tensor([[1.0, 2.0, 3.0]]).expand(4, 3),
        "shared_a": shared[:6],
        "shared_b": shared[4:].reshape(2, 3),
        "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "parameter": torch.nn.Parameter(torch.randn(3, 2)),
        "tagged": tagged,
        "naïve – 名前": torch.tensor([1.0]),
        "__proto__": torch.tensor([2.0]),
    }


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3)
        self.bn = torch.nn.BatchNorm2d(4)
        self.fc = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(self.bn(self.conv(x)).mean((2, 3)))


def trained() -> tuple:
    """A network, and an optimizer with state, as a training script has them."""
    torch.manual_seed(5)
    network = Network()
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.randn(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    return network, optimizer


def legacy(value, path: pathlib.Path, **options):
    torch.save(value, path, _use_new_zipfile_serialization=False, **options)


def rezip(source: pathlib.Path, target: pathlib.Path, change=None, **options):
    """The same members written by Python's zipfile."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", **options) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(zipfile.ZipInfo(name), change(name, data) if change else data, options.get("compression"))


def big_endian(path: pathlib.Path):
    """What a big-endian machine would have written: the elements swapped, and a note that says so."""
    values = {
        "float64": torch.tensor([1.0, -2.5], dtype=torch.float64),
        "float32": torch.tensor([[1.0, 2.0], [0.5, -3.0]]).t(),
        "bfloat16": torch.tensor([1.0, -2.0], dtype=torch.bfloat16),
        "int64": torch.tensor([1, -(2**40)]),
        "int8": torch.tensor([1, -2], dtype=torch.int8),
    }
    plain = io.BytesIO()
    torch.save(values, plain)
    widths = [8, 4, 2, 8, 1]

    def swap(name, data):
        if name.endswith("/byteorder"):
            return b"big"
        stem, _, key = name.rpartition("/data/")
        if stem:
            return np.frombuffer(data, f"V{widths[int(key)]}").view(f"<u{widths[int(key)]}").byteswap().tobytes()
        return data

    rezip(plain, path, swap)


def legacy_views(path: pathlib.Path):
    """Two views of one storage, as PyTorch 0.3 wrote them: torch.save no longer does, torch.load still reads it."""

    class View:
        def __init__(self, key, offset, size):
            self.key, self.offset, self.size = key, offset, size

        def __reduce__(self):
            return torch._utils._rebuild_tensor, (Storage(self), 0, (self.size,), (1,))

    class Storage:
        def __init__(self, view):
            self.view = view

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if isinstance(value, Storage):
                view = value.view
                return ("storage", torch.FloatStorage, "7", "cuda:0", 10, (view.key, view.offset, view.size))
            return None

    with open(path, "wb") as file:
        for value in (torch.serialization.MAGIC_NUMBER, torch.serialization.PROTOCOL_VERSION, {"little_endian": True}):
            pickle.dump(value, file, protocol=2)
        Pickler(file, protocol=2).dump({"first": View("8", 0, 4), "second": View("9", 6, 3)})
        pickle.dump(["7"], file, protocol=2)
        file.write(struct.pack("<q10f", 10, *range(10)))


def write_good():
    values = tensors()
    for protocol in (2, 3, 4, 5):
        torch.save(values, OUT / f"zip-protocol{protocol}.pth", pickle_protocol=protocol)
        legacy(values, OUT / f"legacy-protocol{protocol}.pth", pickle_protocol=protocol)
    untagged = {name: t.detach().clone().contiguous() for name, t in values.items()}
    safetensors.torch.save_file(untagged, OUT / "all.safetensors", metadata={"made by": "fixtures.py"})

    network, optimizer = trained()
    state = network.state_dict()
    torch.save({"model": state, "optimizer": optimizer.state_dict(), "epoch": 7}, OUT / "sbi.tar")
    legacy({"net": state, "optimizer": optimizer.state_dict(), "acc": 91.5}, OUT / "legacy-nested.tar")
    torch.save({f"module.{key}": value for key, value in state.items()}, OUT / "data-parallel.pth")
    torch.save({"epoch": 3, "model": {"state_dict": state, "arch": "tiny"}}, OUT / "nested-twice.pth")
    torch.save({"ema": state, "decay": 0.999}, OUT / "ema.pth")
    np.random.seed(1)
    torch.save(
        {
            "state_dict": state,
            "args": argparse.Namespace(lr=1e-3, data=pathlib.PurePosixPath("/data/ffpp"), gpu=None),
            "best_acc1": np.float64(0.915),
            "random": {"numpy": np.random.get_state(), "torch": torch.get_rng_state()},
            "history": collections.defaultdict(list, {"loss": [0.7, 0.5]}),
            "counts": collections.Counter("aab"),
            "when": datetime.datetime(2024, 2, 29, 12, 0),
            "shape": torch.Size([1, 3, 380, 380]),
            "device": torch.device("cuda", 0),
            "dtype": torch.float32,
            "classes": {"real", "fake"},
            "frozen": frozenset([1]),
            "blob": b"\x00\xff",
            "array": bytearray(b"abc"),
            "complex": 1 + 2j,
            "big": 2**80,
            "range": range(3),
            "version": torch.__version__,
            3: "a number as a key",
        },
        OUT / "training.pth",
    )

    torch.serialization.set_crc32_options(False)
    torch.save(state, OUT / "without-crc.pth")
    torch.serialization.set_crc32_options(True)
    big_endian(OUT / "big-endian.pth")
    legacy_views(OUT / "legacy-views.pth")
    rezip(OUT / "sbi.tar", OUT / "deflated.tar", compression=zipfile.ZIP_DEFLATED)
    for name, method in (("release-stored.zip", zipfile.ZIP_STORED), ("release-deflated.zip", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(OUT / name, "w", method) as archive:
            archive.write(OUT / "legacy-nested.tar", "weights/retinaface.pth")
            archive.writestr("__MACOSX/weights/._retinaface.pth", b"\x00\x05\x16\x07")
    with zipfile.ZipFile(OUT / "release-of-zip.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(OUT / "sbi.tar", "best_model.tar")


class Runs:
    """Has Python call `function(*args)` when it is unpickled."""

    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


def write_refused():
    """What must not be read, or cannot be."""
    network, _ = trained()
    state = network.state_dict()
    torch.save(network, OUT / "whole-model.pth")
    torch.jit.script(network).save(OUT / "torchscript.pt")
    torch.save({"w": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)}, OUT / "quantized.pth")
    torch.save({"w": torch.eye(3).to_sparse()}, OUT / "sparse.pth")
    torch.save({"w": torch.ones(2, dtype=torch.complex64)}, OUT / "complex.pth")
    torch.save({"w": torch.ones(2).to(torch.float8_e4m3fn)}, OUT / "float8.pth")
    torch.save({"w": torch.empty(3, device="meta")}, OUT / "meta.pth")
    torch.save({"epoch": 1, "loss": [0.5]}, OUT / "no-tensors.pth")
    torch.save(torch.ones(3), OUT / "one-tensor.pth")
    torch.save({"generator": state, "discriminator": Network().state_dict()}, OUT / "two-models.pth")
    torch.save({"model": state, "hook": Runs(os.system, "echo never")}, OUT / "runs-os-system.pth")
    legacy({"model": state, "hook": Runs(eval, "1+1")}, OUT / "runs-eval.pth")
    torch.save({"model": state, "hook": Runs(__import__, "os")}, OUT / "runs-import.pth", pickle_protocol=4)
    torch.save({"model": state, "hook": Runs(torch.load, "other.pth")}, OUT / "runs-torch-load.pth")
    (OUT / "plain-pickle.pth").write_bytes(pickle.dumps({"w": 1}, protocol=2))


REFUSED = {
    "whole-model.pth", "torchscript.pt", "quantized.pth", "sparse.pth", "complex.pth", "float8.pth", "meta.pth",
    "no-tensors.pth", "one-tensor.pth", "two-models.pth", "runs-os-system.pth", "runs-eval.pth", "runs-import.pth",
    "runs-torch-load.pth", "plain-pickle.pth",
}  # fmt: skip


def describe(tensor: torch.Tensor) -> dict:
    values = tensor.detach().contiguous()
    floats = values.to(torch.float32)
    floats = torch.where(floats.isnan(), torch.nan, floats)  # which NaN it is depends on the CPU

    def digest(t):
        return hashlib.sha256(t.reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest()

    return {
        "dtype": str(values.dtype).removeprefix("torch."),
        "shape": list(values.shape),
        "sha256": digest(values),
        "float32": digest(floats),
        "first": [repr(v) for v in floats.reshape(-1)[:3].tolist()],
    }


def load(path: pathlib.Path):
    if path.suffix == ".safetensors":
        return safetensors.torch.load_file(path)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if not name.startswith("__MACOSX"))
            return torch.load(io.BytesIO(archive.read(name)), map_location="cpu", weights_only=False)
    return torch.load(path, map_location="cpu", weights_only=False)


def state_dict_of(value) -> dict:
    for key in ("model", "state_dict", "net", "ema"):
        if key in value and isinstance(value[key], dict):
            return state_dict_of(value[key])
    return value


def write_golden():
    golden = {}
    for path in sorted(OUT.iterdir()):
        if path.name in REFUSED or path.name == "golden.json":
            continue
        state = state_dict_of(load(path))
        golden[path.name] = {name: describe(t) for name, t in state.items() if isinstance(t, torch.Tensor)}
    lines = ["{", f' "made with": "torch {torch.__version__}, safetensors {version("safetensors")}",', ' "files": {']
    for file, described in golden.items():
        lines.append(f"  {json.dumps(file)}: {{")
        entries = (f"   {json.dumps(n, ensure_ascii=False)}: {json.dumps(d)}" for n, d in described.items())
        lines += [",\n".join(entries), "  }" + ("," if file != list(golden)[-1] else "")]
    (OUT / "golden.json").write_text("\n".join([*lines, " }", "}", ""]), encoding="utf-8")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    write_good()
    write_refused()
    write_golden()
    print(f"torch {torch.__version__}: {sum(p.stat().st_size for p in OUT.iterdir())} bytes in {OUT}")
