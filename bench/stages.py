"""Cost of each stage of the main job on the images that ship here: `python -m bench.stages`.

The job is the one a user runs (case, update, sites, dossier, an update with nothing new), in
one process and a temporary folder; a listener on its progress takes the times. Each repeat
starts from an empty folder. The first one also loads compiled code, so it is the slowest.
"""

import argparse
import os
import platform
import resource
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gossan.case.context import open_case
from gossan.case.sites import find_case_sites
from gossan.case.state import monitored
from gossan.core.progress import Silent
from gossan.io.catalogue.optical_items import SENTINEL_2
from gossan.io.catalogue.search import plan
from gossan.io.catalogue.sources import open_source
from gossan.run.demo import make_demo_case
from gossan.run.dossier import write_dossier
from gossan.run.update import update

WRITING = ("charts", "page", "pdf", "tables and files")
"""Units of the task "Writing the dossier", in order."""


def peak_mb() -> float:
    """Largest resident memory of this process so far, MiB (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Times:
    """Seconds and peak memory of stages by name, over all repeats."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.peak: dict[str, float] = {}

    def add(self, name: str, seconds: float) -> None:
        """One more measurement of a stage that has just ended."""
        self.seconds[name].append(seconds)
        self.peak.setdefault(name, peak_mb())

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Measure what runs in the context."""
        start = time.perf_counter()
        yield
        self.add(name, time.perf_counter() - start)


class Units:
    """A task whose units are stages of their own."""

    def __init__(self, times: Times) -> None:
        self.times = times
        self.names = iter(WRITING)
        self.start = time.perf_counter()

    def advance(self, n: int = 1) -> None:  # noqa: ARG002
        """The next unit is done."""
        now = time.perf_counter()
        self.times.add(f"  {next(self.names)}", now - self.start)
        self.start = now


class Listener:
    """Takes the time of every task the job reports."""

    def __init__(self, times: Times) -> None:
        self.times = times

    def say(self, text: str) -> None:
        """Say nothing."""

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Silent | Units]:  # noqa: ARG002
        """Measure one task under its label."""
        with self.times.of(f"  {label.lower()}"):
            yield Units(self.times) if label == "Writing the dossier" else Silent()


def job(folder: Path, times: Times) -> dict[str, int]:
    """Run the whole job once; returns how many scenes the stages worked on, and the pixels."""
    listener = Listener(times)
    make_demo_case(folder)
    with open_case(folder) as case, times.of("search"):
        c = case.config
        assert c.end is not None
        source = open_source(c.source, base=folder)
        plan(source, c.geometry, c.start, c.end, c.masks.max_cloud_percent, SENTINEL_2)
    with times.of("update"):
        done = update(folder, listener)
    with times.of("sites"):
        find_case_sites(folder)
    with times.of("dossier"):
        write_dossier(folder, None, listener)
    with times.of("update, nothing new"):
        update(folder, listener)
    with open_case(folder) as case:
        state = monitored(case)
    stepped = len(state.head.steps)
    return {
        "pixels": state.frame.inside.size,
        "search": done.listed,
        "  reading scenes": done.read,
        "  learning the history": len(state.looks) - stepped,
        "  following pixels": stepped,
    }


def report(times: Times, counts: dict[str, int], line: Callable[[str], None]) -> None:
    """The table, one line per stage. Per scene and per pixel from the median."""
    line(
        f"{'stage':<26}{'min s':>8}{'median':>8}{'max':>8}"
        f"{'scenes':>8}{'ms/scene':>10}{'us/px/scene':>13}{'peak MiB':>10}"
    )
    for name, seconds in times.seconds.items():
        middle = statistics.median(seconds)
        text = f"{name:<26}{min(seconds):>8.3f}{middle:>8.3f}{max(seconds):>8.3f}"
        if name in counts:
            each = middle / counts[name]
            per_pixel = f"{1e6 * each / counts['pixels']:.3f}" if name != "search" else "-"
            text += f"{counts[name]:>8}{1e3 * each:>10.2f}{per_pixel:>13}"
        else:
            text += f"{'-':>8}{'-':>10}{'-':>13}"
        line(f"{text}{times.peak[name]:>10.0f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Cost of each stage on the shipped images.")
    parser.add_argument("--quick", action="store_true", help="one repeat instead of three")
    repeats = 1 if parser.parse_args().quick else 3
    times, counts = Times(), {}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as parent:
            counts = job(Path(parent) / "case", times)
    report(times, counts, print)
    print(
        f"\n{repeats} repeats, {counts['pixels']} pixels; Python {platform.python_version()}, "
        f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}. Indented stages are parts of "
        "the next or last one not indented.\nPeak memory is that of the process up to the end "
        "of the stage's first run, so it never falls."
    )


if __name__ == "__main__":
    main()
