"""Adds TIFFs to test/fixtures/images/: every layout that OpenCV reads, by a small writer of our own, since no library writes all of them."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from image_fixtures import FOLDER, HEIGHT, WIDTH, scene

NONE, RLE, GROUP3, GROUP4, LZW, JPEG, DEFLATE, PACKBITS, OLD_DEFLATE = 1, 2, 3, 4, 5, 7, 8, 32773, 32946
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
SHORT, LONG, RATIONAL, LONG8 = 3, 4, 5, 16


def lzw(data: bytes) -> bytes:
    """Highest bit first; the width grows one code early."""
    held, bits, out = 0, 0, bytearray()
    table, following, width, run = {bytes([i]): i for i in range(256)}, 258, 9, b""

    def put(code: int) -> None:
        nonlocal held, bits
        held = held << width | code
        bits += width
        while bits >= 8:
            out.append(held >> (bits - 8) & 255)
            bits -= 8

    put(256)
    for byte in data:
        longer = run + bytes([byte])
        if longer in table:
            run = longer
            continue
        put(table[run])
        table[longer] = following
        following += 1
        if following == 1 << width and width < 12:
            width += 1
        if following == 4094:
            put(256)
            table, following, width = {bytes([i]): i for i in range(256)}, 258, 9
        run = bytes([byte])
    put(table[run])
    following += 1
    if following == 1 << width and width < 12:
        width += 1
    put(257)
    if bits:
        out.append(held << (8 - bits) & 255)
    return bytes(out)


def packbits(data: bytes) -> bytes:
    """Runs of three and more as runs, the rest as literals; with a no-op in between."""
    out, at = bytearray(b"\x80"), 0
    while at < len(data):
        end = at + 1
        while end < len(data) and data[end] == data[at] and end - at < 128:
            end += 1
        if end - at >= 3:
            out += bytes([257 - (end - at), data[at]])
        else:
            end = min(at + 5, len(data))
            out += bytes([end - at - 1]) + data[at:end]
        at = end
    return bytes(out)


PACK = {NONE: bytes, LZW: lzw, DEFLATE: zlib.compress, OLD_DEFLATE: zlib.compress, PACKBITS: packbits, JPEG: bytes}


def tiff(chunks: list[bytes], tags: dict[int, tuple[int, list]], order: str = "<", big: bool = False, tiled: bool = False) -> bytes:
    """A header, the chunks, one directory, and the values that do not fit into it."""
    data = bytearray(struct.pack(order + "2sH", b"II" if order == "<" else b"MM", 43 if big else 42))
    data += struct.pack(order + ("HHQ" if big else "I"), *((8, 0, 0) if big else (0,)))
    offsets = []
    for chunk in chunks:
        offsets.append(len(data))
        data += chunk + b"\0" * (len(chunk) % 2)
    places = {(324 if tiled else 273): (LONG, offsets), (325 if tiled else 279): (LONG, [len(chunk) for chunk in chunks])}
    tags = {**places, **tags}
    inline = 8 if big else 4
    entries = b""
    for tag in sorted(tags):
        kind, values = tags[tag]
        if values is None:
            continue
        if kind == RATIONAL:
            packed = b"".join(struct.pack(order + "II", round(value * 1e6), 1_000_000) for value in values)
        else:
            packed = struct.pack(f"{order}{len(values)}{ {SHORT: 'H', LONG: 'I', LONG8: 'Q'}[kind] }", *values)
        if len(packed) > inline:
            at, packed = len(data), packed + b"\0" * (len(packed) % 2)
            data += packed
            packed = struct.pack(order + ("Q" if big else "I"), at)
        count = len(values)
        entries += struct.pack(order + ("HHQ" if big else "HHI"), tag, kind, count) + packed.ljust(inline, b"\0")
    start = len(data)
    data += struct.pack(order + ("Q" if big else "H"), len(entries) // (20 if big else 12)) + entries + bytes(inline)
    struct.pack_into(order + ("Q" if big else "I"), data, 8 if big else 4, start)
    return bytes(data)


def pack_row_bits(samples: np.ndarray, bits: int) -> bytes:
    """Rows of samples below 8 bits, each row from a byte of its own."""
    spread = np.unpackbits(samples.astype(np.uint8)[..., None], axis=-1)[..., 8 - bits :]
    return np.packbits(spread.reshape(len(samples), -1), axis=1).tobytes()


def picture(
    pixels: np.ndarray,
    photometric: int,
    compression: int = NONE,
    bits: int = 8,
    tile: tuple[int, int] | None = None,
    rows: int | None = None,
    planar: bool = False,
    predictor: bool = False,
    reverse: bool = False,
    order: str = "<",
    big: bool = False,
    extra: dict[int, tuple[int, list]] | None = None,
) -> bytes:
    """[y][x] or [y][x][sample]; cut into tiles or strips and packed."""
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    height, width, samples = pixels.shape
    down, across = tile or (rows or height, width)
    chunks = []
    for plane in range(samples if planar else 1):
        part = pixels[:, :, plane : plane + 1] if planar else pixels
        for y in range(0, height, down):
            for x in range(0, width, across):
                chunk = part[y : y + down, x : x + across]
                if tile:
                    chunk = np.pad(chunk, ((0, down - chunk.shape[0]), (0, across - chunk.shape[1]), (0, 0)))
                if predictor:
                    chunk = np.concatenate([chunk[:, :1], np.diff(chunk, axis=1)], axis=1)
                raw = pack_row_bits(chunk[:, :, 0], bits) if bits < 8 else chunk.astype(f"{order}u{bits // 8}").tobytes()
                packed = PACK[compression](raw)
                chunks.append(bytes(int(f"{byte:08b}"[::-1], 2) for byte in packed) if reverse else packed)
    tags = {
        256: (LONG, [width]),
        257: (LONG, [height]),
        258: (SHORT, [bits] * samples),
        259: (SHORT, [compression]),
        262: (SHORT, [photometric]),
        277: (SHORT, [samples]),
        284: (SHORT, [2 if planar else 1]),
    }
    tags.update({322: (LONG, [across]), 323: (LONG, [down])} if tile else {278: (LONG, [down])})
    if predictor:
        tags[317] = (SHORT, [2])
    if reverse:
        tags[266] = (SHORT, [2])
    return tiff(chunks, {**tags, **(extra or {})}, order, big, tile is not None)


def blocks(ycc: np.ndarray, across: int, down: int) -> bytes:
    """Subsampled YCbCr: the block's luma, then one Cb and one Cr (the first pixel's)."""
    height, width = ycc.shape[:2]
    padded = np.pad(ycc, ((0, -height % down), (0, -width % across), (0, 0)), mode="edge")
    out = bytearray()
    for y in range(0, padded.shape[0], down):
        for x in range(0, padded.shape[1], across):
            block = padded[y : y + down, x : x + across]
            out += block[:, :, 0].tobytes() + block[0, 0, 1:].tobytes()
    return bytes(out)


def subsampled(ycc: np.ndarray, across: int, down: int, rows: int, extra: dict | None = None) -> bytes:
    chunks = [blocks(ycc[y : y + rows], across, down) for y in range(0, len(ycc), rows)]
    tags = {
        256: (LONG, [ycc.shape[1]]),
        257: (LONG, [ycc.shape[0]]),
        258: (SHORT, [8, 8, 8]),
        259: (SHORT, [NONE]),
        262: (SHORT, [YCBCR]),
        277: (SHORT, [3]),
        278: (LONG, [rows]),
        530: (SHORT, [across, down]),
    }
    return tiff(chunks, {**tags, **(extra or {})})


def jpeg_of(pixels: np.ndarray, **options) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=92, **options)
    return stream.getvalue()


def bilevel(bits: np.ndarray, compression: str, tags: dict[int, int]) -> bytes:
    """libtiff's own encoder, through Pillow."""
    stream = io.BytesIO()
    Image.fromarray(bits.astype(np.uint8) * 255).convert("1").save(stream, "TIFF", compression=compression, tiffinfo=tags)
    return stream.getvalue()


def main() -> None:
    rgb = scene()
    random = np.random.default_rng(6)
    gray, alpha = rgb[:, :, 0], random.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    wide = random.integers(0, 65536, (HEIGHT, WIDTH, 4)).astype(np.uint16)
    ycc = random.integers(0, 256, (HEIGHT + 1, WIDTH + 3, 3), np.uint8)
    square = rgb[:, :HEIGHT]
    rgba, indices = np.dstack([rgb, alpha]), random.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    colors = {bits: (SHORT, random.integers(0, 65536, 3 << bits).tolist()) for bits in (1, 4, 8)}
    long_runs = np.zeros((12, 5400), np.uint8)
    for y, row in enumerate(long_runs):
        for x in random.integers(0, 5400, y):
            row[x : x + int(random.integers(1, 2700))] ^= 1
    noisy = random.integers(0, 2, (12, 701), np.uint8)

    files = {
        "lzw-tiles.tif": picture(rgb, RGB, LZW, tile=(16, 16)),
        "deflate-strips.tif": picture(rgb, RGB, DEFLATE, rows=5, predictor=True),
        "old-deflate.tif": picture(gray, BLACK_IS_ZERO, OLD_DEFLATE),
        "packbits.tif": picture(rgb // 40 * 40, RGB, PACKBITS, rows=3),
        "lzw-16bit-predictor.tif": picture(wide[:, :, :3], RGB, LZW, bits=16, predictor=True, order=">"),
        "lzw-full-table.tif": picture(random.integers(0, 256, (64, 100), np.uint8), BLACK_IS_ZERO, LZW),
        "big-endian-bigtiff.tif": picture(wide[:, :, :3], RGB, DEFLATE, bits=16, rows=4, order=">", big=True),
        "reversed-bits.tif": picture(rgb, RGB, reverse=True, rows=6),
        "reversed-bits-lzw.tif": picture(rgb, RGB, LZW, reverse=True),
        "planar.tif": picture(rgb, RGB, planar=True, rows=7),
        "planar-tiles-16bit.tif": picture(wide[:, :, :3], RGB, DEFLATE, bits=16, planar=True, tile=(16, 16), predictor=True),
        "white-is-zero.tif": picture(gray, WHITE_IS_ZERO),
        "white-is-zero-16bit.tif": picture(wide[:, :, 0], WHITE_IS_ZERO, bits=16),
        "gray-16bit.tif": picture(wide[:, :, 0], BLACK_IS_ZERO, LZW, bits=16),
        "white-is-zero-1bit.tif": picture(gray >> 7, WHITE_IS_ZERO, bits=1),
        "palette-1bit.tif": picture(indices & 1, PALETTE, bits=1, extra={320: colors[1]}),
        "palette-4bit.tif": picture(indices & 15, PALETTE, bits=4, extra={320: colors[4]}),
        "palette-8bit.tif": picture(indices, PALETTE, PACKBITS, extra={320: colors[8]}),
        "palette-of-bytes.tif": picture(indices, PALETTE, extra={320: (SHORT, [v >> 8 for v in colors[8][1]])}),
        "alpha-associated.tif": picture(rgba, RGB, extra={338: (SHORT, [1])}),
        "alpha-unassociated.tif": picture(rgba, RGB, extra={338: (SHORT, [2])}),
        "alpha-unspecified.tif": picture(rgba, RGB, extra={338: (SHORT, [0])}),
        "alpha-unassociated-16bit.tif": picture(wide, RGB, bits=16, extra={338: (SHORT, [2])}),
        "alpha-planar.tif": picture(rgba, RGB, planar=True, extra={338: (SHORT, [2])}),
        "gray-alpha.tif": picture(np.dstack([gray, alpha]), BLACK_IS_ZERO, extra={338: (SHORT, [2])}),
        "gray-alpha-planar.tif": picture(np.dstack([gray, alpha]), BLACK_IS_ZERO, planar=True, extra={338: (SHORT, [1])}),
        "gray-alpha-planar-unassociated.tif": picture(
            np.dstack([gray, alpha]), BLACK_IS_ZERO, planar=True, extra={338: (SHORT, [2])}
        ),
        "white-alpha-planar-16bit.tif": picture(
            wide[:, :, :2], WHITE_IS_ZERO, bits=16, planar=True, extra={338: (SHORT, [1])}
        ),
        "cmyk-planar.tif": picture(rgba, CMYK, planar=True),
        "ycbcr-planar.tif": picture(ycc, YCBCR, planar=True, extra={530: (SHORT, [1, 1])}),
        "ycbcr-tiles.tif": picture(ycc, YCBCR, LZW, tile=(16, 16), extra={530: (SHORT, [1, 1])}),
        "ycbcr-studio.tif": subsampled(
            ycc,
            2,
            2,
            6,
            {529: (RATIONAL, [0.2126, 0.7152, 0.0722]), 532: (RATIONAL, [16, 235, 128, 240, 128, 240])},
        ),
        "no-byte-counts.tif": picture(rgb, RGB, extra={279: (LONG, None)}),
        "jpeg-rgb.tif": tiff(
            [jpeg_of(rgb, keep_rgb=True, subsampling=0)],
            {
                256: (LONG, [WIDTH]),
                257: (LONG, [HEIGHT]),
                258: (SHORT, [8, 8, 8]),
                259: (SHORT, [JPEG]),
                262: (SHORT, [RGB]),
                277: (SHORT, [3]),
                278: (LONG, [HEIGHT]),
            },
        ),
        "group4-long-runs.tif": bilevel(long_runs, "group4", {278: 5}),
        "group4-noise.tif": bilevel(noisy, "group4", {262: 0}),
        "group3-1d.tif": bilevel(long_runs, "group3", {292: 0}),
        "group3-2d.tif": bilevel(noisy, "group3", {292: 5}),
        "modified-huffman.tif": bilevel(long_runs, "tiff_ccitt", {}),
    }
    for across, down in ((1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2), (4, 4)):
        # At a right edge that cuts 4 x 4 blocks libtiff 4.6 loses its place.
        files[f"ycbcr-{across}x{down}.tif"] = subsampled(ycc[:, :24] if down == 4 else ycc, across, down, 8)
    for orientation in range(1, 9):
        tag = {274: (SHORT, [orientation])}
        files[f"orientation-{orientation}.tif"] = picture(square, RGB, rows=6, extra=tag)
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    photo = Image.fromarray(rgb)
    photo.convert("L").save(FOLDER / "jpeg-gray.tif", compression="jpeg", quality=92)
    photo.convert("YCbCr").save(FOLDER / "jpeg-ycbcr.tif", compression="jpeg", quality=92)
    photo.convert("CMYK").save(FOLDER / "jpeg-cmyk.tif", compression="jpeg", quality=92)


if __name__ == "__main__":
    main()
