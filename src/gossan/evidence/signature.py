"""Ed25519: who stands behind a dossier, and that no byte of it has changed since.

Two signatures. The first is over the manifest, and it is what time-stamp authorities may be
asked to stamp. The second seals the first together with their replies, so that no byte
of these can change either. Ed25519 (RFC 8032) has no random part: the same key and dossier give
the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gossan.core.errors import Code, GossanError
from gossan.core.hashing import canonical_json, hash_bytes
from gossan.core.words import tr

FORMAT = "gossan-signature/2"
ONE_STAMP = "gossan-signature/1"
"""As older gossans wrote it, with one time-stamp at most."""
MANIFEST_CONTEXT = b"gossan manifest 1\n"
SEAL_CONTEXT = b"gossan seal 1\n"
_KEY = re.compile(r"ed25519:[0-9a-f]{64}")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class Signature:
    """What `signature.json` holds.

    Attributes
    ----------
    format : FORMAT, or ONE_STAMP
    key : public key of the signer, "ed25519:<64 hex digits>"
    manifest : hash of the manifest's bytes
    signature : over the manifest's bytes, 128 hex digits
    timestamps : hashes of the authorities' replies, in order; none where none was asked for
    seal : over all of the above, 128 hex digits
    """

    format: str
    key: str
    manifest: str
    signature: str
    timestamps: tuple[str, ...]
    seal: str

    @property
    def bytes(self) -> bytes:
        """The file, canonical: no other bytes say the same."""
        return canonical_json({**_flat(self), "seal": self.seal, "format": self.format}) + b"\n"


def new_key(password: bytes | None = None) -> tuple[bytes, str]:
    """A new secret key as PEM (PKCS 8), encrypted where a password is given, and its public key."""
    secret = Ed25519PrivateKey.generate()
    locked = BestAvailableEncryption(password) if password else NoEncryption()
    return secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked), public_of(secret)


def load_key(pem: bytes, password: bytes | None = None) -> Ed25519PrivateKey:
    """A secret key. Raises GossanError (SIGNATURE) where it is none, or locked."""
    try:
        secret = load_pem_private_key(pem, password)
    except TypeError as error:  # cryptography's way to say that a password is missing or needless
        raise _no_key(tr("the password does not fit ({reason})", reason=error)) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _no_key(tr("it cannot be read, or the password is wrong")) from None
    if not isinstance(secret, Ed25519PrivateKey):
        raise _no_key(tr("it is a key of another kind"))
    return secret


def public_of(secret: Ed25519PrivateKey) -> str:
    """The public key, "ed25519:<64 hex digits>": it is its own fingerprint."""
    return f"ed25519:{secret.public_key().public_bytes_raw().hex()}"


def named_key(text: str) -> str:
    """A public key as a person gives it: with or without prefix, spaces or capitals.

    Raises GossanError (SIGNATURE) where it is none.
    """
    words = text.strip().lower().split()
    joined = "".join(words)
    found = _KEY.search(joined) or _KEY.search(f"ed25519:{joined}")
    if found is None:
        raise GossanError(
            Code.SIGNATURE,
            tr(
                'Expected a public key of 64 hexadecimal digits, found "{found}".',
                found=text.strip()[:80],
            ),
            tr("`gossan key new` prints one; it also stands in the .pub file beside the key."),
        )
    return found[0]


def sign(secret: Ed25519PrivateKey, manifest: bytes) -> bytes:
    """The signature over a manifest, 64 bytes: what a time-stamp is asked for."""
    return secret.sign(MANIFEST_CONTEXT + manifest)


def seal(secret: Ed25519PrivateKey, manifest: bytes, replies: Sequence[bytes] = ()) -> Signature:
    """Everything signed: the manifest, and the `replies` of time-stamp authorities."""
    stamps = tuple(hash_bytes(r) for r in replies)
    open_ = Signature(
        FORMAT, public_of(secret), hash_bytes(manifest), sign(secret, manifest).hex(), stamps, ""
    )
    return replace(open_, seal=secret.sign(SEAL_CONTEXT + _sealed(open_)).hex())


def read_signature(data: bytes) -> Signature:
    """The file's content. Raises GossanError (SIGNATURE) where it is not as gossan writes it."""
    try:
        body = json.loads(data)
        if body.get("format") == ONE_STAMP:
            stamp = body.pop("timestamp")
            body["timestamps"] = [] if stamp is None else [stamp]
        found = Signature(**{**body, "timestamps": tuple(body["timestamps"])})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _broken(tr("it is not what gossan writes")) from None
    texts: tuple[tuple[re.Pattern[str], Any], ...] = (
        (_KEY, found.key),
        (_HASH, found.manifest),
        (_SIGNATURE, found.signature),
        (_SIGNATURE, found.seal),
        *((_HASH, stamp) for stamp in found.timestamps),
    )
    if found.format not in (FORMAT, ONE_STAMP) or not all(
        isinstance(t, str) and pattern.fullmatch(t) for pattern, t in texts
    ):
        raise _broken(tr("a field of it is not what gossan writes"))
    if found.bytes != data:
        raise _broken(tr("its bytes are not the ones that say this"))
    return found


def check(found: Signature, manifest: bytes, replies: Sequence[bytes] = ()) -> None:
    """That the signature is of this manifest and these replies.

    Raises GossanError (SIGNATURE) saying which part does not fit.
    """
    if found.manifest != hash_bytes(manifest):
        raise GossanError(Code.SIGNATURE, tr("The manifest was changed after it was signed."))
    if found.timestamps != tuple(hash_bytes(r) for r in replies):
        raise GossanError(
            Code.SIGNATURE,
            tr(
                "{n_timestamps} time-stamps were signed, {n_replies} are here: one was "
                "changed, removed or added.",
                n_timestamps=len(found.timestamps),
                n_replies=len(replies),
            )
            if len(found.timestamps) != len(replies)
            else tr("A time-stamp is not the one that was signed."),
        )
    public = Ed25519PublicKey.from_public_bytes(raw_key(found.key))
    try:
        public.verify(bytes.fromhex(found.signature), MANIFEST_CONTEXT + manifest)
        public.verify(bytes.fromhex(found.seal), SEAL_CONTEXT + _sealed(found))
    except InvalidSignature:
        raise GossanError(
            Code.SIGNATURE,
            tr("The signature was not made with the key it names, {key}.", key=found.key),
        ) from None


def raw_key(key: str) -> bytes:
    """The 32 bytes of a public key "ed25519:<64 hex digits>"."""
    return bytes.fromhex(key.removeprefix("ed25519:"))


def _sealed(found: Signature) -> bytes:
    return canonical_json(_flat(found))


def _flat(found: Signature) -> dict[str, Any]:
    """What the seal is over, by name: as the file of this format has it."""
    body: dict[str, Any] = {k: getattr(found, k) for k in ("key", "manifest", "signature")}
    if found.format == ONE_STAMP:
        return {**body, "timestamp": next(iter(found.timestamps), None)}
    return {**body, "timestamps": list(found.timestamps)}


def _no_key(why: str) -> GossanError:
    return GossanError(
        Code.SIGNATURE,
        tr("Expected a secret key as `gossan key new` makes it, but {reason}.", reason=why),
        tr("Make one with `gossan key new FILE`."),
    )


def _broken(why: str) -> GossanError:
    return GossanError(Code.SIGNATURE, tr("signature.json cannot be read: {reason}.", reason=why))
