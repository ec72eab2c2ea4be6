"""Where goldens go and what every golden records about its maker."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "test" / "golden"
PACKAGES = ("torch", "efficientnet_pytorch", "numpy", "opencv-python-headless", "PyWavelets", "Pillow")


def made_with(*packages: str) -> dict[str, str]:
    """Versions of Python and of the packages whose numbers a golden holds."""
    return {"python": platform.python_version(), **{name: version(name) for name in packages or PACKAGES}}


def write_json(name: str, value: dict) -> None:
    """Writes test/golden/<name>.json: floats as the shortest text that reads back equal, one top-level entry a line."""
    path = GOLDEN / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"  {json.dumps(key)}: {json.dumps(item, allow_nan=False)}" for key, item in value.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
