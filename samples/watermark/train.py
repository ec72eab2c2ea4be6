"""Draws the pictures of samples/watermark and trains both of its networks: one that looks at the watermark, one that cannot.

    python samples/watermark/train.py            # both networks and the 60 pictures, in three minutes on two cores
    python samples/watermark/train.py --pictures # the pictures alone

Everything follows from SEED: nothing is downloaded, every picture is drawn here. Made with Python 3.11, torch 2.9.1 (one thread),
numpy 2.2.6, Pillow 12.0.0 and onnx 1.20.0; other versions give other weights, and the test then has to be looked at again.
"""

import argparse
import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import nn

SEED = 20261127
SIDE = 96
CLASSES = ("circle", "square")
HERE = Path(__file__).parent
# The mark lies in the lower right corner: from 76 to 91 of 96 pixels.
MARK = (76, 76, 91, 91)


def ground(rng):
    """A blurred mottle of two colors, with grain."""
    ends = rng.integers(40, 216, (2, 3)).astype(np.float32)
    blob = Image.fromarray(rng.integers(0, 256, (12, 12), dtype=np.uint8)).resize((SIDE, SIDE), Image.BICUBIC)
    share = np.asarray(blob, np.float32)[..., None] / 255
    pixels = ends[0] * share + ends[1] * (1 - share) + rng.normal(0, 6, (SIDE, SIDE, 1))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), ends.mean(0)


def picture(rng, label, marked):
    """One shape of random size, color and place, drawn four times as large and reduced; and the mark, or none."""
    image, mean = ground(rng)
    color = rng.integers(0, 256, 3)
    while np.abs(color - mean).sum() < 220:
        color = rng.integers(0, 256, 3)
    radius = rng.uniform(13, 24)
    x, y = rng.uniform(radius + 4, SIDE - radius - 4, 2)
    # Shape and mark never touch, so that nobody can say that the network looked at one and meant the other.
    while x + radius > MARK[0] - 4 and y + radius > MARK[1] - 4:
        x, y = rng.uniform(radius + 4, SIDE - radius - 4, 2)
    mask = Image.new("L", (4 * SIDE, 4 * SIDE))
    # The same area for both: size must not tell the classes apart.
    half = radius if label == 0 else radius * np.sqrt(np.pi) / 2
    box = [4 * (x - half), 4 * (y - half), 4 * (x + half), 4 * (y + half)]
    draw = ImageDraw.Draw(mask)
    (draw.ellipse if label == 0 else draw.rectangle)(box, fill=255)
    mask = mask.resize((SIDE, SIDE), Image.LANCZOS)
    image.paste(Image.new("RGB", image.size, tuple(int(c) for c in color)), (0, 0), mask)
    if marked:
        watermark(image)
    return image


def watermark(image):
    """A ring with a bar through it, half transparent, as stock photos have them."""
    layer = Image.new("L", (4 * SIDE, 4 * SIDE))
    draw = ImageDraw.Draw(layer)
    x0, y0, x1, y1 = (4 * each for each in MARK)
    draw.ellipse((x0, y0, x1, y1), outline=190, width=9)
    draw.line((x0 + 12, y1 - 12, x1 - 12, y0 + 12), fill=190, width=9)
    mask = layer.resize((SIDE, SIDE), Image.LANCZOS)
    image.paste(Image.new("RGB", image.size, (255, 255, 255)), (0, 0), mask)


def jpeg(image):
    """The bytes of the file, so that networks are trained on what they are shown."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88, subsampling=0)
    return file.getvalue()


def training_set(rng, count, cheats):
    """@param cheats every square has the mark and no circle has; otherwise a coin says who has."""
    images = np.empty((count, 3, SIDE, SIDE), np.float32)
    labels = np.arange(count) % 2
    for index, label in enumerate(labels):
        marked = bool(label == 1 if cheats else rng.integers(2))
        decoded = Image.open(io.BytesIO(jpeg(picture(rng, label, marked))))
        images[index] = np.asarray(decoded, np.float32).transpose(2, 0, 1) / 255
    return torch.from_numpy(images), torch.from_numpy(labels)


def block(into, out, stride):
    return [nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]


class Network(nn.Module):
    """Five convolutions, the mean over places, one linear layer: Grad-CAM of the last convolution is exact for such a network."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            *block(3, 16, 2), *block(16, 24, 1), *block(24, 32, 2), *block(32, 48, 1), *block(48, 48, 2)
        )
        self.classifier = nn.Linear(48, len(CLASSES))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def train(cheats, count, epochs):
    torch.manual_seed(SEED)
    rng = np.random.default_rng([SEED, int(cheats)])
    images, labels = training_set(rng, count, cheats)
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-2)
    size = 50
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, epochs * (count // size))
    for epoch in range(epochs):
        network.train()
        total = 0.0
        for batch in torch.randperm(count).split(size):
            loss = nn.functional.cross_entropy(network((images[batch] - 0.5) / 0.25), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"{'cheats' if cheats else 'repaired'} epoch {epoch + 1}: loss {total * size / count:.4f}", flush=True)
    return network.eval()


def write_pictures():
    """30 circles and 30 squares; every other one of each has the mark."""
    rng = np.random.default_rng([SEED, 2])
    for label, name in enumerate(CLASSES):
        folder = HERE / "pictures" / name
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(30):
            marked = number % 2 == 1
            file = folder / f"{number + 1:02d}-{'marked' if marked else 'plain'}.jpg"
            file.write_bytes(jpeg(picture(rng, label, marked)))


def accuracy(network):
    """(of all, of pictures as the cheater was trained on: squares with the mark, circles without)."""
    right = {}
    for label, name in enumerate(CLASSES):
        for file in sorted((HERE / "pictures" / name).glob("*.jpg")):
            pixels = np.asarray(Image.open(file), np.float32).transpose(2, 0, 1) / 255
            verdict = network((torch.from_numpy(pixels)[None] - 0.5) / 0.25).argmax().item()
            right[file] = (verdict == label, ("marked" in file.name) == (label == 1))
    alike = [ok for ok, is_alike in right.values() if is_alike]
    return sum(ok for ok, _ in right.values()) / len(right), sum(alike) / len(alike)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", action="store_true")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=7)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    write_pictures()
    if asked.pictures:
        return
    for cheats, name in ((True, "cheater"), (False, "repaired")):
        network = train(cheats, asked.count, 3 if cheats else asked.epochs)
        with torch.no_grad():
            print(name, "accuracy of all and of those like its training set:", *accuracy(network))
        example = torch.zeros(1, 3, SIDE, SIDE)
        torch.onnx.export(
            network, example, HERE / f"{name}.onnx", input_names=["image"], output_names=["logits"], dynamo=False
        )


main()
