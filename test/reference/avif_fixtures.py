"""Adds AVIFs to test/fixtures/images/: subsamplings, ranges, matrices, 10 and 12 bits, alpha, rotated, animated. Odd sides show the edges."""

import cv2
import numpy as np
from PIL import Image

from image_fixtures import FOLDER

WIDTH, HEIGHT = 27, 17


def scene() -> np.ndarray:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    rgb = np.stack([255 * x / (WIDTH - 1), 255 * y / (HEIGHT - 1), 128 + 100 * np.sin(x / 5 + y / 9)], axis=2)
    rgb[1:5, 1:8] = (250, 240, 30)
    return rgb


def with_matrix(name: str, matrix: int) -> None:
    """The same planes under other coefficients."""
    path = FOLDER / name
    content = bytearray(path.read_bytes())
    content[content.index(b"colrnclx") + 13] = matrix
    path.write_bytes(content)


def main() -> None:
    rgb = scene().astype(np.uint8)
    random = np.random.default_rng(1)
    noise = random.integers(0, 256, rgb.shape, np.uint8)
    picture = Image.fromarray(rgb)
    for subsampling in ("4:2:0", "4:2:2", "4:0:0"):
        name = f"avif-{subsampling.replace(':', '')}.avif"
        Image.fromarray(noise).save(FOLDER / name, quality=80, subsampling=subsampling)
    for subsampling in ("4:2:0", "4:4:4"):
        name = f"avif-limited-{subsampling.replace(':', '')}.avif"
        Image.fromarray(noise).save(FOLDER / name, quality=80, subsampling=subsampling, range="limited")
    for matrix in (1, 9):
        for kind in ("full", "limited"):
            name = f"avif-matrix-{matrix}-{kind}.avif"
            Image.fromarray(noise).save(FOLDER / name, quality=80, subsampling="4:4:4", range=kind)
            with_matrix(name, matrix)
    translucent = np.dstack([rgb, np.broadcast_to(np.linspace(0, 255, WIDTH).astype(np.uint8), rgb.shape[:2])])
    Image.fromarray(translucent).save(FOLDER / "avif-alpha.avif", quality=85)
    picture.save(FOLDER / "avif-animated.avif", save_all=True, append_images=[Image.fromarray(255 - rgb)], quality=80)
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation  # which Pillow writes as irot and imir
        picture.save(FOLDER / f"turned-{orientation}.avif", quality=80, exif=exif)
    for bits in (10, 12):
        wide = (scene() * ((1 << bits) - 1) / 255).astype(np.uint16) ^ random.integers(0, 8, rgb.shape).astype(np.uint16)
        depth = [cv2.IMWRITE_AVIF_DEPTH, bits, cv2.IMWRITE_AVIF_QUALITY]
        cv2.imwrite(str(FOLDER / f"avif-{bits}bit.avif"), wide, [*depth, 90])
        cv2.imwrite(str(FOLDER / f"avif-{bits}bit-lossless.avif"), wide, [*depth, 100])


if __name__ == "__main__":
    main()
