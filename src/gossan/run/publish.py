"""Seal a dossier: manifest, signature and time-stamp around everything drawn, then write it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gossan.case.context import OpenCase
from gossan.core.errors import GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.progress import Progress
from gossan.dossier.book import book_of
from gossan.dossier.stored import Model
from gossan.evidence import signature, timestamp
from gossan.evidence.ledger import Record, Step, resting_on
from gossan.evidence.manifest import MANIFEST, SIGNATURE, TIMESTAMP, manifest_of
from gossan.io.case_file import private_hosts
from gossan.io.keys import public_path, read_small, write_key, write_public
from gossan.io.tsa import ask
from gossan.run.dossier_target import put_dossier
from gossan.run.render import faces

NONE = "nobody"


@dataclass(frozen=True)
class Signing:
    """Who signs, and which time-stamp authority (its address) is asked; "" none."""

    secret: Ed25519PrivateKey
    tsa: str = ""

    @property
    def key(self) -> str:
        """The public key, as it is shown."""
        return signature.public_of(self.secret)


def new_key(path: Path, password: str = "") -> str:
    """Make a key at `path`, its public part beside it; returns the public key.

    A key of that password whose public part is missing was being made when it was killed: it
    gets its public part. Raises GossanError (SIGNATURE) for anything else that is there.
    """
    if path.is_file() and not public_path(path).exists():
        with suppress(GossanError):
            public = signing(path, password).key
            write_public(path, public)
            return public
    pem, public = signature.new_key(password.encode() or None)
    write_key(path, pem, public)
    return public


def signing(path: Path, password: str = "", tsa: str = "") -> Signing:
    """Read the key to sign with. Raises GossanError (SIGNATURE)."""
    pem = read_small(path, "a secret key")
    return Signing(signature.load_key(pem, password.encode() or None), tsa)


def public_key(text: str) -> str:
    """A public key given as text, or as a file that holds it."""
    path = Path(text)
    there = len(text) < 300 and path.is_file()  # a path may not be longer on some systems
    if there and (beside := public_path(path)).is_file():
        path = beside
    return signature.named_key(
        read_small(path, "a public key").decode("utf-8", "replace") if there else text
    )


def chain_of(case: OpenCase) -> list[Record]:
    """The records a dossier of the case rests on."""
    return resting_on(case.db.ledger())


def signed_by(signs: Signing | None) -> str:
    """What the page says of the signer."""
    return "" if signs is None else signs.key


def publish(
    case: OpenCase,
    target: Path,
    model: Model,
    chain: list[Record],
    signs: Signing | None,
    progress: Progress,
) -> None:
    """Write the dossier of `model`, resting on `chain`, to the folder `target`; record it once.

    Raises GossanError (DOSSIER) where it cannot be written, (OUTPUT) where `target` is not its
    own, (TIMESTAMP) where an authority was named and gives none.
    """
    from gossan.dossier.chapter_charts import draw  # loads slowly

    made, head = case.db.maker(), chain[-1][1]
    with progress.task("Writing the dossier", 2) as task:
        book = book_of(model)
        charts = draw(book.all)
        task.advance()
        files = faces(model, book, charts, made, chain)
        manifest = manifest_of(model.case_name, model.as_of.isoformat(), made, head, files).bytes
        sealed = {**files, MANIFEST: manifest, **_signed(case, manifest, signs)}
        put_dossier(case, target, sealed, progress.say)
        task.advance()
    digest = hash_bytes(manifest)
    if case.db.get("dossier_hash") == digest:
        return
    step = Step(
        "dossier",
        {"ledger": head},
        {"signed_by": signed_by(signs) or NONE},
        {"hash": digest, "n": len(files)},
    )
    case.db.append(step.seal)
    case.db.put("dossier_hash", digest)


def _signed(case: OpenCase, manifest: bytes, signs: Signing | None) -> dict[str, bytes]:
    if signs is None:
        return {}
    reply = None
    if signs.tsa:
        over = signature.sign(signs.secret, manifest)
        wanted = timestamp.request_for(over)
        reply = ask(signs.tsa, wanted.body, private_hosts(case.folder))
        timestamp.check_reply(reply, over, nonce=wanted.nonce)
    sealed = {SIGNATURE: signature.seal(signs.secret, manifest, reply).bytes}
    return sealed if reply is None else {**sealed, TIMESTAMP: reply}
