"""Stored scenes held against their hashes, and handed from one store to another."""

from __future__ import annotations

from gossan.core.hashing import hash_array
from gossan.io.scenes import SceneStore
from gossan.io.whole import copy


def hashes_now(store: SceneStore, key: str) -> dict[str, str]:
    """Hashes of a scene's pixels as they lie there, to be held against those on record.

    Raises GossanError(READ) where they cannot be read.
    """
    with store.opened(key) as pixels:
        names = (*pixels.stored.bands, store.numbers.classes)
        return {
            name: hash_array(pixels.data.read(i))
            for i, name in zip(pixels.data.indexes, names, strict=False)
        }


def take(store: SceneStore, key: str, other: SceneStore) -> None:
    """Copy a whole scene of another store on the same grid, the sidecar last. Raises OSError."""
    store.folder.mkdir(parents=True, exist_ok=True)
    for name in (f"{key}.tif", f"{key}.json"):
        copy(other.folder / name, store.folder / name)
