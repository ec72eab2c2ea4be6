"""Adds PBM, PGM and PPM files to test/fixtures/images/: ASCII and binary, every depth, largest values other than 255, comments."""

import numpy as np

from image_fixtures import FOLDER, HEIGHT, WIDTH, scene

SIZE = f"{WIDTH} {HEIGHT}\n"


def digits(samples: np.ndarray) -> bytes:
    rows = samples.reshape(HEIGHT, -1)
    return "\n".join(" ".join(str(value) for value in row) for row in rows).encode() + b"\n"


def main() -> None:
    rgb = scene()
    gray = rgb[:, :, 0]
    bits = (rgb[:, :, 1] > 110).astype(np.uint8)
    wide = (rgb.astype(np.uint16) * 257 - 3 * np.arange(WIDTH, dtype=np.uint16)[:, None] * (rgb > 128)).astype(">u2")
    comment = "# by netpbm_fixtures.py\n"
    files = {
        "binary.ppm": f"P6\n{SIZE}255\n".encode() + rgb.tobytes(),
        "binary-16bit.ppm": f"P6 {SIZE}65535\n".encode() + wide.tobytes(),
        "binary.pgm": f"P5\n{comment}{SIZE}255\n".encode() + gray.tobytes(),
        "binary-max100.pgm": f"P5\n{SIZE}100\n".encode() + (gray // 3).tobytes(),
        "binary-max1000.pgm": f"P5\n{SIZE}1000\n".encode() + (wide[:, :, 1] % 1001).astype(">u2").tobytes(),
        "binary.pbm": f"P4\n{SIZE}".encode() + np.packbits(bits, axis=1).tobytes(),
        "ascii.ppm": f"P3\n{SIZE}{comment}255\n".encode() + digits(rgb),
        "ascii-12bit.ppm": f"P3\n{SIZE}4095\n".encode() + digits(wide // 16),
        "ascii-max100.pgm": f"P2\n{SIZE}100\n".encode() + digits(gray // 2),
        "ascii.pbm": f"P1\n{SIZE}".encode() + digits(bits),
        "ascii-tight.pbm": f"P1\r\n{SIZE}".encode() + bytes(48 + bit for bit in bits.ravel()),
    }
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
