"""Valid and invalid values of every declared setting."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from gossan.core.errors import GossanError
from gossan.core.settings import COUNTRY, FILE, FOLDER, LINE, Key, keys, sections

SAMPLES = {
    "source": ("planetary-computer", "earth-search", "local:/data/x \"y'", "https://b.org/v1"),
    "orbit": ("auto", "ascending 7", "descending 106"),
    "dask": ("local",),
    "private_hosts": ("127.0.0.1:8080", "tiles.example.org"),
}
LETTERS = st.characters(exclude_categories=("C", "Z"))
FORMS: dict[Any, st.SearchStrategy[str]] = {
    LINE: st.text(LETTERS.filter(lambda c: c != "#"), min_size=1, max_size=50),
    FILE: st.sampled_from(["a.tif", 'ß "x".csv', "roads.gpkg"]),
    FOLDER: st.sampled_from(["/data/a", "/data/ü"]),
    COUNTRY: st.sampled_from(["AZ", "AM", "GE"]),
}


def values(key: Key) -> st.SearchStrategy[Any]:
    """What a field may hold."""
    one: st.SearchStrategy[Any]
    if key.name in SAMPLES:
        one = st.sampled_from(SAMPLES[key.name])
    elif key.kind is bool:
        one = st.booleans()
    elif key.kind is date:
        one = st.dates(date(2016, 1, 1), date(2022, 1, 1))
    elif key.number is None:
        one = FORMS[key.setting.form]
    elif key.kind is int:
        one = st.integers(int(key.number.low), int(key.number.high))
    else:
        one = st.floats(key.number.low, key.number.high)
    if key.name == "support":
        one = one.map(lambda n: n | 1)
    many = st.lists(one, min_size=1, max_size=4, unique=True)
    return many.map(lambda found: tuple(sorted(found))) if key.many else one


@st.composite
def sections_of(draw: st.DrawFn, kind: Any) -> Any:
    """A section with any of its settings set, and any of the sections below it."""
    own = {k.field: values(k) for k in keys(kind) if not k.home and not k.path}
    below = {at[0]: sections_of(_class_of(kind, at[0])) for at in sections(kind) if len(at) == 1}
    try:
        return kind(**draw(st.fixed_dictionaries({}, optional={**own, **below})))
    except GossanError:  # two settings that do not go together
        reject()


def _class_of(kind: Any, name: str) -> Any:
    return type(getattr(kind(), name))
