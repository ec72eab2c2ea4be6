"""Writes test/golden/imaging/decode.*: what cv2.imread makes of every file in test/fixtures/images, as 8-bit RGB."""

import hashlib

import cv2
import numpy as np

from golden_io import Pack, made_with
from image_fixtures import FOLDER
from preprocess import read_rgb

LOSSY = {".jpg", ".avif"}


TURNS = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: np.rot90,
}


def upright(name: str, rgb: np.ndarray) -> np.ndarray:
    """OpenCV ignores rotation and mirroring of AVIF; they are applied here."""
    return TURNS[int(name[7])](rgb) if name.startswith("turned-") else rgb


def has_alpha(path) -> bool:
    """Whether OpenCV, asked for the file as it is, sees a fourth channel."""
    raw = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return raw is not None and raw.ndim == 3 and raw.shape[2] == 4


def main() -> None:
    pack = Pack()
    for path in sorted(FOLDER.iterdir()):
        rgb = upright(path.name, read_rgb(path))
        pack.add(
            path.name,
            np.ascontiguousarray(rgb),
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            lossy=path.suffix in LOSSY or path.name.startswith("lossy"),
            alpha=has_alpha(path),
        )
    pack.write(
        "imaging/decode",
        madeWith=made_with("opencv-python-headless", "Pillow", "numpy"),
        about="cv2.imread(IMREAD_COLOR): EXIF orientation applied, alpha dropped (not flattened), 16 bit narrowed to 8.",
    )


if __name__ == "__main__":
    main()
