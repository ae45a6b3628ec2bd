"""RFC 3161: an authority's word for when something existed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from gossan.core.errors import Code, GossanError
from gossan.evidence.der import with_sorted_certificates

MAX_REPLY = 256 * 1024
"""Bytes of a reply; a long chain of certificates takes about 10 kB."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request ready to be sent: its bytes and the number that the reply must repeat."""

    body: bytes
    nonce: int | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a checked reply says.

    Attributes
    ----------
    time : UTC, when the authority saw it
    authority : name in its certificate
    root : name in the root certificate of the chain
    trusted : True where that root is one the reader named; else the chain only holds in itself
    """

    time: datetime
    authority: str
    root: str
    trusted: bool


def request_for(data: bytes) -> Request:
    """A request for a time-stamp over the SHA-256 of `data`, certificates wanted in the reply."""
    request = (
        TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .build()
    )
    return Request(request.as_bytes(), request.nonce)


def check_reply(
    reply: bytes, data: bytes, roots: Sequence[x509.Certificate] = (), nonce: int | None = None
) -> Stamp:
    """Check a reply over `data`: granted, signed by a certificate for time-stamping, whose chain
    ends at one of `roots`, or at the reply's own topmost certificate where none are given.

    Raises GossanError (TIMESTAMP) naming what is wrong.
    """
    found = _decoded(reply)
    try:
        chain = [x509.load_der_x509_certificate(c) for c in found.signed_data.certificates]
        signer = next(iter(found.signed_data.signer_infos))
        leaf = next(c for c in chain if c.serial_number == signer.serial_number)
        tops = list(roots) or [_top(chain, leaf)]
        names = [c.subject.rfc4514_string() for c in (leaf, *tops)]
    except (ValueError, x509.InvalidVersion, StopIteration):  # parts are parsed when asked for
        raise _wrong("it does not hold the certificate it was signed with") from None
    # the library trusts its `intermediates` as if they were roots: the reply's own must not go in
    builder = VerifierBuilder(roots=tops, nonce=nonce)
    try:
        builder.build().verify_message(found, data)
    except (VerificationError, ValueError) as error:
        raise _wrong(f"{error}") from None
    return Stamp(
        found.tst_info.gen_time.astimezone(UTC), names[0], ", ".join(names[1:]), bool(roots)
    )


def read_roots(pem: bytes) -> list[x509.Certificate]:
    """Certificates of a PEM file. Raises GossanError (TIMESTAMP) where there are none."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise GossanError(
            Code.TIMESTAMP,
            "Expected certificates as PEM, found none.",
            "Ask the time-stamp authority for its root certificate as a .pem file.",
        ) from None


def _decoded(reply: bytes) -> TimeStampResponse:
    if len(reply) > MAX_REPLY:
        raise _wrong(f"it has {len(reply)} bytes")
    try:
        found = decode_timestamp_response(with_sorted_certificates(reply))
        if found.status != 0:
            raise _wrong(f"the authority refused (status {found.status})")
        found.tst_info  # noqa: B018  (parsed when asked for)
    except (ValueError, IndexError):
        raise _wrong("it is no reply of a time-stamp authority") from None
    return found


def _top(chain: Sequence[x509.Certificate], leaf: x509.Certificate) -> x509.Certificate:
    """The end of the chain of issuers that begins with the signer's certificate."""
    top, left = leaf, [c for c in chain if c != leaf]
    while above := [c for c in left if c.subject == top.issuer]:
        top = above[0]
        left.remove(top)
    return top


def _wrong(why: str) -> GossanError:
    return GossanError(Code.TIMESTAMP, f"The time-stamp does not hold: {why}.")
