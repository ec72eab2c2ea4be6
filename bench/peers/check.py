"""Do the peers compute the same thing? Compares each with test/golden/network/b5 before its time is worth quoting."""

import argparse
import gzip
import json
import sys

import numpy as np

import batch_peer
import floor
import grad_cam_peer
import harness
import reference_pipeline
import torchcam_peer
from heatmap import bilinear, min_max

GOLDEN = harness.ROOT / "test" / "golden" / "network"
LIMIT = 2e-3
"""Of logits, and of maps scaled to 0..1 after resizing. (The libraries divide by max + epsilon, so faint maps end below 1.)"""


def golden_maps(target: int) -> tuple[list[float], list[np.ndarray]]:
    """Logits, and for each 4-D layer the ReLU'd Grad-CAM map at its own size."""
    golden = json.loads((GOLDEN / "b5.json").read_text(encoding="utf-8"))
    data = gzip.decompress((GOLDEN / "b5.bin.gz").read_bytes())
    maps = []
    for entry in golden["arrays"]:
        if entry["key"].endswith(f"/gradcam/{target}"):
            codes = np.frombuffer(data, "<u2", int(np.prod(entry["shape"])), entry["offset"])
            raw = (entry["min"] + entry["step"] * codes.astype(np.float64)).reshape(entry["shape"]).astype(np.float32)
            maps.append(np.maximum(raw, 0))
    return golden["logits"], maps


def options(**extra) -> argparse.Namespace:
    parsed = harness.parser("").parse_args(["--threads", "1"])
    for name, value in extra.items():
        setattr(parsed, name, value)
    return parsed


def compare_logits(name: str, make, given: argparse.Namespace, logits: list[float]) -> bool:
    found = np.asarray(make(given)(harness.Steps()), np.float64).ravel()
    return verdict(name, float(np.abs(found - logits).max()))


def last_of_batch(given: argparse.Namespace):
    """The maps of the last image of a batch: all are the same image."""
    run = batch_peer.make(given)
    return lambda steps: [maps[-1].numpy() for maps in run(steps)]


def scaled(values) -> np.ndarray:
    """A map as 0..1 at 380x380."""
    return min_max(bilinear(np.asarray(values, np.float32), (380, 380)))


def compare_maps(name: str, make, given: argparse.Namespace, expected: list[np.ndarray]) -> bool:
    """Maps against the golden's; those of one pixel or without a positive value cannot be scaled and are left out."""
    found = make(given)(harness.Steps())
    if len(found) != len(expected):
        print(f"{name}: {len(found)} maps, expected {len(expected)}")
        return False
    pairs = [(m, e) for m, e in zip(found, expected, strict=True) if e.size > 1 and e.max() > 0]
    worst = max(float(np.abs(scaled(m) - scaled(e)).max()) for m, e in pairs)
    return verdict(name, worst)


def verdict(name: str, worst: float) -> bool:
    print(f"{name}: largest difference {worst:.1e} {'ok' if worst <= LIMIT else f'> {LIMIT}'}")
    return worst <= LIMIT


def main() -> int:
    logits, maps = golden_maps(1)

    checks = [
        compare_logits("onnxruntime forward", floor.make_onnxruntime, options(model=None), logits),
        compare_logits("PyTorch forward", floor.make_torch, options(), logits),
        compare_logits("reference", reference_pipeline.make, options(detector="none", gradients="all"), logits),
        compare_maps("TorchCAM", torchcam_peer.make, options(), maps),
        compare_maps("PyTorch in batches", last_of_batch, options(batch=2), maps),
        compare_maps("pytorch-grad-cam", grad_cam_peer.make, options(passes="one"), maps),
    ]
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main())
