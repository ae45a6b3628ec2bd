"""A small OpenStreetMap extract as PBF, written by the format's own description.

https://wiki.openstreetmap.org/wiki/PBF_Format: blocks of protocol buffers, here uncompressed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

Way = tuple[Mapping[str, str], Sequence[tuple[float, float]]]


def write_pbf(path: Path, ways: Sequence[Way]) -> Path:
    """Ways with tags and lon/lat points as an .osm.pbf."""
    strings = [b""]
    nodes, lines, next_id = b"", b"", 1
    for k, (tags, points) in enumerate(ways):
        first = next_id
        for lon, lat in points:
            place = _int(1, _zigzag(next_id)) + _int(8, _zigzag(round(lat * 1e7)))
            nodes += _bytes(1, place + _int(9, _zigzag(round(lon * 1e7))))
            next_id += 1
        keys, values = [], []
        for key, value in tags.items():
            for text, at in ((key, keys), (value, values)):
                strings.append(text.encode())
                at.append(len(strings) - 1)
        refs = [first, *[1] * (len(points) - 1)]  # differences
        way = _int(1, k + 1) + _packed(2, keys) + _packed(3, values)
        lines += _bytes(3, way + _packed(8, [_zigzag(r) for r in refs]))
    table = b"".join(_bytes(1, s) for s in strings)
    block = _bytes(1, table) + _bytes(2, nodes) + _bytes(2, lines)
    header = _bytes(4, b"OsmSchema-V0.6")
    path.write_bytes(_blob(b"OSMHeader", header) + _blob(b"OSMData", block))
    return path


def _blob(kind: bytes, content: bytes) -> bytes:
    blob = _bytes(1, content) + _int(2, len(content))
    header = _bytes(1, kind) + _int(3, len(blob))
    return len(header).to_bytes(4, "big") + header + blob


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def _zigzag(n: int) -> int:
    return n * 2 if n >= 0 else -n * 2 - 1


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _packed(field: int, values: Sequence[int]) -> bytes:
    return _bytes(field, b"".join(map(_varint, values)))
