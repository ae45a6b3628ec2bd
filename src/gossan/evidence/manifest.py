"""The list of a dossier's files: what each holds, by hash, and what all of it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from gossan.core.agent import Agent
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.serialise import from_plain
from gossan.core.words import tr

FORMAT = "gossan-dossier/2"
UNBOUND = "gossan-dossier/1"
"""Dossiers of older gossans, whose ledgers do not hold each part that is shown."""
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
STAMPS = ("timestamp.tsr", *(f"timestamp-{n}.tsr" for n in range(2, 10)))
"""Replies of time-stamp authorities, in the order in which these were asked."""
BESIDE = (MANIFEST, SIGNATURE, *STAMPS)
"""Files a manifest does not list: itself, and what is made over it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file: its hash and its size in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """What `manifest.json` holds.

    Attributes
    ----------
    format : FORMAT, or UNBOUND
    case : its name
    as_of : the dossier's own date, ISO; never the clock
    who, software, code, packages : as in `core.agent.Agent`
    ledger : hash of the record the dossier rests on
    files : path in the dossier -> hash and size
    """

    format: str
    case: str
    as_of: str
    who: str
    software: str
    code: str
    packages: str
    ledger: str
    files: dict[str, Listed]

    @property
    def bytes(self) -> bytes:
        """The file: sorted, one file a line, so that two can be compared by eye."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        return (text + "\n").encode()


def manifest_of(
    case: str, as_of: str, maker: Agent, ledger: str, files: Mapping[str, bytes]
) -> Manifest:
    """The manifest of `files`, by path."""
    listed = {n: Listed(hash_bytes(d), len(d)) for n, d in sorted(files.items())}
    return Manifest(FORMAT, case, as_of, **asdict(maker), ledger=ledger, files=listed)


def read_manifest(data: bytes) -> Manifest:
    """The file's content. Raises GossanError (DOSSIER) where it is not as gossan writes it."""
    try:
        found = from_plain(Manifest, json.loads(data))
        canonical = found.bytes  # half a surrogate pair in a name cannot be written at all
    except (ValueError, RecursionError) as error:
        raise GossanError(
            Code.DOSSIER,
            tr("{file} cannot be read: {reason}.", file=MANIFEST, reason=str(error)[:200]),
            tr("The dossier is broken or was changed; ask for it again."),
        ) from None
    if found.format not in (FORMAT, UNBOUND):
        raise GossanError(
            Code.DOSSIER,
            tr(
                '{file} should be of format {expected}, found "{found}".',
                file=MANIFEST,
                expected=FORMAT,
                found=found.format[:40],
            ),
            tr("Use the gossan that wrote it, or a newer one."),
        )
    if canonical != data:
        raise GossanError(
            Code.DOSSIER, tr("{file} is not written as gossan writes it.", file=MANIFEST)
        )
    return found


def first_difference(manifest: Manifest, files: Mapping[str, bytes]) -> str | None:
    """The first file that is not as listed, and how, in words; None where all are."""
    for name, listed in sorted(manifest.files.items()):
        data = files.get(name)
        if data is None:
            return tr("{name} is missing.", name=name)
        if len(data) < listed.bytes:
            return tr(
                "{name} was cut short: {size} of {bytes} bytes.",
                name=name,
                size=len(data),
                bytes=listed.bytes,
            )
        if len(data) > listed.bytes:
            return tr(
                "{name} has {size} bytes more than the manifest says.",
                name=name,
                size=len(data) - listed.bytes,
            )
        if hash_bytes(data) != listed.sha256:
            return tr("{name} was changed after the manifest was written.", name=name)
    extra = sorted(set(files) - set(manifest.files) - set(BESIDE))
    return tr("{extra} is not listed in the manifest.", extra=extra[0]) if extra else None
