"""Packs the networks of the conformance page that `npm test` runs: graphs without weights, the rule that makes their initializers, and references.

    python test/reference/conformance/pack_sample.py [name...]

Writes test/golden/onnx/conformance/NAME.json.gz, NAME.bin.gz and NAME.EXPORTER.onnx.gz.
"""

import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import architectures
import make_models
from architectures import ARCHITECTURES, VERSIONS
from make_models import build, exported, file_name, reference
from weights import GAIN, TABLES, VECTORS, of_name

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden" / "onnx" / "conformance"
SIDE = 32
SAMPLE = [
    "torchvision/mobilenet_v2", "torchvision/mobilenet_v3_small", "torchvision/squeezenet1_1", "torchvision/shufflenet_v2_x0_5",
    "torchvision/convnext (reduced)", "torchvision/vit (reduced)", "torchvision/swin (reduced)", "timm/vit with registers (reduced)",
    "timm/test_byobnet", "timm/test_resnet", "timm/test_efficientnet", "timm/lcnet_050",
]
KEPT = ("pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy")
# Smaller ones stay in the file.
FEWEST = 64


def folded(model: torch.nn.Module) -> list[tuple]:
    """(weight, bias, rule) of every convolution with the normalization that stands behind it in the module tree."""
    found = []
    modules = [(n, m) for n, m in model.named_modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.BatchNorm2d))]
    for name, conv in modules:
        for other, norm in modules:
            if not isinstance(conv, torch.nn.Conv2d) or not isinstance(norm, torch.nn.BatchNorm2d) or norm.num_features != conv.out_channels:
                continue
            if name.rsplit(".", 2)[0] != other.rsplit(".", 2)[0] and name.rsplit(".", 1)[0] != other.rsplit(".", 1)[0]:
                continue
            scale = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()
            bias = torch.zeros_like(scale) if conv.bias is None else conv.bias.detach()
            rule = {"conv": name, "norm": other, "epsilon": norm.eps, "bias": conv.bias is not None}
            found.append(((conv.weight.detach() * scale[:, None, None, None]).numpy(), ((bias - norm.running_mean) * scale + norm.bias).detach().numpy(), rule))
    return found


def rule_of(value: np.ndarray, state: dict, fused: list[tuple]) -> dict | None:
    for name, tensor in state.items():
        if tensor.size != value.size:
            continue
        if tensor.shape == value.shape and np.array_equal(tensor, value):
            return {"name": name, "shape": tensor.shape}
        if tensor.ndim == 2 and np.array_equal(tensor.T, value):
            return {"name": name, "shape": tensor.shape, "transposed": True}
        if np.array_equal(tensor.ravel(), value.ravel()):
            return {"name": name, "shape": tensor.shape}
    for weight, bias, rule in fused:
        for part, folded_value in (("weight", weight), ("bias", bias)):
            if folded_value.shape == value.shape and np.allclose(folded_value, value, rtol=1e-5, atol=1e-6):
                return {**rule, "part": part, "shape": weight.shape}
    return None


def stripped(path: pathlib.Path, model: torch.nn.Module, own: dict) -> tuple[bytes, list[dict]]:
    """The file with its weights in another that the test makes, and how that is made, in order."""
    proto = onnx.load(path)
    own_names = set(own)
    state = {n: t.numpy() for n, t in model.state_dict().items() if t.is_floating_point() and (n in own_names or same(n, t))}
    fused, rules, offset = folded(model), [], 0
    for tensor in proto.graph.initializer:
        value = numpy_helper.to_array(tensor)
        rule = rule_of(value, state, fused) if value.dtype == np.float32 and value.size >= FEWEST else None
        if rule is None:
            continue
        rules.append(rule)
        tensor.ClearField("raw_data")
        tensor.ClearField("float_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, text in (("location", "weights.bin"), ("offset", str(offset)), ("length", str(4 * value.size))):
            tensor.external_data.add(key=key, value=text)
        offset += 4 * value.size
    for node in proto.graph.node:
        entries = [(p.key, p.value) for p in node.metadata_props if p.key in KEPT]
        del node.metadata_props[:]
        node.ClearField("doc_string")
        for key, text in entries:
            node.metadata_props.add(key=key, value=text)
    for info in (*proto.graph.input, *proto.graph.output, *proto.graph.value_info, *proto.graph.initializer):
        if hasattr(info, "metadata_props"):
            del info.metadata_props[:]
    del proto.graph.value_info[:]
    return proto.SerializeToString(), rules


def shown_layers(path: pathlib.Path) -> set[str]:
    """Names of the layers that a report shows, so that the references of others need not be committed."""
    command = ["node", "--import", "tsx", "server/src/cli/main.ts", "layers", str(path), "--json"]
    lines = subprocess.run(command, cwd=GOLDEN.parents[3], check=True, capture_output=True, text=True).stdout.splitlines()
    return {layer["name"] for layer in map(json.loads, lines) if layer["shown"]}


def same(name: str, tensor: torch.Tensor) -> bool:
    expected = of_name(name, tuple(tensor.shape))
    return expected is not None and np.array_equal(expected, tensor.numpy())


def short(values: np.ndarray) -> np.ndarray:
    """13 bits of mantissa, which gzip packs."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + 0x200) & np.uint32(0xFFFFFC00)).view(np.float32)


def packed(name: str, data: bytes) -> int:
    content = gzip.compress(data, 9, mtime=0)
    (GOLDEN / f"{name}.gz").write_bytes(content)
    return len(content)


def make(name: str) -> None:
    architectures.ARCHITECTURES[name] = (SIDE, resized(name))
    model, image, own = build(name)
    row, arrays = reference(model, image)
    versions = {**VERSIONS, "onnxruntime": onnxruntime.__version__}
    row = {"name": name, "versions": versions, "shape": list(image.shape), **row}
    row["rules"] = {"gain": GAIN, "tables": TABLES, "vectors": [[p, *r] for p, r in VECTORS if r is not None]}
    row["own"] = {key: tensor.tolist() for key, tensor in own.items()}
    sizes, shown = [], set()
    with tempfile.TemporaryDirectory() as folder:
        row["exports"] = exported(model, image, pathlib.Path(folder), name)
        row["weights"] = {}
        for exporter, outcome in row["exports"].items():
            path = pathlib.Path(folder) / outcome["file"]
            shown |= shown_layers(path)
            graph, row["weights"][exporter] = stripped(path, model, own)
            sizes.append(packed(path.name, graph))
    # A convolution may have its normalization folded into it: what that gives is compared.
    kept = [i for i, t in enumerate(row["tensors"]) if shown.intersection(t["paths"]) or t["operation"] == "batch_norm"]
    row["tensors"] = [row["tensors"][i] for i in kept]
    values = [image.numpy(), *(short(arrays[2 * i + part]) for i in kept for part in (0, 1))]
    stem = file_name(name)
    sizes.append(packed(f"{stem}.json", json.dumps(row).encode()))
    sizes.append(packed(f"{stem}.bin", b"".join(np.ascontiguousarray(v, np.float32).tobytes() for v in values)))
    print(name, sizes, sum(sizes), flush=True)


def resized(name: str):
    """The network for SIDE pixels, where it is made for one size."""
    before, make_network = ARCHITECTURES[name]
    if before == SIDE or name not in architectures.SIZED:
        return make_network
    return architectures.SIZED[name](SIDE)


if __name__ == "__main__":
    make_models.quiet()
    torch.set_num_threads(1)
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for each in sys.argv[1:] or SAMPLE:
        make(each)
