"""Start many real updates quickly: a process that has loaded everything once forks for each.

Reads case folders from standard input, one a line. For each it prints the child's process id at
once; asked to `wait` it prints the child's exit status when it has ended (negative: killed by that
signal). Until then the process id stays the child's own, also when it has ended, so it can be
killed at any time. What the command would say of an error goes to standard error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import IO


class Forker:
    """The other end: use as a context manager. `stderr` as in `subprocess.Popen`."""

    def __init__(self, stderr: IO[str] | None = None) -> None:
        self.stderr = stderr

    def __enter__(self) -> Forker:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stderr,
            text=True,
        )
        if self._line() != "ready":
            self._process.communicate()
            raise RuntimeError("the forker did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(self, case: Path) -> int:
        """Start the update of a case; returns its process id."""
        self._say(str(case))
        return int(self._line())

    def wait(self) -> int:
        """Exit status of the update started last; -9 where it was killed."""
        self._say("wait")
        return int(self._line())

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def main() -> None:
    warm()
    print("ready", flush=True)
    child = 0
    for line in sys.stdin:
        if line.strip() == "wait":
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        child = os.fork()
        if child == 0:
            run(Path(line.strip()))
        print(child, flush=True)


def warm() -> None:
    """Load the code, the compiled kernels too, and start no thread: that would not be forked."""
    import numpy as np

    import gossan.run.advance  # noqa: F401
    from gossan.core.params import MonitorParams
    from gossan.monitor.fit import fit
    from gossan.monitor.step import step_into

    bands, params = ("B02", "B04", "B08", "B11"), MonitorParams()
    days = np.arange(17000, 17400, 20, dtype=np.int32)
    values = np.full((len(days), len(bands), 2, 2), 0.2, np.float32)
    seen = np.ones((len(days), 2, 2), bool)
    step_into(fit(values, seen, days, params, bands), values[0], seen[0], 17500, params)


def run(case: Path) -> None:
    """In the child: one update; ends with the statuses of the command."""
    from gossan.core.errors import GossanError
    from gossan.core.progress import Silent
    from gossan.run.update import update

    status = 1
    try:
        update(case, Silent())
        status = 0
    except GossanError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        status = 2
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
