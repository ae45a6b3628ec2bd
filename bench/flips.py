"""A thousand random single-byte changes over the files of a signed dossier: is each detected?

    python -m bench.flips [DOSSIER] [N] [SEED]

Files are drawn by chance, half of the time in proportion to their size and half of the time each
alike, so that small ones are not forgotten. Without a folder a small dossier is made, with a
time-stamp of a local authority. Prints what went undetected; ends with 1 if anything did.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.support.dossiers import make_case, make_key
from tests.support.tsa import authority

from gossan.core.errors import GossanError
from gossan.core.progress import Silent
from gossan.run.dossier import write_dossier
from gossan.run.publish import signing
from gossan.run.verify import verify


def main() -> int:
    """Change, verify, change back; 0 where every change was detected."""
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        if len(sys.argv) > 1:
            copy = Path(shutil.copytree(sys.argv[1], room / "dossier"))
        else:
            case, key = make_case(room), make_key(room)
            with authority(room / "tsa") as tsa:
                copy = write_dossier(case, None, Silent(), signing(key, "", (tsa.url,)))
        verify(copy, Silent())
        start = time.monotonic()
        missed = [m for _ in range(n) if (m := _flip(copy, rng))]
        verify(copy, Silent())
    print(f"{n} changes, {len(missed)} undetected, {time.monotonic() - start:.0f} s")
    print(*missed, sep="\n")
    return int(bool(missed))


def _flip(copy: Path, rng: random.Random) -> str:
    """One change; where it was, if nobody noticed."""
    files = sorted(p for p in copy.rglob("*") if p.is_file() and p.stat().st_size)
    sizes = [p.stat().st_size for p in files] if rng.random() < 0.5 else None
    path = rng.choices(files, sizes)[0]
    data = path.read_bytes()
    at = rng.randrange(len(data))
    path.write_bytes(data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :])
    try:
        verify(copy, Silent())
    except GossanError:
        return ""
    else:
        return f"{path.relative_to(copy)} at byte {at}"
    finally:
        path.write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
