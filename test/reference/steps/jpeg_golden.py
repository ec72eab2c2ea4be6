"""Writes test/golden/steps/jpeg.*: pictures that Pillow has written as JPEG and read again."""

import io

import numpy as np
from cases import Cases
from PIL import Image
from pictures import pictures

SUBSAMPLING = {"4:4:4": 0, "4:2:0": 2}


def main() -> None:
    cases = Cases()
    for name, quality, colors in [("odd", 75, "4:2:0"), ("small", 30, "4:2:0"), ("small", 1, "4:2:0"), ("odd", 95, "4:4:4"), ("small", 100, "4:4:4")]:
        written = io.BytesIO()
        Image.fromarray(pictures()[name]).save(written, format="JPEG", quality=quality, subsampling=SUBSAMPLING[colors])
        found = np.array(Image.open(written)).transpose(2, 0, 1)
        cases.add(f"pillow/{colors}-{quality}/{name}", name, [{"step": "jpeg", "quality": quality, "subsampling": colors}], found, 1)
    gray = io.BytesIO()
    Image.fromarray(pictures()["odd"]).convert("L").save(gray, format="JPEG")
    steps = [{"step": "channels", "order": "gray"}, {"step": "jpeg"}]
    cases.add("pillow/gray/odd", "odd", steps, np.array(Image.open(gray))[None], 1)
    cases.write("steps/jpeg", "Pillow")


if __name__ == "__main__":
    main()
