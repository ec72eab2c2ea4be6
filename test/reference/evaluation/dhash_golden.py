"""Writes test/golden/evaluation/dhash.json: ImageHash's difference hashes of pictures of this repository."""
import json
from importlib.metadata import version
from pathlib import Path

import cv2
import imagehash
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]


def main():
    samples = ROOT / "samples"
    found = [samples / "portrait.png", *sorted((samples / "watermark" / "pictures").rglob("*.jpg"))[::6]]
    hashes = {str(path.relative_to(ROOT)): str(imagehash.dhash(Image.fromarray(cv2.imread(str(path))[:, :, ::-1]))) for path in found}
    path = ROOT / "test" / "golden" / "evaluation" / "dhash.json"
    path.write_text(json.dumps({"made": {n: version(n) for n in ("ImageHash", "pillow", "opencv-python-headless")}, "hashes": hashes}) + "\n")
    print(path, path.stat().st_size)


main()
