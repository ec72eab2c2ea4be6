"""RetinaFace in PyTorch: raw outputs and decoded faces of seeded and of real weights. See README.md.

ResNet-50 is retinaface_pytorch 0.0.8 itself (the release that does not pad to a square; 0.0.1 to 0.0.7 did), network and
`predict_jsons` both. Its dependency albumentations 1.0.0 does not install beside today's NumPy, so the two transforms it
takes from there are restated below. MobileNet-0.25 is mobilenet_retinaface.py, decoded with the same release's functions.
"""

import argparse
import json
import math
import pathlib
import re
import sys
import tempfile
import types

import cv2
import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "architectures")]


class LongestMaxSize:
    """cv2.INTER_LINEAR to round-half-even(side * max_size / longest side), up as well as down."""

    def __init__(self, max_size, p):
        self.max_size = max_size

    def __call__(self, image):
        scale = self.max_size / max(image.shape[:2])
        height, width = (round(side * scale) for side in image.shape[:2])
        return image if scale == 1 else cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)


class Normalize:
    """(x - 255 mean) / (255 std) in float32, ImageNet's."""

    def __init__(self, p):
        self.mean = np.array([0.485, 0.456, 0.406], np.float32) * 255
        self.std = np.array([0.229, 0.224, 0.225], np.float32) * 255

    def __call__(self, image):
        return (image.astype(np.float32) - self.mean) / self.std


class Compose:
    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, image):
        for transform in self.transforms:
            image = transform(image)
        return {"image": image}


sys.modules["albumentations"] = types.SimpleNamespace(
    LongestMaxSize=LongestMaxSize, Normalize=Normalize, Compose=Compose
)

from containers import CONTAINERS, skeleton, write_container
from mobilenet_retinaface import MobileNetRetinaFace
from retinaface.box_utils import decode, decode_landm
from retinaface.predict_single import Model
from retinaface.prior_box import priorbox
from seeded import fnv1a32, mulberry32
from torchvision.ops import nms

ROOT = HERE.parents[2]
GOLDEN = ROOT / "test" / "golden" / "detection"
REAL = ROOT.parent / "shared" / "models" / "retinaface_mobilenet0.25_1mb.pth"
ASTRONAUT = ROOT.parent / "shared" / "images" / "astronaut.png"

# Kernels are uniform with variance gain / (3 fan-in); vectors are center + spread * uniform. First match counts.
# The class heads' gains are those that leave a handful of anchors above the threshold.
CLASS_GAINS = {"ternaus": 0.2, "mobilenet": 400.0, "mobilenet-1mb": 400.0}
VECTORS = [
    (r"body\.layer\d\.\d+\.bn3\.weight", 0.2, 0.1),
    (r".*\.\d\.weight|.*\.bn\d\.weight", 0.75, 0.25),
    (r".*Head.*\.bias", 0.0, 0.5),
    (r".*\.bias", 0.0, 0.1),
    (r".*\.running_mean", 0.0, 0.1),
    (r".*\.running_var", 1.0, 0.5),
]
HEIGHT, WIDTH = 90, 122


def uniform(name: str, count: int) -> np.ndarray:
    """[-1, 1) float64, from the name."""
    return 2.0 * mulberry32(fnv1a32(name), count) - 1.0


def first_match(rules: list, name: str) -> tuple:
    return next(rule[1:] for rule in rules if re.fullmatch(rule[0], name))


def gains(variant: str) -> list:
    return [(r"ClassHead.*", CLASS_GAINS[variant]), (r"(Bbox|Landmark)Head.*", 3.0), (r".*", 6.0)]


def seeded_state(variant: str, network) -> dict:
    state = {}
    for name, tensor in network.state_dict().items():
        shape = tuple(tensor.shape)
        if name.endswith("num_batches_tracked"):
            values = np.zeros(shape, np.int64)
        elif len(shape) >= 2:
            (gain,) = first_match(gains(variant), name)
            values = uniform(name, math.prod(shape)) * math.sqrt(gain / math.prod(shape[1:]))
        else:
            center, spread = first_match(VECTORS, name)
            values = center + spread * uniform(name, math.prod(shape))
        values = values if values.dtype == np.int64 else values.astype(np.float32)
        state[name] = torch.from_numpy(values.reshape(shape))
    return state


def small_picture() -> np.ndarray:
    """Every fourth pixel of the drawn portrait, RGB, 120 rows of 160."""
    portrait = cv2.cvtColor(cv2.imread(str(ROOT / "samples" / "portrait.png")), cv2.COLOR_BGR2RGB)
    return np.ascontiguousarray(portrait[80:560:4, ::4])


def library_faces(network, image: np.ndarray, max_size: int) -> list:
    model = Model(max_size=max_size)
    model.model = network
    return [face for face in model.predict_jsons(image, 0.7, 0.4) if face["bbox"]]


def caffe_faces(network, image: np.ndarray, sizes: list) -> list:
    """As biubug6's detect.py at the image's own size: BGR less the mean, score above 0.9 here, NMS at 0.4."""
    height, width = image.shape[:2]
    bgr = image[:, :, ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32)
    with torch.no_grad():
        boxes, logits, landmarks = network(torch.from_numpy(np.ascontiguousarray(bgr.transpose(2, 0, 1)))[None])
    priors = priorbox(min_sizes=sizes, steps=[8, 16, 32], clip=False, image_size=(height, width))
    boxes = decode(boxes[0], priors, [0.1, 0.2]) * torch.tensor([width, height] * 2)
    landmarks = decode_landm(landmarks[0], priors, [0.1, 0.2]) * torch.tensor([width, height] * 5)
    scores = torch.softmax(logits[0], -1)[:, 1]
    valid = torch.where(scores > 0.9)[0]
    kept = valid[nms(boxes[valid], scores[valid], 0.4)]
    inside = (boxes[kept, 0] < width - 1) & (boxes[kept, 1] < height - 1)
    return [
        {
            "bbox": boxes[i].double().numpy().round(2).tolist(),
            "score": float(scores[i]),
            "landmarks": landmarks[i].double().numpy().round(2).reshape(5, 2).tolist(),
        }
        for i in kept[inside]
    ]


WIDE = [[16, 32], [64, 128], [256, 512]]
SMALL = [[10, 20], [32, 64], [128, 256]]


def make(variant: str, network, faces: list, out: pathlib.Path, keep_files: bool, containers: bool = True) -> None:
    state = network.state_dict()
    values = uniform("image", 3 * HEIGHT * WIDTH).astype(np.float32).reshape(1, 3, HEIGHT, WIDTH)
    with torch.no_grad():
        outputs = network(torch.from_numpy(values))
    np.concatenate([output.numpy().ravel() for output in outputs]).astype("<f4").tofile(out / f"retinaface_{variant}.f32")
    golden = {
        "variant": variant,
        "madeBy": f"retinaface_pytorch 0.0.8, torch {torch.__version__}",
        "input": [1, 3, HEIGHT, WIDTH],
        "outputs": [list(output.shape) for output in outputs],
        "gains": gains(variant),
        "vectors": VECTORS,
        "containers": [],
        "faces": faces,
    }
    for kind in CONTAINERS if containers else []:
        name = f"retinaface_{variant}.{kind}"
        if keep_files:
            write_container(kind, state, out / name)
            golden["containers"].append(name)
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            write_container(kind, state, path)
            (out / f"{name}.skeleton.gz").write_bytes(skeleton(path, state))
        golden["containers"].append(f"{name}.skeleton.gz")
    (out / f"retinaface_{variant}.json").write_text(json.dumps(golden) + "\n")
    print(variant, [float(output.std()) for output in outputs], [len(each["faces"]) for each in faces])


def main(out: pathlib.Path, keep_files: bool) -> None:
    picture = small_picture()
    resnet = Model().model.eval()
    resnet.load_state_dict(seeded_state("ternaus", resnet))
    faces = [{"maxSize": size, "faces": library_faces(resnet, picture, size)} for size in (160, 100, 201)]
    make("ternaus", resnet, faces, out, keep_files)
    for variant, slope, sizes in (("mobilenet", 0.1, WIDE), ("mobilenet-1mb", 0.0, SMALL)):
        network = MobileNetRetinaFace(slope).eval()
        network.load_state_dict(seeded_state(variant, network))
        faces = [{"maxSize": None, "faces": caffe_faces(network, picture, sizes)}]
        make(variant, network, faces, out, keep_files, containers=variant == "mobilenet")
    if not (REAL.exists() and ASTRONAUT.exists()):
        print(f"{REAL} or {ASTRONAUT} is not there: the faces of real weights are left as they are")
        return
    real = MobileNetRetinaFace(0.0).eval()
    real.load_state_dict(torch.load(REAL, map_location="cpu", weights_only=True))
    astronaut = cv2.cvtColor(cv2.imread(str(ASTRONAUT)), cv2.COLOR_BGR2RGB)
    faces = caffe_faces(real, astronaut, SMALL)
    (out / "retinaface_real.json").write_text(json.dumps({"image": ASTRONAUT.name, "faces": faces}) + "\n")
    print("real", faces)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=GOLDEN)
    parser.add_argument("--whole-files", action="store_true", help="write whole checkpoints, not their skeletons")
    options = parser.parse_args()
    torch.set_num_threads(2)
    main(options.out, options.whole_files)
