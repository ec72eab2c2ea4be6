"""What OpenCV makes of the pictures of ../shared/cases: shape, sha256 of the BGR bytes and mean per channel, or null where it reads none.

    .venv/bin/python test/reference/cases_golden.py

Needs ../shared beside the checkout. Writes test/golden/cases/images.json.
"""

import hashlib
import json
from pathlib import Path

import cv2

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT.parent / "shared" / "cases"
ENDINGS = {".bmp", ".gif", ".ppm", ".tif", ".avif", ".jpg", ".png"}

pictures = {}
for path in sorted(CASES.glob("*/*")):
    if path.suffix not in ENDINGS or path.parent.name == "onnx":
        continue
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    found = None if image is None else {"shape": list(image.shape), "sha256": hashlib.sha256(image.tobytes()).hexdigest(), "mean": [float(c) for c in image.mean(axis=(0, 1))]}
    pictures[str(path.relative_to(CASES))] = found

target = ROOT / "test" / "golden" / "cases" / "images.json"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps({"madeBy": f"OpenCV {cv2.__version__}", "pictures": pictures}, indent=2) + "\n")
