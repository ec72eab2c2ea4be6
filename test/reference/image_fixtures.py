"""Makes test/fixtures/images/: one tiny picture for each way an image file can hold pixels. Run once; the files are committed."""

import struct

import cv2
import numpy as np
from PIL import Image

from golden_io import ROOT

FOLDER = ROOT / "test" / "fixtures" / "images"
WIDTH, HEIGHT = 24, 16


def scene() -> np.ndarray:
    """RGB, smooth and without any symmetry, with a bright corner mark: a wrong orientation always shows."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    red, green = 255 * x / (WIDTH - 1), 255 * y / (HEIGHT - 1)
    blue = 128 + 100 * np.sin(x / 5 + y / 9)
    rgb = np.stack([red, green, blue], axis=2).astype(np.uint8)
    rgb[1:5, 1:8] = (250, 240, 30)
    return rgb


def alpha_ramp() -> np.ndarray:
    """Alpha from transparent at the left to opaque at the right."""
    return np.broadcast_to(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, WIDTH))


def write_jpegs(rgb: np.ndarray) -> None:
    picture = Image.fromarray(rgb)
    picture.save(FOLDER / "rgb-444.jpg", quality=92, subsampling=0)
    picture.save(FOLDER / "rgb-420.jpg", quality=85, subsampling=2)
    picture.save(FOLDER / "progressive.jpg", quality=85, progressive=True)
    picture.convert("L").save(FOLDER / "grey.jpg", quality=92)
    picture.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=95)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture.save(FOLDER / f"exif-{orientation}.jpg", quality=92, subsampling=0, exif=exif)


def write_pngs(rgb: np.ndarray) -> None:
    picture = Image.fromarray(rgb)
    picture.save(FOLDER / "rgb.png")
    picture.convert("L").save(FOLDER / "grey.png")
    picture.convert("L").point(lambda v: 255 if v > 110 else 0).convert("1").save(FOLDER / "grey-1bit.png")
    wide = rgb.astype(np.uint16) * 257 - np.arange(WIDTH, dtype=np.uint16)[:, None] * 3 * (rgb > 128)
    cv2.imwrite(str(FOLDER / "rgb-16bit.png"), wide[:, :, ::-1])
    cv2.imwrite(str(FOLDER / "grey-16bit.png"), wide[:, :, 1])
    indexed = picture.quantize(16)
    indexed.save(FOLDER / "palette.png")
    indexed.save(FOLDER / "palette-transparency.png", transparency=bytes(range(0, 256, 16)))
    alpha = alpha_ramp()
    Image.fromarray(np.dstack([rgb, alpha])).save(FOLDER / "rgba.png")
    Image.fromarray(np.dstack([rgb[:, :, 1], alpha]), "LA").save(FOLDER / "grey-alpha.png")


def write_others(rgb: np.ndarray) -> None:
    picture, translucent = Image.fromarray(rgb), Image.fromarray(np.dstack([rgb, alpha_ramp()]))
    picture.save(FOLDER / "lossless.webp", lossless=True)
    picture.save(FOLDER / "lossy.webp", quality=85)
    translucent.save(FOLDER / "alpha.webp", lossless=True, exact=True)
    picture.save(FOLDER / "lossy.avif", quality=85, subsampling="4:4:4")
    picture.save(FOLDER / "rgb.tif")
    picture.save(FOLDER / "lzw.tif", compression="tiff_lzw")
    picture.convert("L").save(FOLDER / "grey.tif")
    cv2.imwrite(str(FOLDER / "rgb-16bit.tif"), rgb[:, :, ::-1].astype(np.uint16) * 257)
    frames = [picture.quantize(32), Image.fromarray(255 - rgb).quantize(32)]
    frames[0].save(FOLDER / "two-frames.gif", save_all=True, append_images=frames[1:], duration=100)
    picture.save(FOLDER / "rgb.bmp")
    picture.quantize(64).save(FOLDER / "palette.bmp")
    (FOLDER / "top-down.bmp").write_bytes(top_down_bmp(rgb))


def top_down_bmp(rgb: np.ndarray) -> bytes:
    """A 32-bit BMP whose negative height says that the first row is the top one."""
    pixels = np.dstack([rgb[:, :, ::-1], np.zeros(rgb.shape[:2], np.uint8)]).tobytes()
    info = struct.pack("<IiiHHIIiiII", 40, rgb.shape[1], -rgb.shape[0], 1, 32, 0, len(pixels), 2835, 2835, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54) + info + pixels


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    rgb = scene()
    write_jpegs(rgb)
    write_pngs(rgb)
    write_others(rgb)


if __name__ == "__main__":
    main()
