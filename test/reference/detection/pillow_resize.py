"""Antialiased bilinear resizing by Pillow, for server/src/imaging/antialias.ts: writes test/golden/detection/resize.json."""

import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

HERE = Path(__file__).parent
rng = np.random.default_rng(7)
source = rng.integers(0, 256, (23, 37, 3), dtype=np.uint8)
cases = []
for width, height in [(10, 9), (37, 4), (5, 23), (50, 31), (1, 1)]:
    resized = Image.fromarray(source).resize((width, height), Image.Resampling.BILINEAR)
    cases.append({"width": width, "height": height, "data": np.asarray(resized).ravel().tolist()})
golden = {
    "madeBy": f"Pillow {PIL.__version__}",
    "source": {"width": 37, "height": 23, "data": source.ravel().tolist()},
    "cases": cases,
}
(HERE / "../../golden/detection/resize.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
