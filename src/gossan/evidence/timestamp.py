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
from gossan.core.words import tr
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
        given = [x509.load_der_x509_certificate(c) for c in found.signed_data.certificates]
        signer = next(iter(found.signed_data.signer_infos))
        leaf = next(c for c in given if c.serial_number == signer.serial_number)
        path = _path(given, leaf)
        tops = list(roots) or [path[-1]]
        names = {c: c.subject.rfc4514_string() for c in (*path, *tops)}
    except (ValueError, x509.InvalidVersion, StopIteration):  # parts are parsed when asked for
        raise _wrong(tr("it does not hold the certificate it was signed with")) from None
    time = found.tst_info.gen_time.astimezone(UTC)
    top = next((c for c in tops if c == path[-1] or c.subject == path[-1].issuer), tops[0])
    for c in dict.fromkeys((*path, top)):
        _require_valid(c, names[c], time)
    # the library trusts its `intermediates` as if they were roots: the reply's own must not go in
    builder = VerifierBuilder(roots=tops, nonce=nonce)
    try:
        builder.build().verify_message(found, data)
    except (VerificationError, ValueError) as error:
        raise _wrong(f"{error}") from None
    return Stamp(time, names[leaf], names[top], bool(roots))


def _require_valid(certificate: x509.Certificate, name: str, time: datetime) -> None:
    """That a certificate was valid when it was used."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if time > last:
        raise _wrong(
            tr(
                "it was made on {time:%Y-%m-%d %H:%M} UTC, after the certificate of {name} had "
                "ended on {last:%Y-%m-%d %H:%M} UTC",
                time=time,
                name=name,
                last=last,
            )
        )
    if time < first:
        raise _wrong(
            tr(
                "it was made on {time:%Y-%m-%d %H:%M} UTC, before the certificate of {name} began "
                "on {first:%Y-%m-%d %H:%M} UTC",
                time=time,
                name=name,
                first=first,
            )
        )


def read_roots(pem: bytes) -> list[x509.Certificate]:
    """Certificates of a PEM file. Raises GossanError (TIMESTAMP) where there are none."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise GossanError(
            Code.TIMESTAMP,
            tr("Expected certificates as PEM, found none."),
            tr("Ask the time-stamp authority for its root certificate as a .pem file."),
        ) from None


def _decoded(reply: bytes) -> TimeStampResponse:
    if len(reply) > MAX_REPLY:
        raise _wrong(tr("it has {n_reply} bytes", n_reply=len(reply)))
    try:
        found = decode_timestamp_response(with_sorted_certificates(reply))
        if found.status != 0:
            raise _wrong(tr("the authority refused (status {status})", status=found.status))
        found.tst_info  # noqa: B018  (parsed when asked for)
    except (ValueError, IndexError):
        raise _wrong(tr("it is no reply of a time-stamp authority")) from None
    return found


def _path(given: Sequence[x509.Certificate], leaf: x509.Certificate) -> list[x509.Certificate]:
    """The chain of issuers that begins with the signer's certificate, as far as it was given."""
    path, left = [leaf], [c for c in given if c != leaf]
    while above := [c for c in left if c.subject == path[-1].issuer]:
        path.append(above[0])
        left.remove(above[0])
    return path


def _wrong(why: str) -> GossanError:
    return GossanError(Code.TIMESTAMP, tr("The time-stamp does not hold: {reason}.", reason=why))
