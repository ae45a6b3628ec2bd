"""Is the ownership export what the Beneficial Ownership Data Standard says?

`python -m bench.bods` writes an export and runs Open Ownership's own validator over it. That is
`libcovebods` (AGPL, so no dependency of gossan): `pip install libcovebods` in an environment of
its own, and give its command as an argument where it is not on the path.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench.claims import CENTRE
from gossan.claims import bods
from gossan.claims.extract import extract
from gossan.core.statements import PublicationDate, Report
from gossan.io.gazetteer import Sources, open_gazetteer

TEXT = (
    "Acacia Holdings acquired a 51% stake in Geita Minerals Ltd on October 3. Base Metals is a "
    "wholly owned subsidiary of the Vallex Group, registered in Vaduz. Vallex Group is based in "
    "Switzerland."
)
CHECKS = ("jsonschemavalidate", "additionalfields")


def main() -> None:
    """Print what the validator finds; empty lists mean nothing."""
    command = sys.argv[1] if len(sys.argv) > 1 else shutil.which("libcovebods")
    if not command:
        raise SystemExit("libcovebods is not here: pip install libcovebods, then name its command")
    published = PublicationDate(date(2023, 1, 1), "given")
    report = Report("R-1", "", "", "bench", "text", "", "", "", published, "en", TEXT)
    with tempfile.TemporaryDirectory() as folder:
        gazetteer = open_gazetteer(Path(folder) / "places.db", Sources(*CENTRE["LI"], None))
        made = bods.statements(extract(report, gazetteer), {report.id: report}, "2026-01-01")
        path = Path(folder) / "bods.json"
        path.write_text(json.dumps(made), "utf-8")
        print(f"{len(made)} statements")
        for check in CHECKS:
            done = subprocess.run([command, check, str(path)], capture_output=True, text=True)
            print(f"{check}: {done.stdout.strip() or done.stderr.strip()[-300:]}")


if __name__ == "__main__":
    main()
