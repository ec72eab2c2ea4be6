"""What torchvision predicts for the two photographs in samples/, with the weights that ship and its own preset: golden/trained.json."""

import json
import pathlib

import PIL
import torch
import torchvision
from PIL import Image
from torchvision.models import MobileNet_V2_Weights, mobilenet_v2

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIGHTS = MobileNet_V2_Weights.IMAGENET1K_V1

if __name__ == "__main__":
    torch.set_num_threads(1)
    network = mobilenet_v2().eval()
    network.load_state_dict(torch.load(ROOT / "models/mobilenet_v2/mobilenet_v2-b0353104.pth", weights_only=True))
    names = WEIGHTS.meta["categories"]
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "pillow": PIL.__version__}
    golden = {"versions": versions, "probabilities": {}}
    for image in ("chelsea", "coffee"):
        picture = Image.open(ROOT / f"samples/{image}.png").convert("RGB")
        with torch.no_grad():
            probabilities = network(WEIGHTS.transforms()(picture)[None]).softmax(1)[0]
        top = probabilities.topk(10)
        golden["probabilities"][image] = [[names[i], round(p, 7)] for p, i in zip(top.values.tolist(), top.indices.tolist())]
    (ROOT / "test/golden/trained.json").write_text(json.dumps(golden, indent=1) + "\n")
    print(json.dumps({image: rows[:2] for image, rows in golden["probabilities"].items()}))
