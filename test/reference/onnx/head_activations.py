"""Writes test/fixtures/onnx/heads/ and test/golden/onnx/head-activations.json: small classifiers that end in many ways.

Each has the same trunk, conv -> tanh -> global average -> Gemm ("z"), and another end. onnxruntime runs the file and gives the outputs and
the probabilities; the logits, and their derivatives to the bias of the convolution's channels, are computed in float64 by numpy, the
derivatives by central differences. A mean gradient of channel c over the H*W positions is that derivative over H*W.

Run from the repository root: python test/reference/onnx/head_activations.py
"""

import json
import pathlib
import shutil

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OUT = pathlib.Path("test/fixtures/onnx/heads")
GOLDEN = pathlib.Path("test/golden/onnx/head-activations.json")
SIDE, CHANNELS = 12, 5
FLOAT, HALF, DOUBLE = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE
x64 = np.random.default_rng(1).normal(size=(1, 3, SIDE, SIDE)).round(4)


class Net:
    """The trunk and, added one by one, the nodes of the end."""

    def __init__(self, name, classes, seed, spread=3.0, offset=0.0):
        r = np.random.default_rng(seed)
        self.name, self.nodes, self.tensors, self.count = name, [], [], 0
        self.w = (r.normal(size=(CHANNELS, 3, 3, 3)) * 0.4).astype(np.float32)
        self.b = (r.normal(size=CHANNELS) * 0.2).astype(np.float32)
        self.g = (r.normal(size=(CHANNELS, classes)) * spread).astype(np.float32)
        self.h = (r.normal(size=classes) * 0.3 * spread / 3 + offset).astype(np.float32)
        conv = dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        self.add("Conv", ["image", self.c(self.w, "conv.w"), self.c(self.b, "conv.b")], "conv", **conv)
        self.add("Tanh", ["conv"], "active")
        self.add("GlobalAveragePool", ["active"], "pool")
        self.add("Flatten", ["pool"], "flat")
        self.add("Gemm", ["flat", self.c(self.g, "fc.w"), self.c(self.h, "fc.b")], "z")

    def c(self, value, name=None, dtype=np.float32):
        """A constant."""
        name = name or f"k{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
        return name

    def i(self, *values):
        return self.c(values, dtype=np.int64)

    def add(self, op, inputs, out=None, **attributes):
        self.count += 1
        out = out or f"t{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [out], name=f"n{self.count}", **attributes))
        return out

    def z64(self, bias=None):
        """z in float64, for another bias of the convolution."""
        bias = self.b.astype(np.float64) if bias is None else bias
        padded = np.pad(x64, ((0, 0), (0, 0), (1, 1), (1, 1)))[0]
        side = SIDE // 2
        conv = np.empty((CHANNELS, side, side))
        for i in range(side):
            for j in range(side):
                patch = padded[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
                conv[:, i, j] = (self.w.astype(np.float64) * patch).sum((1, 2, 3)) + bias
        return np.tanh(conv).mean((1, 2)) @ self.g.astype(np.float64) + self.h.astype(np.float64)

    def save(self, out, dims, opset=17):
        graph = helper.make_graph(
            self.nodes, self.name,
            [helper.make_tensor_value_info("image", FLOAT, [1, 3, SIDE, SIDE])],
            [helper.make_tensor_value_info(out, FLOAT, dims)],
            self.tensors,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, producer_name="heads")
        onnx.checker.check_model(model)
        path = OUT / f"{self.name}.onnx"
        onnx.save(model, path)
        return path


def run(path, *tensors):
    """Tensors of the file for the picture: those that are not outputs are made outputs."""
    model = onnx.load(path)
    have = {o.name for o in model.graph.output}
    for name in tensors:
        if name not in have:
            model.graph.output.append(helper.make_empty_tensor_value_info(name))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(list(tensors), {"image": x64.astype(np.float32)})


cases = []


def case(name, build, kind, origin, *, classes=4, logits=lambda z: z, dims=None, opset=17, multi=False, shown=None, log=False,
         spread=3.0, offset=0.0, trap=False, weights=None):
    """
    build adds the end to a Net and returns its output. `shown` is the tensor whose values are the probabilities (default: the output);
    None where the reader has to compute them from the logits. `logits` maps z to what is explained; where it is no function of z the file's
    output is (`trap`), or the tensor that it names, and there are no derivatives. `weights` of the classes are divided by their sum.
    """
    net = Net(name, classes, 100 + len(cases), spread, offset)
    out = build(net)
    width = len(np.atleast_1d(logits(np.zeros(classes))))
    path = net.save(out, dims or [1, max(width, 1)], opset)
    shown = shown(net) if callable(shown) else (shown or out)
    given, probabilities, trapped = run(path, out, shown, trap if isinstance(trap, str) else out)
    p = probabilities.astype(np.float64).flatten()
    p = np.exp(p) if log else p
    p = p if weights is None else p / p.sum()
    explained = trapped.astype(np.float64).flatten() if trap else np.atleast_1d(logits(net.z64()))
    if origin == "assumed" or origin == "architecture":
        e = np.exp(explained - explained.max())
        p = 1 / (1 + np.exp(-explained)) if len(explained) == 1 else e / e.sum()
    if len(explained) == 1 and len(p) == 1:
        p = np.array([1 - p[0], p[0]])
    step, gradients = 1e-5, []
    for c in range(CHANNELS):
        up, down = (net.b.astype(np.float64) + s * step * np.eye(CHANNELS)[c] for s in (1, -1))
        difference = np.atleast_1d(logits(net.z64(up))) - np.atleast_1d(logits(net.z64(down)))
        gradients.append((difference / (2 * step) / (SIDE // 2) ** 2).tolist())
    cases.append({
        "name": name, "kind": kind, "origin": origin, "multiLabel": multi, "oneLogit": len(explained) == 1,
        "output": np.asarray(given, dtype=np.float64).flatten().tolist(), "logits": explained.tolist(),
        "probabilities": p.tolist(), "channelWeights": None if trap else np.transpose(gradients).tolist(),
    })


def chain(*steps):
    """Each step is (op, inputs after the running tensor, attributes)."""
    def build(n):
        t = "z"
        for op, more, attributes in steps:
            t = n.add(op, [t, *more(n)] if callable(more) else [t, *more], **attributes)
        return t
    return build


none = ()
S = ("Softmax", none, dict(axis=1))
G = ("Sigmoid", none, {})


def softmaxes():
    case("softmax", chain(S), "softmax", "graph")
    case("softmax_identity", chain(S, ("Identity", none, {}), ("Identity", none, {})), "softmax", "graph")
    case("softmax_clip_free", chain(S, ("Clip", lambda n: [n.c(0.0), n.c(1.0)], {})), "softmax", "graph")
    case("softmax_clip_epsilon", chain(S, ("Clip", lambda n: [n.c(1e-7), n.c(1 - 1e-7)], {})), "softmax", "graph")
    case("softmax_clip_binding", chain(S, ("Clip", lambda n: [n.c(0.02), n.c(0.98)], {})), "softmax", "graph", shown="t6")
    case("softmax_mul_add", chain(S, ("Mul", lambda n: [n.c(1.0)], {}), ("Add", lambda n: [n.c(0.0)], {})), "softmax", "graph")
    case("softmax_percent", chain(S, ("Mul", lambda n: [n.c(100.0)], {})), "softmax", "graph", shown="t6")
    case("softmax_smoothed", chain(S, ("Mul", lambda n: [n.c(0.9)], {}), ("Add", lambda n: [n.c(0.025)], {})), "softmax", "graph",
         shown="t6")
    rounded = [("Mul", lambda n: [n.c(1e4)], {}), ("Round", none, {}), ("Div", lambda n: [n.c(1e4)], {})]
    case("softmax_round", chain(S, *rounded), "softmax", "graph", shown="t6")
    case("softmax_reshape", chain(("Reshape", lambda n: [n.i(1, 4, 1, 1)], {}), S, ("Flatten", none, dict(axis=1))), "softmax", "graph")
    case("softmax_squeeze", chain(S, ("Squeeze", lambda n: [n.i(0)], {})), "softmax", "graph", dims=[4])
    case("softmax_4d", chain(("Unsqueeze", lambda n: [n.i(2, 3)], {}), S), "softmax", "graph", dims=[1, 4, 1, 1])
    case("softmax_transpose", chain(("Unsqueeze", lambda n: [n.i(2)], {}), ("Transpose", none, dict(perm=[0, 2, 1])),
         ("Softmax", none, dict(axis=2)), ("Transpose", none, dict(perm=[2, 1, 0])), ("Reshape", lambda n: [n.i(1, -1)], {})),
         "softmax", "graph")
    case("softmax_half", chain(("Cast", none, dict(to=HALF)), S, ("Cast", none, dict(to=FLOAT))), "softmax", "graph")
    case("softmax_double", chain(("Cast", none, dict(to=DOUBLE)), S, ("Cast", none, dict(to=FLOAT))), "softmax", "graph")
    case("softmax_dropout", chain(S, ("Dropout", none, {})), "softmax", "graph")
    case("softmax_opset11", chain(("Reshape", lambda n: [n.i(1, 4, 1, 1)], {}), S, ("Reshape", lambda n: [n.i(1, 4)], {})),
         "softmax", "graph", opset=11)
    case("softmax_temperature", chain(("Div", lambda n: [n.c(2.5)], {}), S), "softmax", "graph", logits=lambda z: z / 2.5)
    case("softmax_reordered", chain(S, ("Gather", lambda n: [n.i(2, 0, 3, 1)], dict(axis=1))), "softmax", "graph",
         logits=lambda z: z[[2, 0, 3, 1]])
    case("softmax_background_dropped", chain(S, ("Slice", lambda n: [n.i(1), n.i(5), n.i(1)], {})), "softmax", "graph", classes=5,
         logits=lambda z: z[1:])
    # One class alone of two: its logit is the difference of both.
    for klass, name in ((1, "second"), (0, "first")):
        case(f"softmax_{name}_of_two", chain(S, ("Gather", lambda n: [n.c(klass, dtype=np.int64)], dict(axis=1))), "sigmoid", "graph",
             classes=2, dims=[1], logits=lambda z: z[klass] - z[1 - klass])
    case("logsoftmax", chain(("LogSoftmax", none, dict(axis=1))), "softmax", "graph", log=True)
    case("log_of_softmax", chain(S, ("Log", none, {})), "softmax", "graph", log=True)
    case("exp_of_logsoftmax", chain(("LogSoftmax", none, dict(axis=-1)), ("Exp", none, {})), "softmax", "graph")
    case("softmax_of_logsoftmax", chain(("LogSoftmax", none, dict(axis=-1)), S), "softmax", "graph")

    def exp_sum(n):
        e = n.add("Exp", ["z"])
        return n.add("Div", [e, n.add("ReduceSum", [e, n.i(1)], keepdims=1)])

    def exp_max_sum(n):
        m = n.add("ReduceMax", ["z"], axes=[1], keepdims=1)
        e = n.add("Exp", [n.add("Sub", ["z", m])])
        return n.add("Mul", [e, n.add("Reciprocal", [n.add("ReduceSum", [e, n.i(-1)], keepdims=1)])])

    def logsumexp(n):
        return n.add("Exp", [n.add("Sub", ["z", n.add("ReduceLogSumExp", ["z"], axes=[1], keepdims=1)])])

    def pairwise(n):  # 1 / sum_j exp(z_j - z_k)
        d = n.add("Sub", [n.add("Unsqueeze", ["z", n.i(2)]), n.add("Unsqueeze", ["z", n.i(1)])])
        return n.add("Reciprocal", [n.add("ReduceSum", [n.add("Exp", [d]), n.i(1)], keepdims=0)])

    case("exp_sum", exp_sum, "softmax", "graph")
    case("exp_max_sum", exp_max_sum, "softmax", "graph")
    case("exp_logsumexp", logsumexp, "softmax", "graph")
    case("softmax_pairwise", pairwise, "softmax", "graph")


def sigmoids():
    case("sigmoid_one", chain(G), "sigmoid", "graph", classes=1)
    case("sigmoid_one_scalar", chain(G, ("Squeeze", none, {})), "sigmoid", "graph", classes=1, dims=[])
    case("sigmoid_multi", chain(G), "sigmoid", "graph", multi=True)
    case("sigmoid_multi_clip_flatten", chain(("Unsqueeze", lambda n: [n.i(2)], {}), G, ("Clip", lambda n: [n.c(0.0), n.c(1.0)], {}),
         ("Flatten", none, {})), "sigmoid", "graph", multi=True)

    def written(n):
        return n.add("Div", [n.c(1.0), n.add("Add", [n.c(1.0), n.add("Exp", [n.add("Neg", ["z"])])])])

    def written_up(n):
        e = n.add("Exp", ["z"])
        return n.add("Div", [e, n.add("Add", [e, n.c(1.0)])])

    def tanh(n):
        t = n.add("Tanh", [n.add("Mul", ["z", n.c(0.5)])])
        return n.add("Mul", [n.add("Add", [t, n.c(1.0)]), n.c(0.5)])

    def softplus(n):
        return n.add("Neg", [n.add("Softplus", [n.add("Neg", ["z"])])])

    def complement(n):
        return n.add("Sub", [n.c(1.0), n.add("Sigmoid", ["z"])])

    def pair(n):
        p = n.add("Sigmoid", ["z"])
        return n.add("Concat", [n.add("Sub", [n.c(1.0), p]), p], axis=1)

    def pair_reversed(n):
        p = n.add("Sigmoid", ["z"])
        return n.add("Concat", [p, n.add("Sub", [n.c(1.0), p])], axis=1)

    def with_zero(n):
        return n.add("Softmax", [n.add("Concat", [n.add("Mul", ["z", n.c(0.0)]), "z"], axis=1)], axis=1)

    def heads(n):
        a = n.add("Sigmoid", [n.add("Gemm", ["flat", n.c(n.g[:, :2]), n.c(n.h[:2])])])
        b = n.add("Sigmoid", [n.add("Gemm", ["flat", n.c(n.g[:, 2:]), n.c(n.h[2:])])])
        return n.add("Concat", [a, b], axis=1)

    one = dict(classes=1)
    case("sigmoid_written", written, "sigmoid", "graph", **one)
    case("sigmoid_written_multi", written, "sigmoid", "graph", multi=True)
    case("sigmoid_written_up", written_up, "sigmoid", "graph", **one)
    case("sigmoid_by_tanh", tanh, "sigmoid", "graph", **one)
    case("log_sigmoid", softplus, "sigmoid", "graph", log=True, multi=True)
    case("sigmoid_complement", complement, "sigmoid", "graph", logits=lambda z: -z, **one)
    case("sigmoid_pair", pair, "sigmoid", "graph", dims=[1, 2], **one)
    case("sigmoid_pair_reversed", pair_reversed, "sigmoid", "graph", logits=lambda z: -z, dims=[1, 2], **one)
    case("softmax_with_zero", with_zero, "sigmoid", "graph", dims=[1, 2], **one)
    case("hard_sigmoid_multi", chain(("HardSigmoid", none, dict(alpha=0.2, beta=0.5))), "sigmoid", "graph", multi=True)
    case("sigmoid_heads_joined", heads, "sigmoid", "graph", multi=True)


def nones():
    """Probabilities without an activation: what is explained is the output itself, so the trunk's z is mapped to it."""
    softmax = lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()

    def ensemble(n):
        a, b = (n.add("Softmax", [n.add("Mul", ["z", n.c(k)])], axis=1) for k in (1.0, -0.5))
        return n.add("Mul", [n.add("Add", [a, b]), n.c(0.5)])

    def mean_of_crops(n):
        both = n.add("Concat", [n.add("Unsqueeze", [n.add("Mul", ["z", n.c(k)]), n.i(1)]) for k in (1.0, 2.0)], axis=1)
        return n.add("ReduceMean", [n.add("Softmax", [both], axis=2)], axes=[1], keepdims=0)

    def normalized(n):
        s = n.add("Softplus", ["z"])
        return n.add("Div", [s, n.add("ReduceSum", [s, n.i(1)], keepdims=1)])

    mix = np.array([[0.7, 0.1, 0.1, 0.1], [0.2, 0.6, 0.1, 0.1], [0.05, 0.05, 0.8, 0.1], [0.25, 0.25, 0.25, 0.25]], dtype=np.float32)

    def mixed(n):
        return n.add("MatMul", [n.add("Softmax", ["z"], axis=1), n.c(mix)])

    def two_heads(n):
        a, b = (n.add("Softmax", [n.add("Slice", ["z", n.i(s), n.i(s + 2), n.i(1)])], axis=1) for s in (0, 2))
        return n.add("Concat", [a, b], axis=1)

    softplus = lambda z: np.log1p(np.exp(z))
    case("mean_of_two_softmaxes", ensemble, "none", "graph", logits=lambda z: (softmax(z) + softmax(-0.5 * z)) / 2)
    case("mean_of_crops", mean_of_crops, "none", "graph", logits=lambda z: (softmax(z) + softmax(2 * z)) / 2)
    case("normalized_softplus", normalized, "none", "graph", logits=lambda z: softplus(z) / softplus(z).sum())
    case("softmax_mixed", mixed, "none", "measured", logits=lambda z: softmax(z) @ mix.astype(np.float64))
    case("two_softmaxes_joined", two_heads, "none", "graph", multi=True,
         logits=lambda z: np.concatenate([softmax(z[:2]), softmax(z[2:])]))


def logits_only():
    """Nothing to look through: traps."""

    case("logits", lambda n: "z", "softmax", "assumed")
    case("logit_one", lambda n: "z", "sigmoid", "assumed", classes=1)
    case("logits_4d", chain(("Unsqueeze", lambda n: [n.i(2, 3)], {})), "softmax", "assumed", dims=[1, 4, 1, 1])
    # In 0..1 for this picture and most others, with a sum near 1.
    case("logits_in_0_1", lambda n: "z", "softmax", "assumed", spread=0.05, offset=0.25)
    case("logits_relu", chain(("Relu", none, {})), "softmax", "assumed", logits=lambda z: np.maximum(z, 0))
    small = np.array([[1.5, -0.5], [0.25, 2.0], [-1.0, 0.75], [0.5, 0.5]], dtype=np.float32)
    softmax = lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    case("softmax_then_layer", chain(S, ("MatMul", lambda n: [n.c(small)], {})), "softmax", "assumed",
         logits=lambda z: softmax(z) @ small.astype(np.float64), dims=[1, 2])
    case("sigmoid_gate", lambda n: n.add("Mul", ["z", n.add("Sigmoid", ["z"])]), "softmax", "assumed", logits=lambda z: z * sigmoid(z))
    case("softmax_gate", lambda n: n.add("Mul", ["z", n.add("Softmax", ["z"], axis=1)]), "softmax", "assumed",
         logits=lambda z: z * softmax(z))
    case("softmax_shifted", chain(S, ("Sub", lambda n: [n.c([0.5, 0.1, 0.3, 0.2])], {})), "softmax", "assumed",
         logits=lambda z: softmax(z) - np.array([0.5, 0.1, 0.3, 0.2]))

    def attention(n):  # softmax over the places of a picture
        a = n.add("Reshape", ["active", n.i(1, CHANNELS, -1)])
        weights = n.add("Softmax", [n.add("ReduceMean", [a], axes=[1], keepdims=1)], axis=2)
        pooled = n.add("ReduceSum", [n.add("Mul", [a, weights]), n.i(2)], keepdims=0)
        return n.add("Gemm", [pooled, "fc.w", "fc.b"])

    def channel_attention(n):  # softmax over channels, sigmoid gates
        gates = n.add("Mul", [n.add("Softmax", ["flat"], axis=1), n.add("Sigmoid", ["flat"])])
        return n.add("Gemm", [n.add("Mul", ["flat", gates]), "fc.w", "fc.b"])

    case("attention_over_space", attention, "softmax", "assumed", trap=True)
    case("attention_over_channels", channel_attention, "softmax", "assumed", trap=True)
    case("tanh_scores", chain(("Tanh", none, {})), "softmax", "assumed", logits=np.tanh)


def weighted():
    """Probabilities times a weight a class, and pictures seen twice: plain and mirrored."""
    softmax = lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    weights = np.array([2.0, 0.5, 1.0, 1.5])
    small = np.array([0.9, 0.5, 0.7, 1.0])
    product = lambda n: n.add("Mul", [n.add("Softmax", ["z"], axis=1), n.c(weights)])

    def divided(n):
        p = product(n)
        return n.add("Div", [p, n.add("ReduceSum", [p, n.i(1)], keepdims=1)])

    def mirrored(n):
        x = n.add("Slice", ["image", n.i(-1), n.i(-(2**31)), n.i(3), n.i(-1)])
        conv = n.add("Conv", [x, "conv.w", "conv.b"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        flat = n.add("Flatten", [n.add("GlobalAveragePool", [n.add("Tanh", [conv])])])
        return n.add("Gemm", [flat, "fc.w", "fc.b"])

    def mean_of_probabilities(n):
        a, b = n.add("Softmax", ["z"], axis=1), n.add("Softmax", [mirrored(n)], axis=1)
        return n.add("Div", [n.add("Add", [a, b]), n.c(2.0)])

    def mean_of_logits(n):
        return n.add("Softmax", [n.add("Mul", [n.add("Add", ["z", mirrored(n)]), n.c(0.5)], "mean")], axis=1)

    case("softmax_weighted_divided", divided, "none", "graph", logits=lambda z: softmax(z) * weights / (softmax(z) @ weights))
    for name, build, w in (("softmax_weighted", product, weights),
                           ("softmax_weighted_down", chain(S, ("Mul", lambda n: [n.c(small)], {})), small)):
        case(name, build, "softmax", "graph", logits=lambda z: z + np.log(w), weights=w)
    case("sigmoid_weighted", chain(G, ("Mul", lambda n: [n.c(weights)], {})), "sigmoid", "graph", multi=True, shown="t6")
    case("flip_mean_of_probabilities", mean_of_probabilities, "none", "graph", trap=True)
    case("flip_mean_of_logits", mean_of_logits, "softmax", "graph", trap="mean")


if __name__ == "__main__":
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for make in (softmaxes, sigmoids, nones, logits_only, weighted):
        make()
    golden = {
        "madeWith": {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "numpy": np.__version__},
        "input": x64.flatten().tolist(), "inputShape": list(x64.shape), "cases": cases,
    }
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    GOLDEN.write_text(json.dumps(golden, indent=1) + "\n")
    print(len(cases), "cases,", sum(f.stat().st_size for f in OUT.iterdir()), "bytes of models,", GOLDEN.stat().st_size, "of numbers")
