"""Writes test/fixtures/onnx/: small models made by onnx and torch.onnx, and what they hold.

Run from the repository root: python test/reference/onnx/make_fixtures.py
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper

OUT = pathlib.Path("test/fixtures/onnx")
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def save(name, model):
    onnx.checker.check_model(model)
    onnx.save(model, OUT / f"{name}.onnx")


def model_of(nodes, inputs, outputs, initializers=(), opset=17, ir=8, **more):
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(initializers))
    opsets = [helper.make_opsetid("", opset), *more.pop("opsets", [])]
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir, producer_name="fixtures", **more)


def info(name, type_=FLOAT, dims=("n",)):
    return helper.make_tensor_value_info(name, type_, dims)


def reference(name, to):
    """A float attribute that takes its value from the function's attribute `to`."""
    return onnx.AttributeProto(name=name, ref_attr_name=to, type=onnx.AttributeProto.FLOAT)


def encodings():
    """One tensor per element type and encoding; the values go to encodings.json."""
    samples = {
        "FLOAT": [0.1, -2.5, 3e38],
        "DOUBLE": [0.1, -2.5, 1e300],
        "FLOAT16": [0.1, -2.5, 65504.0, 6e-8],
        "BFLOAT16": [0.1, -2.5, 1e38],
        "INT8": [-128, 0, 127],
        "UINT8": [0, 1, 255],
        "INT16": [-32768, 0, 32767],
        "UINT16": [0, 1, 65535],
        "INT32": [-(2**31), 0, 2**31 - 1],
        "UINT32": [0, 1, 2**32 - 1],
        "INT64": [-(2**63), -1, 2**53 + 1, 2**63 - 1],
        "UINT64": [0, 2**53 + 1, 2**64 - 1],
        "BOOL": [0, 1, 1],
    }
    tensors, expected = [], {}
    for name, values in samples.items():
        type_ = getattr(TensorProto, name)
        dtype = helper.tensor_dtype_to_np_dtype(type_)
        array = np.array(values).astype(dtype) if name not in ("INT64", "UINT64") else np.array(values, dtype)
        typed = helper.make_tensor(f"{name}_typed", type_, array.shape, array)
        raw = numpy_helper.from_array(array, f"{name}_raw")
        assert raw.raw_data and not typed.raw_data
        tensors += [typed, raw]
        bits = array.tobytes().hex()
        for tensor in (typed, raw):
            expected[tensor.name] = {
                "dims": list(array.shape),
                "bytes": bits,
                "values": [str(int(v)) if array.dtype.kind in "iub" else repr(float(v)) for v in array],
            }
    tensors.append(helper.make_tensor("scalar", FLOAT, [], [7.0]))
    expected["scalar"] = {"dims": [], "bytes": np.float32(7).tobytes().hex(), "values": ["7.0"]}
    tensors.append(helper.make_tensor("empty", FLOAT, [0, 3], []))
    expected["empty"] = {"dims": [0, 3], "bytes": "", "values": []}
    tensors.append(helper.make_tensor("STRING_typed", TensorProto.STRING, [2], [b"caf\xc3\xa9", b""]))
    model = model_of(
        [helper.make_node("Identity", ["x"], ["y"])], [info("x")], [info("y")], tensors
    )
    save("encodings", model)
    (OUT / "encodings.json").write_text(json.dumps(expected, indent=1) + "\n")


def attributes():
    """Every kind of attribute, on operators that the runtime checks."""
    then = helper.make_graph([helper.make_node("Add", ["x", "one"], ["t"])], "then", [], [info("t")])
    other = helper.make_graph([helper.make_node("Sub", ["x", "one"], ["e"])], "else", [], [info("e")])
    nodes = [
        helper.make_node("Constant", [], ["one"], value=helper.make_tensor("", FLOAT, [1], [1.0])),
        helper.make_node("Constant", [], ["cond"], value=helper.make_tensor("", TensorProto.BOOL, [], [1])),
        helper.make_node("If", ["cond"], ["i"], then_branch=then, else_branch=other),
        helper.make_node("LeakyRelu", ["i"], ["l"], alpha=0.25),
        helper.make_node("Unsqueeze", ["l", "axes"], ["u"]),
        helper.make_node("Transpose", ["u"], ["p"], perm=[1, 0]),
        helper.make_node("Flatten", ["p"], ["f"], axis=-1),
        helper.make_node("Pad", ["f", "pads"], ["y"], mode="edge"),
        helper.make_node("Constant", [], ["floats"], value_floats=[0.5, 1.5]),
        helper.make_node("Constant", [], ["strings"], value_strings=["a", "bé"]),
    ]
    constants = [
        helper.make_tensor("axes", INT64, [1], [0]),
        helper.make_tensor("pads", INT64, [4], [0, 0, 0, 1]),
    ]
    outputs = [info("y", dims=(None, None)), info("floats", dims=(2,))]
    save("attributes", model_of(nodes, [info("x")], outputs, constants))


def functions():
    """Local functions: nested, with attribute references and defaults, and an output that is left out."""
    domain = "local"
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(domain, 1)]
    leaky = helper.make_node("LeakyRelu", ["a"], ["t"])
    leaky.attribute.append(reference("alpha", "slope"))
    # The runtime wants every output named in a call, and a node behind it; the format does not.
    for name, passed in (("functions", "p"), ("functions-pass-through", "a")):
        body = [leaky] if passed == "a" else [leaky, helper.make_node("Identity", ["a"], ["p"])]
        inner = helper.make_function(domain, "Inner", ["a"], ["t", passed], body, opsets, attributes=["slope"])
        call = helper.make_node("Inner", ["a"], ["t"] if passed == "a" else ["t", "unused"], domain=domain)
        call.attribute.append(reference("slope", "slope"))
        outer = helper.make_function(
            domain,
            "Outer",
            ["a", "b"],
            ["r"],
            [call, helper.make_node("Add", ["t", "b"], ["s"]), helper.make_node("Mul", ["s", "a"], ["r"])],
            opsets,
            attribute_protos=[helper.make_attribute("slope", 0.5)],
        )
        nodes = [
            helper.make_node("Outer", ["x", "w"], ["first"], domain=domain, name="one"),
            helper.make_node("Outer", ["first", "w"], ["second"], domain=domain, name="two", slope=0.125),
            helper.make_node("Inner", ["second"], ["y", "passed"], domain=domain, slope=2.0),
        ]
        model = model_of(
            nodes,
            [info("x", dims=(3,))],
            [info("y", dims=(3,)), info("passed", dims=(3,))],
            [helper.make_tensor("w", FLOAT, [3], [1.0, -2.0, 0.5])],
            opsets=[helper.make_opsetid(domain, 1)],
            functions=[inner, outer],
        )
        save(name, model)


def external():
    weights = np.arange(600, dtype=np.float32).reshape(2, 300)
    model = model_of(
        [helper.make_node("MatMul", ["w", "x"], ["y"])],
        [info("x", dims=(300,))],
        [info("y", dims=(2,))],
        [numpy_helper.from_array(weights, "w")],
    )
    (OUT / "external.bin").unlink(missing_ok=True)  # onnx appends to an existing file
    onnx.save(model, OUT / "external.onnx", save_as_external_data=True, location="external.bin", size_threshold=100)


def oldest():
    """IR 3: initializers are inputs too. Nodes are out of order, which the format forbids and some writers do."""
    nodes = [helper.make_node("Relu", ["s"], ["y"]), helper.make_node("Add", ["x", "w"], ["s"])]
    model = model_of(
        nodes,
        [info("x", dims=(2,)), info("w", dims=(2,))],
        [info("y", dims=(2,))],
        [helper.make_tensor("w", FLOAT, [2], [1.0, -1.0])],
        opset=7,
        ir=3,
    )
    onnx.save(model, OUT / "oldest.onnx")


def refused():
    """Valid models that hold what cannot be represented."""
    x, y = info("x"), info("y")
    identity = [helper.make_node("Identity", ["x"], ["y"])]
    sparse = helper.make_sparse_tensor(
        helper.make_tensor("s", FLOAT, [1], [5.0]), helper.make_tensor("i", INT64, [1], [2]), [4]
    )
    model = model_of(identity, [x], [y])
    model.graph.sparse_initializer.append(sparse)
    onnx.save(model, OUT / "refused-sparse.onnx")
    sequence = helper.make_tensor_sequence_value_info("x", FLOAT, None)
    onnx.save(
        model_of([helper.make_node("SequenceLength", ["x"], ["y"])], [sequence], [info("y", INT64, ())]),
        OUT / "refused-sequence.onnx",
    )
    onnx.save(
        model_of(identity, [x], [y], [helper.make_tensor("q", TensorProto.INT4, [2], [1, -2])], opset=21, ir=10),
        OUT / "int4.onnx",
    )
    onnx.save(
        model_of(identity, [x], [y], [helper.make_tensor("c", TensorProto.COMPLEX64, [1], [1 + 2j])]),
        OUT / "refused-complex.onnx",
    )
    recursive = helper.make_function(
        "local", "F", ["a"], ["b"], [helper.make_node("F", ["a"], ["b"], domain="local")],
        [helper.make_opsetid("local", 1)],
    )
    model = model_of(
        [helper.make_node("F", ["x"], ["y"], domain="local")], [x], [y],
        opsets=[helper.make_opsetid("local", 1)], functions=[recursive],
    )
    onnx.save(model, OUT / "refused-recursion.onnx")
    older = helper.make_function(
        "local", "F", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], [helper.make_opsetid("", 11)]
    )
    model = model_of(
        [helper.make_node("F", ["x"], ["y"], domain="local")], [x], [y],
        opsets=[helper.make_opsetid("local", 1)], functions=[older],
    )
    onnx.save(model, OUT / "refused-opset.onnx")


class Shapes(nn.Module):
    """Common in real exports: sizes taken from tensors and used as targets."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.SiLU())
        self.deep = nn.Sequential(nn.Conv2d(8, 8, 3, 2, 1, groups=8), nn.Hardswish(), nn.MaxPool2d(3, 2, 1, ceil_mode=True))
        self.up = nn.ConvTranspose2d(8, 4, 2, 2)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        a = self.stem(x)
        b = self.up(self.deep(a))
        b = F.interpolate(b, size=a.shape[-2:], mode="bilinear", align_corners=False)
        half = F.interpolate(a[:, ::2], scale_factor=0.5)
        c = torch.cat([a, b, F.interpolate(half, size=a.shape[-2:])], 1)
        n, channels, h, w = c.shape
        tokens = c.view(n, channels, h * w).permute(0, 2, 1)
        q, k = tokens.chunk(2, dim=-1)
        attention = torch.softmax(q @ k.transpose(1, 2) / (q.size(-1) ** 0.5), dim=-1)
        pooled = F.adaptive_avg_pool2d((attention @ tokens).permute(0, 2, 1).reshape(n, channels, h, w), 1).flatten(1)
        padded = F.pad(pooled, (0, 0)).unsqueeze(1).squeeze(1)
        return self.head(F.dropout(padded, 0.3, self.training))


def exported():
    torch.manual_seed(0)
    net = Shapes().eval()
    x = torch.randn(2, 3, 24, 20)
    axes = {"x": {0: "batch", 2: "height", 3: "width"}}
    for opset in (11, 13, 17):
        torch.onnx.export(
            net, (x,), str(OUT / f"torchscript-{opset}.onnx"), dynamo=False, opset_version=opset,
            input_names=["x"], output_names=["y"], dynamic_axes=axes, do_constant_folding=opset != 13,
        )
    dynamic = {"x": {0: torch.export.Dim("batch")}}
    program = torch.onnx.export(
        net, (x,), dynamo=True, input_names=["x"], output_names=["y"], dynamic_shapes=dynamic, opset_version=18
    )
    program.save(str(OUT / "dynamo-18.onnx"), external_data=False)
    model = onnx.load(OUT / "dynamo-18.onnx")
    for item in [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        item.ClearField("metadata_props")  # source positions on the exporting machine
    save("dynamo-18", model)
    x = torch.round(x, decimals=6)
    with torch.no_grad():
        y = net(x)
    golden = {
        "input": {"dims": list(x.shape), "values": [round(float(v), 6) for v in x.flatten()]},
        "output": {"dims": list(y.shape), "values": [float(v) for v in y.flatten()]},
    }
    (OUT / "exported.json").write_text(json.dumps(golden) + "\n")
    for file in OUT.glob("*.onnx"):
        if file.name.startswith(("torchscript", "dynamo")):
            got = onnxruntime.InferenceSession(str(file)).run(None, {"x": x.numpy()})[0]
            print(file.name, file.stat().st_size, np.abs(got - y.numpy()).max())


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for make in (encodings, attributes, functions, external, oldest, refused, exported):
        make()
    print(sum(f.stat().st_size for f in OUT.iterdir()), "bytes")
