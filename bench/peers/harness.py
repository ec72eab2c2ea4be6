"""Times a peer the same way everywhere: warm repeats, fresh processes, or one run per line of stdin; prints one JSON object."""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "test" / "reference"
CACHE = Path(__file__).resolve().parent / ".cache"
sys.path.insert(0, str(REFERENCE))


class Steps:
    """Seconds by step name, in the order first entered, and what else a driver should know of the run."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.facts: dict[str, object] = {}

    @contextmanager
    def time(self, name: str):
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


Run = Callable[[Steps], object]
"""One repeat: does all the work and times its steps. What it returns is for check.py; timing ignores it."""


def parser(description: str) -> argparse.ArgumentParser:
    """The options every peer takes."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--image", type=Path, default=ROOT / "samples" / "portrait.png")
    options.add_argument(
        "--box", default="205,160,440,445", help="x0,y0,x1,y1 of the face to crop, whatever a detector says"
    )
    options.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options.add_argument("--repeats", type=int, default=10)
    options.add_argument("--warmup", type=int, default=2)
    options.add_argument("--target", type=int, default=1)
    options.add_argument("--device", default="cpu", help="where PyTorch computes: cpu, or cuda on a machine that has one")
    options.add_argument(
        "--tf32",
        action="store_true",
        help="let CUDA round products to 10 bits of mantissa, PyTorch's default for convolutions; ours never does",
    )
    mode = options.add_mutually_exclusive_group()
    mode.add_argument(
        "--cold", action="store_true", help="each repeat is a fresh process, timed from its start to its exit"
    )
    mode.add_argument(
        "--serve", action="store_true", help="set up, then one run per line read, for a driver that alternates"
    )
    return options


def box_of(options: argparse.Namespace) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(part) for part in options.box.split(","))
    return x0, y0, x1, y1


def spread(seconds: list[float]) -> dict[str, float]:
    """Median, quartiles and extremes, in milliseconds."""
    quartiles = statistics.quantiles(seconds, n=4, method="inclusive") if len(seconds) > 1 else [seconds[0]] * 3
    names = ("median", "q1", "q3", "min", "max")
    values = (quartiles[1], quartiles[0], quartiles[2], min(seconds), max(seconds))
    return {name: round(value * 1000, 3) for name, value in zip(names, values)}


def peak_rss_mb() -> float:
    """Largest resident set of this process so far, in MB of 10^6 bytes (Linux reports KiB).

    From /proc where there is one: getrusage counts the resident set of the process that started this one as well.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return round(int(line.split()[1]) * 1024 / 1e6, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1)


Make = Callable[[argparse.Namespace], Run]
"""Sets a peer up: imports, weights, hooks, input."""


def main(name: str, packages: tuple[str, ...], options: argparse.Namespace, make: Make) -> None:
    """Sets the peer up with `make` and measures it in the mode the options ask for."""
    if options.cold:
        result = measure_cold(options)
    elif options.serve:
        serve(options, make)
        return
    else:
        result = measure_warm(options, make)
    header = {
        "peer": name,
        "versions": {"python": platform.python_version(), **{package: version(package) for package in packages}},
        "options": {key: shown(value) for key, value in vars(options).items()},
    }
    print(json.dumps({**header, **result}))


def shown(value):
    """A path as the repository sees it, so that results do not name a machine's folders; other options as they are."""
    if not isinstance(value, Path):
        return value
    path = value.resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def measure_warm(options: argparse.Namespace, make: Make) -> dict:
    start = time.perf_counter()
    run = make(options)
    setup = time.perf_counter() - start
    runs = [timed(run) for _ in range(options.warmup + options.repeats)][options.warmup :]
    totals = [total for total, _ in runs]
    steps = {name: spread([steps.seconds[name] for _, steps in runs]) for name in runs[0][1].seconds}
    return {
        "mode": "warm",
        "setup_ms": round(setup * 1000, 3),
        "total_ms": spread(totals),
        "steps_ms": steps,
        "facts": runs[-1][1].facts,
        "runs_ms": [round(total * 1000, 3) for total in totals],
        "peak_rss_mb": peak_rss_mb(),
    }


def timed(run: Run) -> tuple[float, Steps]:
    steps = Steps()
    start = time.perf_counter()
    run(steps)
    return time.perf_counter() - start, steps


def measure_cold(options: argparse.Namespace) -> dict:
    """Every repeat starts an interpreter, imports, loads the weights and does one run; the first, which fills caches, is dropped."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--cold"]
    command = [sys.executable, sys.argv[0], *arguments, "--repeats", "1", "--warmup", "0"]
    totals, peaks = [], []
    for _ in range(1 + options.repeats):
        start = time.perf_counter()
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        totals.append(time.perf_counter() - start)
        peaks.append(json.loads(output.splitlines()[-1])["peak_rss_mb"])
    return {
        "mode": "cold",
        "total_ms": spread(totals[1:]),
        "runs_ms": [round(total * 1000, 3) for total in totals[1:]],
        "peak_rss_mb": max(peaks[1:]),
    }


def serve(options: argparse.Namespace, make: Make) -> None:
    """Prints {"ready": true}, then answers each line of stdin with the times of one run, until stdin ends."""
    run = make(options)
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        total, steps = timed(run)
        answer = {
            "total_ms": total * 1000,
            "steps_ms": {name: seconds * 1000 for name, seconds in steps.seconds.items()},
            "facts": steps.facts,
            "peak_rss_mb": peak_rss_mb(),
        }
        print(json.dumps(answer), flush=True)
