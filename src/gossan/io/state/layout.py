"""How the monitor's named arrays lie in Zarr: for each group one array for each type of number.

Opening and writing one Zarr array costs milliseconds and a file, whatever its size. So arrays of
one group and dtype are layers of one stored array of shape (layer, y, x); the group's attribute
`layers` names them. What is stored are the values themselves: any Zarr reader can use them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec, ZstdCodec

from gossan.core.sensor import Arrays, Groups

Layers = dict[str, list[list[Any]]]
"""dtype -> [[name, leading axes], ...] in the order of the layers."""

CODECS: dict[str, ZstdCodec | BloscCodec] = {
    "model": BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle")
}
"""Of groups that zstd at its fastest, the default, does not suit; measured by bench/store.py."""


def layers_of(arrays: Mapping[str, NDArray[Any]]) -> Layers:
    """Where each array of a group lies."""
    out: Layers = {}
    for name, array in arrays.items():
        out.setdefault(array.dtype.name, []).append([name, list(array.shape[:-2])])
    return out


def create(root: zarr.Group, groups: Groups, shape: tuple[int, int], block: int) -> None:
    """Empty arrays on a grid of `shape` (y, x) that hold what `groups`, of any size, shows.

    Chunks hold all layers of `block` x `block` pixels.
    """
    tile = tuple(min(block, n) for n in shape)
    for group, arrays in groups.items():
        made = root.create_group(group)
        layers = layers_of(arrays)
        made.attrs["layers"] = layers
        for dtype, names in layers.items():
            depth = sum(_depth(lead) for _, lead in names)
            made.create_array(
                dtype,
                shape=(depth, *shape),
                chunks=(depth, *tile),
                dtype=dtype,
                fill_value=0,
                compressors=[CODECS.get(group, ZstdCodec(level=1))],
                dimension_names=("layer", "y", "x"),
            )


def stacked(arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    """One array (layer, y, x) for each dtype; what `unstacked` gave is not copied."""
    return {
        dtype: _joined([_flat(arrays[name]) for name, _ in names])
        for dtype, names in layers_of(arrays).items()
    }


def unstacked(stacks: Mapping[str, NDArray[Any]], layers: Layers) -> Arrays:
    """What `stacked` was given; views of the stacks."""
    out: Arrays = {}
    for dtype, names in layers.items():
        at = 0
        for name, lead in names:
            depth = _depth(lead)
            part = stacks[dtype][at : at + depth]
            out[name] = part.reshape(*lead, *part.shape[1:])
            at += depth
    return out


def digest(stack: NDArray[Any]) -> str:
    """SHA-256 (hex) of dtype, shape and bytes of a stack in C order, little-endian."""
    little = stack.astype(stack.dtype.newbyteorder("<"), copy=False)
    told = hashlib.sha256(f"{little.dtype.str}{little.shape}".encode())
    told.update(np.ascontiguousarray(little).data)
    return told.hexdigest()


def array_of(root: zarr.Group, path: str) -> zarr.Array[Any]:
    """A stored array of `group/dtype`.

    It writes blocks of zeros like any other: to look for them takes three times as long as to
    compress them.
    """
    found = cast("zarr.Array[Any]", root[path])
    return found.with_config({"write_empty_chunks": True})


def _flat(array: NDArray[Any]) -> NDArray[Any]:
    return array.reshape(-1, *array.shape[-2:])


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """The parts one after the other; where they lie so in one array already, that array."""
    whole = parts[0].base
    if isinstance(whole, np.ndarray) and whole.ndim == 3 and len(whole) == sum(map(len, parts)):
        at = 0
        for part in parts:
            if part.ctypes.data != whole[at:].ctypes.data or part.shape[1:] != whole.shape[1:]:
                break
            at += len(part)
        else:
            return whole
    return np.concatenate(parts)


def _depth(lead: list[int]) -> int:
    return int(np.prod(lead, dtype=int))
