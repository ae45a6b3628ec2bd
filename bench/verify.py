"""How long verification takes, and what the record of what is shown adds to a ledger.

    python -m bench.verify DOSSIER [SITES]

The dossier is verified three times in processes of their own, as a person calls it: the times by
the clock and by the processor. With SITES it is first made into one of so many sites, copies of
its own under other names, and a ledger that says so.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.dossiers import make_key
from tests.support.forgeries import chain_of, drawn_of, plain_model, public, read, write

from gossan.case.documents import digest
from gossan.core.hashing import canonical_json, hash_bytes, hash_json
from gossan.core.site_row import sites_hash
from gossan.dossier.figures import summary_of
from gossan.dossier.model import DossierModel
from gossan.dossier.stored import from_file, plain_of
from gossan.evidence import binding
from gossan.evidence.ledger import GENESIS, Record

TURNS = 3


def main() -> None:
    """Measure and print."""
    dossier = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        if len(sys.argv) > 2:
            dossier = _many(dossier, Path(name), int(sys.argv[2]))
        chain = chain_of(dossier)
        sizes = [len(canonical_json(r)) for r, _ in chain]
        parts = len(chain[-1][0]["outputs"]["parts"])
        print(f"{len(plain_model(dossier).get('sites', []))} sites, {parts} parts on record")
        print(f"{sizes[-1]} of the ledger's {sum(sizes)} bytes are the record of what is shown")
        for charts in ([], ["--charts"]):
            for _ in range(TURNS):
                _timed(
                    [str(Path(sys.executable).with_name("gossan")), "verify", str(dossier), *charts]
                )


def _timed(words: list[str]) -> None:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    after, taken = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = f"{taken:.2f} s, {cpu:.2f} s of processor, ends with {done.returncode}"
    print(f"{' '.join(words[3:]) or 'verify'}: {told} {done.stderr[:200]}")


def _many(dossier: Path, room: Path, n: int) -> Path:
    """The dossier with `n` sites."""
    blobs = {hash_bytes(d): d for d in read(dossier).values()}
    body = {"kind": "ground", "model": plain_model(dossier)}
    own = body["model"]["sites"]
    body["model"]["sites"] = [_named(deepcopy(own[i % len(own)]), i) for i in range(n)]
    model, _ = from_file(json.dumps(body).encode(), blobs)
    assert isinstance(model, DossierModel)
    key = make_key(room)
    sites = [s.site for s in model.sites]
    model = replace(model, summary=summary_of(sites), signer=public(key))
    chain = [r for r, _ in chain_of(dossier)]
    last = next(r for r in reversed(chain) if r["action"] == "sites")
    last["outputs"] = {"n": n, "hash": sites_hash(sites)}
    kinds = next(r for r in reversed(chain) if r["action"] == "kinds")
    marks = {i: digest(replace(k, decision=None)) for i, k in model.kinds.items()}
    kinds["outputs"] = {**kinds["outputs"], "kinds": marks}
    plain, _ = plain_of(model)
    step = binding.shown_step(binding.parts_of(plain, drawn_of(model)), model.signer)
    chain[-1] |= {"parameters": step.parameters, "outputs": step.outputs}
    sealed = _hashed(chain)
    return write(dossier, room / "many", key, replace(model, ledger_head=sealed[-1][1]), sealed)


def _named(section: dict[str, Any], n: int) -> dict[str, Any]:
    """A copy of a site under another name; the first 40 with pictures and charts."""
    name = f"S-{n:06x}"
    section["number"], section["site"]["id"] = n + 1, name
    if section["kind"]:
        section["kind"] |= {"site": name, "decision": None}
    return (
        section
        if n < 40
        else section | {"series": None, "strip": [], "before": None, "after": None}
    )


def _hashed(records: list[dict[str, Any]]) -> list[Record]:
    out: list[Record] = []
    for n, record in enumerate(records):
        body = {**record, "seq": n, "previous": out[-1][1] if out else GENESIS}
        out.append((body, hash_json(body)))
    return out


if __name__ == "__main__":
    main()
