"""The floor: one forward pass of the seeded B5 and nothing else, in onnxruntime or in PyTorch."""

from pathlib import Path

import harness
from inputs import network_input

PACKAGES = ("onnxruntime", "torch", "efficientnet_pytorch")


def exported(model_path: Path | None):
    """The given ONNX file, or the seeded B5 exported by torch (plain Swish: x * sigmoid(x)) once into the cache."""
    if model_path is not None:
        return model_path
    path = harness.CACHE / "b5.onnx"
    if not path.exists():
        import torch

        import models

        model = models.b5()
        model.set_swish(memory_efficient=False)
        partial = path.with_suffix(".partial")
        names = {"input_names": ["input"], "output_names": ["logits"]}
        torch.onnx.export(model, (torch.zeros(1, 3, 380, 380),), str(partial), opset_version=17, dynamo=False, **names)
        partial.rename(path)
    return path


def make_onnxruntime(options):
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(str(exported(options.model)), settings, providers=["CPUExecutionProvider"])
    tensor = network_input(options)
    name = session.get_inputs()[0].name

    def run(steps: harness.Steps):
        with steps.time("forward"):
            return session.run(None, {name: tensor})[0]

    return run


def make_torch(options):
    import torch

    import models

    models.use_threads(options)
    model = models.b5().to(options.device)
    tensor = torch.from_numpy(network_input(options)).to(options.device)

    def run(steps: harness.Steps):
        with steps.time("forward"), torch.inference_mode():
            logits = model(tensor)
            return logits.cpu()

    return run


if __name__ == "__main__":
    options = harness.parser(__doc__)
    options.add_argument("--runtime", choices=("onnxruntime", "torch"), default="onnxruntime")
    options.add_argument(
        "--model", type=Path, help="an ONNX file with one float input (1, 3, 380, 380); default: the seeded B5"
    )
    parsed = options.parse_args()
    make = make_onnxruntime if parsed.runtime == "onnxruntime" else make_torch
    harness.main(f"forward only ({parsed.runtime})", PACKAGES, parsed, make)
