"""Ed25519: who stands behind a dossier, and that no byte of it has changed since.

Two signatures. The first is over the manifest, and it is what a time-stamp authority may be
asked to stamp. The second seals the first together with the time-stamp's reply, so that no byte
of that can change either. Ed25519 (RFC 8032) has no random part: the same key and dossier give
the same bytes.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
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

FORMAT = "gossan-signature/1"
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
    format : FORMAT
    key : public key of the signer, "ed25519:<64 hex digits>"
    manifest : hash of the manifest's bytes
    signature : over the manifest's bytes, 128 hex digits
    timestamp : hash of the time-stamp's reply, None where none was asked for
    seal : over all of the above, 128 hex digits
    """

    format: str
    key: str
    manifest: str
    signature: str
    timestamp: str | None
    seal: str

    @property
    def bytes(self) -> bytes:
        """The file, canonical: no other bytes say the same."""
        return canonical_json(asdict(self)) + b"\n"


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
        raise _no_key(f"the password does not fit ({error})") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _no_key("it cannot be read, or the password is wrong") from None
    if not isinstance(secret, Ed25519PrivateKey):
        raise _no_key("it is a key of another kind")
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
            f'Expected a public key of 64 hexadecimal digits, found "{text.strip()[:80]}".',
            "`gossan key new` prints one; it also stands in the .pub file beside the key.",
        )
    return found[0]


def sign(secret: Ed25519PrivateKey, manifest: bytes) -> bytes:
    """The signature over a manifest, 64 bytes: what a time-stamp is asked for."""
    return secret.sign(MANIFEST_CONTEXT + manifest)


def seal(secret: Ed25519PrivateKey, manifest: bytes, reply: bytes | None) -> Signature:
    """Everything signed: the manifest, and the time-stamp's `reply` where there is one."""
    key, signed = public_of(secret), sign(secret, manifest).hex()
    stamp = None if reply is None else hash_bytes(reply)
    over = _sealed(key, hash_bytes(manifest), signed, stamp)
    return Signature(
        FORMAT, key, hash_bytes(manifest), signed, stamp, secret.sign(SEAL_CONTEXT + over).hex()
    )


def read_signature(data: bytes) -> Signature:
    """The file's content. Raises GossanError (SIGNATURE) where it is not as gossan writes it."""
    try:
        body = json.loads(data)
        found = Signature(**body)
    except (ValueError, TypeError, RecursionError):
        raise _broken("it is not what gossan writes") from None
    texts: tuple[tuple[re.Pattern[str], Any], ...] = (
        (_KEY, found.key),
        (_HASH, found.manifest),
        (_SIGNATURE, found.signature),
        (_SIGNATURE, found.seal),
        *(() if found.timestamp is None else ((_HASH, found.timestamp),)),
    )
    if found.format != FORMAT or not all(
        isinstance(t, str) and pattern.fullmatch(t) for pattern, t in texts
    ):
        raise _broken("a field of it is not what gossan writes")
    if found.bytes != data:
        raise _broken("its bytes are not the ones that say this")
    return found


def check(found: Signature, manifest: bytes, reply: bytes | None) -> None:
    """That the signature is of this manifest and this reply.

    Raises GossanError (SIGNATURE) saying which part does not fit.
    """
    if found.manifest != hash_bytes(manifest):
        raise GossanError(Code.SIGNATURE, "The manifest was changed after it was signed.")
    if found.timestamp != (None if reply is None else hash_bytes(reply)):
        raise GossanError(
            Code.SIGNATURE,
            "The time-stamp is not the one that was signed: it was changed, removed or added.",
        )
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(found.key.removeprefix("ed25519:")))
    over = _sealed(found.key, found.manifest, found.signature, found.timestamp)
    try:
        public.verify(bytes.fromhex(found.signature), MANIFEST_CONTEXT + manifest)
        public.verify(bytes.fromhex(found.seal), SEAL_CONTEXT + over)
    except InvalidSignature:
        raise GossanError(
            Code.SIGNATURE, f"The signature was not made with the key it names, {found.key}."
        ) from None


def _sealed(key: str, manifest: str, signed: str, stamp: str | None) -> bytes:
    return canonical_json(
        {"key": key, "manifest": manifest, "signature": signed, "timestamp": stamp}
    )


def _no_key(why: str) -> GossanError:
    return GossanError(
        Code.SIGNATURE,
        f"Expected a secret key as `gossan key new` makes it, but {why}.",
        "Make one with `gossan key new FILE`.",
    )


def _broken(why: str) -> GossanError:
    return GossanError(Code.SIGNATURE, f"signature.json cannot be read: {why}.")
