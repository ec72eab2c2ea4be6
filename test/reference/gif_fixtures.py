"""Adds GIFs to test/fixtures/images/: interlaced, transparent, smaller than their canvas, with local, short and no palettes, animated."""

import struct

import numpy as np

from image_fixtures import FOLDER, HEIGHT, WIDTH

CONTROL, IMAGE, TRAILER = b"\x21\xf9\x04", b"\x2c", b"\x3b"


def lzw(indices, code_size: int) -> bytes:
    """Codes from the lowest bit up; the table is cleared when it is full."""
    clear, end = 1 << code_size, (1 << code_size) + 1
    held, bits, out = 0, 0, bytearray()

    def put(code: int, width: int) -> None:
        nonlocal held, bits
        held |= code << bits
        bits += width
        while bits >= 8:
            out.append(held & 255)
            held >>= 8
            bits -= 8

    def fresh() -> tuple[dict, int, int]:
        return {(i,): i for i in range(clear)}, clear + 2, code_size + 1

    table, following, width = fresh()
    put(clear, width)
    run: tuple[int, ...] = ()
    for index in map(int, indices):
        longer = (*run, index)
        if longer in table:
            run = longer
            continue
        put(table[run], width)
        if following < 4096:
            table[longer] = following
            if following == 1 << width:
                width += 1
            following += 1
        else:
            put(clear, width)
            table, following, width = fresh()
        run = (index,)
    put(table[run], width)
    put(end, width)
    return bytes(out + bytes([held & 255])) if bits else bytes(out)


def frame(indices: np.ndarray, code_size: int = 4, at=(0, 0), palette=None, interlaced=False, disposal=None, transparent=None) -> bytes:
    if interlaced:
        indices = np.concatenate([indices[0::8], indices[4::8], indices[2::4], indices[1::2]])
    control = b""
    if disposal is not None or transparent is not None:
        flags = (disposal or 0) << 2 | (transparent is not None)
        control = CONTROL + struct.pack("<BHBB", flags, 5, transparent or 0, 0)
    flags = interlaced << 6 | (0x80 | len(palette).bit_length() - 2 if palette is not None else 0)
    header = IMAGE + struct.pack("<HHHHB", *at, indices.shape[1], indices.shape[0], flags)
    codes = lzw(indices.ravel(), code_size)
    blocks = b"".join(bytes([len(codes[i : i + 255])]) + codes[i : i + 255] for i in range(0, len(codes), 255))
    return control + header + table(palette) + bytes([code_size]) + blocks + b"\0"


def table(palette) -> bytes:
    return b"" if palette is None else palette.tobytes()


def gif(frames: list[bytes], palette=None, background: int = 0, size=(WIDTH, HEIGHT)) -> bytes:
    flags = 0x70 | (0x80 | len(palette).bit_length() - 2 if palette is not None else 0)
    screen = struct.pack("<HHBBB", *size, flags, background, 0)
    return b"GIF89a" + screen + table(palette) + b"".join(frames) + TRAILER


def main() -> None:
    random = np.random.default_rng(89)
    palette, local = random.integers(0, 256, (2, 16, 3), np.uint8)
    many = random.integers(0, 256, (256, 3), np.uint8)
    whole, second = random.integers(0, 16, (2, HEIGHT, WIDTH), np.uint8)
    part = random.integers(0, 16, (5, 7), np.uint8)
    noise = random.integers(0, 256, (60, 80), np.uint8)
    stripes = np.repeat(np.arange(90, dtype=np.uint8) % 5, 80).reshape(90, 80)
    files = {
        "interlaced.gif": gif([frame(whole, interlaced=True)], palette),
        "small-frame.gif": gif([frame(part, at=(3, 8))], palette, background=5),
        "small-frame-no-global.gif": gif([frame(part, at=(3, 8), palette=local)], None, background=5),
        "transparent.gif": gif([frame(whole, transparent=3)], palette, background=5),
        "transparent-background.gif": gif([frame(whole, transparent=5)], palette, background=5),
        "local-palette.gif": gif([frame(whole, palette=local, transparent=2)], palette, background=9),
        "short-local-palette.gif": gif([frame(whole, palette=local[:4])], palette),
        "no-palette.gif": gif([frame(whole)], None),
        "noise.gif": gif([frame(noise, 8)], many, size=(80, 60)),
        "stripes.gif": gif([frame(stripes, 3)], many[:8], size=(80, 90)),
    }
    for disposal in range(4):
        frames = [frame(part, at=(3, 8), disposal=disposal, transparent=4), frame(second, disposal=disposal, transparent=2)]
        files[f"disposal-{disposal}.gif"] = gif(frames, palette, background=5)
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
