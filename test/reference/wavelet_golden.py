"""Writes test/golden/wavelet/dwt2.*: PyWavelets' four subbands on small arrays, for every wavelet and mode of our table."""

import numpy as np
import pywt

from golden_io import Pack, made_with

WAVELETS = ("haar", "db2", "db3", "db4", "sym2", "sym3", "sym4", "sym5", "coif1")
MODES = ("reflect", "symmetric", "periodization", "zero")
SHAPES = ((8, 8), (7, 5), (6, 9), (2, 3), (3, 4), (16, 11))
BANDS = ("cA", "cH", "cV", "cD")  # PyWavelets' order: approximation, then horizontal, vertical, diagonal details


def name_of(shape: tuple[int, int]) -> str:
    return f"{shape[0]}x{shape[1]}"


def main() -> None:
    random = np.random.default_rng(20)
    pack = Pack()
    for shape in SHAPES:
        values = random.random(shape, dtype=np.float32)
        pack.add(f"input/{name_of(shape)}", values)
        for wavelet in WAVELETS:
            for mode in MODES:
                approximation, details = pywt.dwt2(values.astype(np.float64), wavelet, mode=mode)
                for band, coefficients in zip(BANDS, (approximation, *details)):
                    pack.add(f"{wavelet}/{mode}/{name_of(shape)}/{band}", coefficients.astype(np.float32))
    pack.write(
        "wavelet/dwt2",
        madeWith=made_with("PyWavelets", "numpy"),
        wavelets=WAVELETS,
        modes=MODES,
        shapes=SHAPES,
        filters=[
            {"wavelet": name, "low": pywt.Wavelet(name).dec_lo, "high": pywt.Wavelet(name).dec_hi} for name in WAVELETS
        ],
    )


if __name__ == "__main__":
    main()
