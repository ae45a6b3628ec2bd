"""The chain of custody as a table: who captured what, when and how, and what became of it.

Words as in the Berkeley Protocol on Digital Open Source Investigations (UN OHCHR and HRC UC
Berkeley, 2022): its phases of an investigation, originals apart from working copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

from gossan.core.clock import set_back
from gossan.core.csv_text import csv_bytes
from gossan.evidence.ledger import Record

ONLINE, ASSESSMENT, COLLECTION = "online inquiry", "preliminary assessment", "collection"
VERIFICATION, ANALYSIS, REPORTING = "verification", "investigative analysis", "reporting"
PHASES = {
    "search": ONLINE,
    "read": COLLECTION,
    "report": COLLECTION,
    "fit": ANALYSIS,
    "step": ANALYSIS,
    "back": ANALYSIS,
    "limits": ANALYSIS,
    "sites": ANALYSIS,
    "sensitivity": ANALYSIS,
    "questions": ASSESSMENT,
    "verdicts": ANALYSIS,
    "redact": COLLECTION,
    "shown": REPORTING,
    "dossier": REPORTING,
}
METHODS = {
    "search": "query of the catalogue for every image of the area and period",
    "read": "windows of the image's files read by byte range and stored as delivered",
    "report": "document fetched or given, archived as received, identifiers of people redacted "
    "in the working copy",
    "fit": "seasonal model of every pixel learned from the history",
    "step": "one image held against the model",
    "back": "state taken back to an earlier image, because an image was added or changed",
    "limits": "patches of known size implanted and looked for",
    "sites": "changed pixels joined to sites and measured",
    "sensitivity": "verdicts and sites found again without images and with other thresholds",
    "questions": "question fixed before the ground was looked at",
    "verdicts": "question held against the measurements",
    "redact": "content found to identify somebody struck from the case, with its salts",
    "shown": "every part of the report hashed with a salt before it was written",
    "dossier": "report written",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log.

    Attributes
    ----------
    record : number and hash of the ledger's record
    when : UTC, when the step ended
    phase : of the investigation, as the Berkeley Protocol names it
    action, method : what was done, and how in words
    by : who, as named in the case, and with what program and code
    item : what it concerns
    source : where it came from, without secrets
    original : the original and where it stays: its checksum at the provider, or the archived file
    working_copy : hash of what gossan works with
    """

    record: int
    hash: str
    when: str
    phase: str
    action: str
    method: str
    by: str
    program: str
    code: str
    item: str
    source: str
    original: str
    working_copy: str


def custody(records: Iterable[Record]) -> list[Entry]:
    """The log of a chain, in its order; what was done after the clock was set back says so."""
    entries = [_entry(body, digest) for body, digest in records]
    for n, _, before in set_back(e.when for e in entries):
        told = f"{entries[n].method} (the clock was set back: the record before says {before})"
        entries[n] = replace(entries[n], method=told.strip())
    return entries


def custody_csv(records: Iterable[Record]) -> bytes:
    """The same as CSV."""
    return csv_bytes([f.name for f in fields(Entry)], map(astuple, custody(records)))


def _entry(body: Mapping[str, Any], digest: str) -> Entry:
    action = str(body["action"])
    kind = action.removeprefix("radar-")
    claims = kind.startswith("claims-")
    inputs, outputs = body["inputs"], body["outputs"]
    item, source, original, copy = _what(kind, inputs, outputs)
    return Entry(
        body["seq"],
        digest,
        body["when"],
        VERIFICATION if claims else PHASES.get(kind, ANALYSIS),
        action,
        "claims reviewed by a person" if claims else METHODS.get(kind, ""),
        str(body.get("who", "")),
        str(body["software"]),
        str(body.get("code", "")),
        item,
        source,
        original,
        copy,
    )


def _what(
    kind: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any]
) -> tuple[str, str, str, str]:
    """Item, source, original and working copy of a step."""
    match kind:
        case "search":
            told = f"{len(outputs['read'])} images to read, {len(outputs['aside'])} set aside"
            return told, str(inputs["source"]), "", str(outputs["hash"])
        case "read":
            hrefs = [h for assets in inputs["hrefs"].values() for h in assets.values()]
            sums = [f"{i}/{a}={c}" for i, s in inputs["checksums"].items() for a, c in s.items()]
            told = inputs.get("etags", {}).items()
            tags = [f"{i}/{a}={t}" for i, s in told for a, t in s.items()]
            copy = " ".join(f"{b}={h}" for b, h in outputs["hashes"].items())
            stays = " ".join(["stays with its provider:", *(sums or tags or ["no checksum given"])])
            return " ".join(inputs["items"]), " ".join(hrefs), stays, copy
        case "report":
            if "origin" not in inputs and "published" not in inputs:
                return str(outputs["report"]), "", "", " ".join(_marks(outputs, "claims"))
            kept = outputs.get("kept")
            original = f"{inputs.get('sha256', '')} {f'kept as {kept}' if kept else 'not kept'}"
            name = str(outputs.get("report", inputs.get("report", "")))
            return name, str(inputs.get("origin", "")), original if "sha256" in inputs else "", ""
        case "fit" | "step" | "back":
            return str(inputs.get("scene", "the history")), "", "", str(outputs["hash"])
        case "limits" | "sites" | "sensitivity":
            return f"{outputs.get('n', '')} {kind}".strip(), "", "", str(outputs.get("hash", ""))
        case "verdicts" | "questions":
            marks = _marks(outputs, kind)
            return " ".join(outputs[kind]), "", "", " ".join(marks)
        case "shown":
            return f"{len(outputs['parts'])} parts of the report", "", "", ""
        case "dossier":
            return "dossier", "", "", str(outputs["hash"])
        case "redact":
            told = f"{len(outputs['struck'])} struck"
            return " ".join([told, *outputs["struck"]]), "", "", " ".join(outputs["now"])
    return " ".join(outputs.get("claims", {})), "", "", ""


def _marks(outputs: Mapping[str, Any], key: str) -> list[str]:
    """Salted hashes of what a record is about; older records name each with a plain hash."""
    found = outputs.get(key, [])
    return [str(v) for v in (found.values() if isinstance(found, Mapping) else found)]
