"""Seal a dossier: manifest, signature and time-stamp around everything drawn, then write it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gossan.case.context import OpenCase
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.progress import Progress
from gossan.core.sealed import SALT_BYTES
from gossan.core.words import tr
from gossan.dossier.book import book_of
from gossan.dossier.chapter_parts import Charts
from gossan.dossier.stored import Model, plain_of
from gossan.evidence import binding, signature, timestamp
from gossan.evidence.ledger import Record, Step, resting_on
from gossan.evidence.manifest import MANIFEST, SIGNATURE, STAMPS, manifest_of
from gossan.io.case_file import read_local
from gossan.io.keys import public_path, read_small, write_key, write_public
from gossan.io.network.tsa import ask
from gossan.run.dossier_target import put_dossier
from gossan.run.render import faces

SALT = "shown_salt"
"""Value of the case: the salt of what its newest dossier shows."""


@dataclass(frozen=True)
class Signing:
    """Who signs, and which time-stamp authorities (their addresses) are asked, in order."""

    secret: Ed25519PrivateKey
    authorities: tuple[str, ...] = ()

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


def signing(path: Path, password: str = "", authorities: Sequence[str] = ()) -> Signing:
    """Read the key to sign with. Raises GossanError (SIGNATURE), also for too many authorities."""
    if len(authorities) > len(STAMPS):
        raise GossanError(
            Code.SIGNATURE,
            tr(
                "Expected at most {n_stamps} time-stamp authorities, found {n_authorities}.",
                n_stamps=len(STAMPS),
                n_authorities=len(authorities),
            ),
        )
    pem = read_small(path, tr("a secret key"))
    return Signing(signature.load_key(pem, password.encode() or None), tuple(authorities))


def public_key(text: str) -> str:
    """A public key given as text, or as a file that holds it."""
    path = Path(text)
    there = len(text) < 300 and path.is_file()  # a path may not be longer on some systems
    if there and (beside := public_path(path)).is_file():
        path = beside
    return signature.named_key(
        read_small(path, tr("a public key")).decode("utf-8", "replace") if there else text
    )


def chain_of(case: OpenCase) -> list[Record]:
    """The records a dossier of the case rests on."""
    return resting_on(case.db.ledger())


def signed_by(signs: Signing | None) -> str:
    """What the page says of the signer."""
    return "" if signs is None else signs.key


def publish(
    case: OpenCase, target: Path, model: Model, signs: Signing | None, progress: Progress
) -> None:
    """Write the dossier of `model` to the folder `target`; bind its parts and record it once.

    What the model says of the ledger's end is filled in here.

    Raises GossanError (DOSSIER) where it cannot be written, (OUTPUT) where `target` is not its
    own, (TIMESTAMP) where an authority was named and gives none.
    """
    from gossan.dossier.chapter_charts import draw  # loads slowly

    made = case.db.maker()
    with progress.task(tr("Writing the dossier"), 2) as task:
        charts = draw(book_of(model).all)
        task.advance()
        model = _bound(case, model, charts)
        chain, book = chain_of(case), book_of(model)
        head = chain[-1][1]
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
        {"signed_by": signed_by(signs) or binding.NOBODY},
        {"hash": digest, "n": len(files)},
    )
    case.db.append(step.seal)
    case.db.put("dossier_hash", digest)


def _bound(case: OpenCase, model: Model, charts: Charts) -> Model:
    """The model resting on the record that binds its parts, which is written where the last one
    has other parts, another signer, or was written by another build."""
    salt = case.db.get(SALT) or secrets.token_hex(SALT_BYTES)
    plain, _ = plain_of(replace(model, salt=salt))
    step = binding.shown_step(binding.parts_of(plain, charts), model.signer)
    last = binding.bound_in(chain_of(case))
    new = {"parameters": step.parameters, "outputs": step.outputs, **asdict(case.db.maker())}
    if last is None or {k: last.get(k) for k in new} != new:
        case.db.append(step.seal, values={SALT: salt})
    return replace(model, salt=salt, ledger_head=chain_of(case)[-1][1])


def _signed(case: OpenCase, manifest: bytes, signs: Signing | None) -> dict[str, bytes]:
    if signs is None:
        return {}
    over, replies = signature.sign(signs.secret, manifest), []
    for authority in signs.authorities:
        wanted = timestamp.request_for(over)
        reply = ask(authority, wanted.body, read_local(case.folder).private_hosts)
        timestamp.check_reply(reply, over, nonce=wanted.nonce)
        replies.append(reply)
    sealed = {SIGNATURE: signature.seal(signs.secret, manifest, replies).bytes}
    return {**sealed, **dict(zip(STAMPS, replies, strict=False))}
