"""What a catalogue lists, each entry under an id of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pystac

from gossan.core.words import tr
from gossan.io.catalogue.sources import Refused


def told_apart(entries: Iterable[pystac.Item | Refused]) -> Iterator[pystac.Item | Refused]:
    """The same with every id once; all items come before all that is refused.

    Scenes are listed, stored and recorded by id, so of two items with one id the first is taken.
    The same item again, as paging of a changing catalogue may give it, is passed over; another
    one, like an entry that is no item, is refused under its id and a number.
    """
    other = tr("the catalogue lists another item of this id, which was taken")
    taken: dict[str, pystac.Item] = {}
    aside: list[Refused] = []
    for entry in entries:
        if isinstance(entry, Refused):
            aside.append(entry)
        elif entry.id not in taken:
            taken[entry.id] = entry
            yield entry
        elif _content(entry) != _content(taken[entry.id]):
            aside.append(Refused(entry.id, other))
    given = set(taken)
    for refused in aside:
        name, n = refused.id, 2
        while name in given:
            name, n = f"{refused.id} ({n})", n + 1
        given.add(name)
        yield replace(refused, id=name)


def _content(item: pystac.Item) -> dict[str, object]:
    return item.to_dict(transform_hrefs=False)
