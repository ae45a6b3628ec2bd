"""Run many commands of gossan quickly, each in a process of its own, where the test wants them.

    ... python -m tests.support.commands < commands.json > results.json

A process that has loaded everything once forks for each command, so that one that is started
within another mount namespace or without a privilege costs seconds for all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = os.geteuid() == 0
OWN_MOUNTS = ["unshare", "--mount"] if ROOT else ["unshare", "--user", "--map-root-user", "--mount"]
BOUND = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if ROOT else []
"""So root minds permissions too; it stays root, so that nothing else is new to it."""


@dataclass(frozen=True)
class Done:
    """One command's end."""

    status: int
    out: str
    err: str


def run(commands: Sequence[Sequence[str | Path]], within: Sequence[str] = ()) -> list[Done]:
    """The commands' ends, in order. `within` is what the process is started by."""
    done = subprocess.run(
        [*within, sys.executable, "-m", "tests.support.commands"],
        input=json.dumps([[str(w) for w in c] for c in commands]),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "80"},
    )
    return [Done(**d) for d in json.loads(done.stdout)]


def read_only(folder: Path) -> list[str]:
    """A start within which `folder` lies on a write-protected medium."""
    script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    return [*OWN_MOUNTS, "sh", "-c", script, str(folder)]


def possible(within: Sequence[str]) -> bool:
    """Whether anything can be started so here."""
    try:
        return subprocess.run([*within, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def main() -> None:
    import gossan.cli.app
    from tests.support.forker import warm

    warm()
    done = []
    for words in json.load(sys.stdin):
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            child = os.fork()
            if child == 0:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                _command(gossan.cli.app.main, words)
            _, status = os.waitpid(child, 0)
            out.seek(0)
            err.seek(0)
            done.append(
                {"status": os.waitstatus_to_exitcode(status), "out": out.read(), "err": err.read()}
            )
    json.dump(done, sys.stdout)


def _command(entry: object, words: list[str]) -> None:
    status: object = 1
    sys.argv = ["gossan", *words]
    try:
        entry()  # type: ignore[operator]
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    main()
