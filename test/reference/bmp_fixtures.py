"""Adds to test/fixtures/images/ what Pillow does not write: BMPs of every depth and run-length form, and ink and 16-bit TIFFs."""

import struct

import cv2
import numpy as np
from PIL import Image

from image_fixtures import FOLDER, HEIGHT, WIDTH, scene

COLOURS = 16


def bmp(bits: int, pixels: bytes, compression: int = 0, extra: bytes = b"", height: int = HEIGHT) -> bytes:
    """A Windows BMP with a 40-byte header; `extra` is what stands between header and pixels: masks or a palette."""
    start = 54 + len(extra)
    entries = len(extra) // 4 if bits <= 8 else 0
    info = struct.pack("<IiiHHIIiiII", 40, WIDTH, height, 1, bits, compression, len(pixels), 2835, 2835, entries, 0)
    return struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start) + info + extra + pixels


def padded(rows) -> bytes:
    """Rows of bytes from the bottom up, each padded to a multiple of four."""
    return b"".join(bytes(row) + b"\0" * (-len(row) % 4) for row in reversed(list(rows)))


def nibbles(row) -> bytes:
    return bytes(int(a) << 4 | int(b) for a, b in zip(row[::2], row[1::2]))


def rle8(indices: np.ndarray) -> bytes:
    """Alternates literal stretches of three, which need padding, with runs."""
    out = bytearray()
    for row in indices[::-1]:
        x = 0
        while x < WIDTH:
            if x % 2 == 0 and x + 3 <= WIDTH:
                out += bytes([0, 3, *row[x : x + 3], 0])
                x += 3
            else:
                end = x
                while end < WIDTH and row[end] == row[x]:
                    end += 1
                out += bytes([end - x, row[x]])
                x = end
        out += b"\0\0"
    return bytes(out + b"\0\1")


def rle4(indices: np.ndarray) -> bytes:
    """Two pixels a run, except five literals at the start of each row."""
    out = bytearray()
    for row in indices[::-1]:
        out += bytes([0, 5, row[0] << 4 | row[1], row[2] << 4 | row[3], row[4] << 4, 0, 1, row[5] << 4])
        for x in range(6, WIDTH, 2):
            out += bytes([2, row[x] << 4 | row[x + 1]])
        out += b"\0\0"
    return bytes(out + b"\0\1")


def masked(pixels: bytes, masks: tuple[int, ...]) -> bytes:
    """32 bits with masks in a 108-byte header, where OpenCV honors them."""
    header = struct.pack("<IiiHHIIiiII", 108, WIDTH, HEIGHT, 1, 32, 3, len(pixels), 2835, 2835, 0, 0)
    header += struct.pack(f"<{len(masks)}I", *masks)
    return struct.pack("<2sIHHI", b"BM", 122 + len(pixels), 0, 0, 122) + header.ljust(108, b"\0") + pixels


def rle8_without_row_ends(indices: np.ndarray) -> bytes:
    """Runs that fill each row, and no code between rows."""
    pairs = bytearray()
    for row in indices[::-1]:
        ends = [*np.flatnonzero(np.diff(row)) + 1, WIDTH]
        for start, end in zip([0, *ends], ends):
            pairs += bytes([end - start, row[start]])
    return bytes(pairs + b"\0\1")


def os2(rgb: np.ndarray) -> bytes:
    """OS/2's 12-byte header, 24 bits."""
    pixels = padded(row.tobytes() for row in rgb[:, :, ::-1])
    return struct.pack("<2sIHHIIHHHH", b"BM", 26 + len(pixels), 0, 0, 26, 12, WIDTH, HEIGHT, 1, 24) + pixels


def main() -> None:
    rgb = scene()
    random = np.random.default_rng(16)
    palette = random.integers(0, 256, (COLOURS, 4), np.uint8)
    palette[:, 3] = 0
    table = palette.tobytes()
    indices = (rgb[:, :, 0].astype(int) * 5 // 256 * 3 + rgb[:, :, 1].astype(int) * 3 // 256).astype(np.uint8)
    words = random.integers(0, 65536, (HEIGHT, WIDTH)).astype("<u2")
    pixels = np.random.default_rng(32).integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8).tobytes()
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    files = {
        "bits-1.bmp": bmp(1, padded(np.packbits(row & 1).tobytes() for row in indices), extra=table[:8]),
        "bits-4.bmp": bmp(4, padded(nibbles(row) for row in indices), extra=table),
        "bits-16.bmp": bmp(16, padded(row.tobytes() for row in words)),
        "bits-565.bmp": bmp(16, padded(row.tobytes() for row in words), 3, masks),
        "rle8.bmp": bmp(8, rle8(indices), 1, table),
        "rle4.bmp": bmp(4, rle4(indices), 2, table),
        "rle8-no-row-ends.bmp": bmp(8, rle8_without_row_ends(indices), 1, table),
        "os2.bmp": os2(rgb),
        "masks-555.bmp": masked(pixels, (0x7C00, 0x03E0, 0x001F)),
        "masks-444.bmp": masked(pixels, (0x00F0, 0x0F00, 0xF000)),
        "masks-10.bmp": masked(pixels, (0x3FF00000, 0x000FFC00, 0x000003FF)),
        "masks-no-red.bmp": masked(pixels, (0, 0x007F00, 0x0000FF)),
    }
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    Image.fromarray(rgb).convert("CMYK").save(FOLDER / "cmyk.tif")
    cv2.imwrite(str(FOLDER / "noise-16bit.tif"), random.integers(0, 65536, (HEIGHT, WIDTH, 3), np.uint16))


if __name__ == "__main__":
    main()
