"""The one repair a time-stamp's reply may need before it is read.

DER asks that the members of a SET stand in the order of their bytes. OpenSSL and authorities
built on it send certificates in the order of the chain instead, and `rfc3161-client` reads
nothing but DER. No signature covers the order of certificates, so that sorting them changes
nothing that was signed. Each keeps its bytes.
"""

from __future__ import annotations

from itertools import pairwise

from gossan.core.words import tr

CERTIFICATES = 0xA0


def with_sorted_certificates(reply: bytes) -> bytes:
    """The reply (a TimeStampResp, RFC 3161) with the certificates of its SignedData in DER order.

    Raises ValueError where it has another structure.
    """
    _, start, end = _element(reply, 0)
    members = _members(reply, start, end)
    if len(members) < 2:  # a refusal holds no token
        return reply
    content = _members(reply, *members[1][1:])  # ContentInfo
    _, start, end = _element(reply, content[1][1])  # SignedData
    for tag, inner, stop in _members(reply, start, end):
        if tag == CERTIFICATES:
            edges = [inner, *(e for *_, e in _members(reply, inner, stop))]
            found = sorted(reply[a:b] for a, b in pairwise(edges))
            return reply[:inner] + b"".join(found) + reply[stop:]
    return reply


def _members(data: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    found = []
    while start < end:
        member = _element(data, start)
        start = member[2]
        found.append(member)
    if start != end:
        raise ValueError(tr("a member reaches beyond its set"))
    return found


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag of the element at `at`, and where its content begins and ends."""
    head = data[at : at + 2]
    if len(head) < 2:
        raise ValueError(tr("cut short"))
    length, start = head[1], at + 2
    if length >= 0x80:
        more = length & 0x7F
        if not 1 <= more <= 4:
            raise ValueError(tr("a length that is not DER"))
        length, start = int.from_bytes(data[start : start + more], "big"), start + more
    if start + length > len(data):
        raise ValueError(tr("cut short"))
    return head[0], start, start + length
