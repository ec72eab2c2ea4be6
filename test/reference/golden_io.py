"""Where goldens go, how they are packed, and which versions each of them records. The reader is test/support/golden.ts."""

import gzip
import json
import math
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "test" / "golden"


def made_with(*packages: str) -> dict[str, str]:
    """Versions of Python and of the packages whose numbers a golden holds."""
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def write_json(name: str, value: dict) -> None:
    """Writes test/golden/<name>.json: one line for each top-level entry, or for each item of a top-level list of objects."""
    path = GOLDEN / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [f"  {json.dumps(key)}: {_entry(item)}" for key, item in value.items()]
    path.write_text("{\n" + ",\n".join(entries) + "\n}\n", encoding="utf-8")


def _entry(item) -> str:
    if isinstance(item, list) and item and isinstance(item[0], dict):
        return "[\n" + ",\n".join(f"    {_json(part)}" for part in item) + "\n  ]"
    return _json(item)


def _json(item) -> str:
    return json.dumps(item, allow_nan=False, ensure_ascii=False)


def summary(array: np.ndarray) -> dict[str, float]:
    """What a report prints about a tensor, computed in float64: population std, share of exact zeros."""
    values = np.asarray(array, np.float64)
    return {
        "mean": float(values.mean()),
        "std": float(values.std()),
        "min": float(values.min()),
        "max": float(values.max()),
        "zeros": float((values == 0).mean()),
    }


class Pack:
    """Named arrays in one gzipped file beside a JSON index.

    A uint8 or float32 array is stored as it is. `quantized` arrays become uint16: value = min + step * q, so the error is at
    most step / 2. Little-endian, C order, in the order added.
    """

    def __init__(self) -> None:
        self._index: list[dict] = []
        self._bytes = bytearray()

    def add(self, key: str, array: np.ndarray, quantized: bool = False, **notes) -> None:
        if quantized:
            values = np.asarray(array, np.float64)
            low = float(values.min())
            step = (float(values.max()) - low) / 65535
            codes = np.zeros(values.shape) if step == 0 else np.rint((values - low) / step)
            self._append(key, codes.astype("<u2"), "uint16", {"min": low, "step": step, **notes})
        elif array.dtype == np.uint8:
            self._append(key, array, "uint8", notes)
        elif array.dtype == np.float32:
            self._append(key, array.astype("<f4"), "float32", notes)
        else:
            raise TypeError(f"{key}: store uint8, float32, or quantized, not {array.dtype}")

    def _append(self, key: str, array: np.ndarray, kind: str, notes: dict) -> None:
        if any(entry["key"] == key for entry in self._index):
            raise ValueError(f"{key} was added twice")
        entry = {"key": key, "type": kind, "shape": list(array.shape), "offset": len(self._bytes), **notes}
        if any(isinstance(value, float) and not math.isfinite(value) for value in entry.values()):
            raise ValueError(f"{key} is not finite: {entry}")
        self._index.append(entry)
        self._bytes += np.ascontiguousarray(array).tobytes()
        self._bytes += bytes(-len(self._bytes) % 4)

    def write(self, name: str, **header) -> None:
        """Writes <name>.json (header, then the index) and <name>.bin.gz."""
        write_json(name, {**header, "arrays": self._index})
        (GOLDEN / f"{name}.bin.gz").write_bytes(gzip.compress(bytes(self._bytes), 9, mtime=0))
