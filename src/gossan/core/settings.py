"""Settings declared once: key, unit, range, default and sentence stand beside the field they set.

    alpha: Annotated[float, Setting("Chance that ..."), Number(1e-9, 0.2)] = 0.02

Reading `case.toml`, its messages, the commented file that `gossan init` writes, `gossan settings`
and the table in docs/case.md follow from such fields. A frozen dataclass of them is a section; one
that stands in another by `Section` is a section of the file, [name] or [name.name].
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr, tr_later, tr_now

T = TypeVar("T")
Path_ = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What a text must be like: its `name` in tables, what a message says was `expected`."""

    name: str
    expected: str
    accepts: Callable[[str], bool]


def _is_file(name: str) -> bool:
    """It must lie in the case folder, so that the folder can be handed on."""
    return Path(name).name == name and name not in ("", ".", "..") and name.isprintable()


TEXT = Form(tr_later("text"), tr_later("a text in quotes"), lambda _: True)
LINE = Form(
    tr_later("text"),
    tr_later("one line of 1 to 200 printable characters"),
    lambda text: 0 < len(text.strip()) <= 200 and text.strip().isprintable(),
)
FILE = Form(tr_later("file name"), tr_later("the name of a file in the case folder"), _is_file)
FOLDER = Form(tr_later("folder"), tr_later("the path of a folder"), lambda text: bool(text.strip()))
HOST = Form(
    tr_later("host or host:port"), tr_later("a host or host:port"), lambda text: bool(text.strip())
)
COUNTRY = Form(
    tr_later("two capital letters"),
    tr_later("two capital letters, as ISO 3166 has them"),
    lambda text: len(text) == 2 and text.isascii() and text.isalpha() and text.isupper(),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of case.toml.

    Attributes
    ----------
    about : one sentence of what it does
    form : what a text must be like
    default : how docs call a default that is no value, e.g. "the present"
    example : shown, as TOML has it, where there is no default to show
    key : its name in the file, where that is not the field's
    section : [section] in which the file has it, where that is not the class's own
    added : it came after values of its class had been kept: left out of their plain form (see
        `core.serialise`), and of a new case.toml, while it has its default
    """

    about: str
    form: Form = TEXT
    default: str = ""
    example: str = ""
    key: str = ""
    section: str = ""
    added: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """Inclusive range of a number, or of each in a list, and its unit in words ("" a count)."""

    low: float
    high: float
    unit: str = ""

    def __str__(self) -> str:
        if not self.unit:
            return tr("{low:,.10g} to {high:,.10g}", low=self.low, high=self.high)
        return tr(
            "{low:,.10g} to {high:,.10g} {unit}",
            low=self.low,
            high=self.high,
            unit=tr_now(self.unit),
        )


@dataclass(frozen=True, slots=True)
class Added:
    """Of a field that is no setting: it came after values of its class had been kept."""

    added: bool = True


ADDED = Added()

later = partial(Setting, added=True)
"""A setting that came after values of its class had been kept."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of case.toml: what it is `about`; `added` as for `Setting`."""

    about: str
    added: bool = False


_KINDS = {
    bool: (tr_later("true or false"), tr_later("true or false")),
    int: (tr_later("whole number"), tr_later("a whole number")),
    float: (tr_later("number"), tr_later("a number")),
    date: (tr_later("date"), tr_later("a date such as 2019-01-31")),
}
"""Type of a value -> what tables and messages call it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A declared setting with all that follows from where it stands.

    Attributes
    ----------
    path : the section in the file, () above all sections
    name : its key there
    field : name of the field it sets
    home : section whose class has the field
    kind : type of one value: bool, int, float, str or date
    many : True for a list of such values
    default : of the field; MISSING where there is none
    """

    path: Path_
    name: str
    field: str
    home: Path_
    kind: type
    many: bool
    setting: Setting
    number: Number | None
    default: Any

    @property
    def dotted(self) -> str:
        """Section and key, e.g. "monitor.alpha"."""
        return ".".join((*self.path, self.name))

    @property
    def where(self) -> str:
        """The same as messages say it, e.g. "alpha in [monitor]"."""
        if not self.path:
            return self.name
        return tr("{key} in [{section}]", key=self.name, section=".".join(self.path))

    @property
    def required(self) -> bool:
        """True where a case must say it."""
        return self.default is MISSING and not self.setting.default

    @property
    def default_words(self) -> str:
        """The default as a reader sees it; "none" where there is none."""
        if self.setting.default or self.default in (None, "", (), MISSING):
            other = tr("required") if self.required else tr("none")
            return tr_now(self.setting.default) or other
        values = self.default if self.many else (self.default,)
        return ", ".join(
            str(v).lower() if isinstance(v, bool) else f"{v:g}" if self.number else str(v)
            for v in values
        )

    @property
    def span(self) -> str:
        """Unit and range, or what kind of value it is, e.g. "percent, 0 to 100"."""
        usual = tr_now(_KINDS.get(self.kind, (self.setting.form.name,))[0])
        words = usual if self.number is None else str(self.number)
        return tr("list, each {value}", value=words) if self.many else words

    @property
    def expected(self) -> str:
        """What a message says was expected."""
        if not self.many:
            return self._one
        example = self.setting.example
        return tr("a list such as {example}, each {value}", example=example, value=self._one)

    @property
    def _one(self) -> str:
        words = tr_now(_KINDS.get(self.kind, ("", self.setting.form.expected))[1])
        if self.number is None:
            return words
        return tr("{number} of {range}", number=words, range=str(self.number))

    def read(self, value: Any) -> Any:
        """The value as the field holds it. Raises GossanError (CASE) for one that cannot be."""
        if not self.many:
            return self._read(value, value)
        found = value if isinstance(value, (list, tuple)) else [value]
        return tuple(self._read(v, value) for v in found)

    def _read(self, value: Any, whole: Any) -> Any:
        if self.kind is date and isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.wrong(whole)
        kinds = (int, float) if self.kind is float else (self.kind,)
        good = isinstance(value, kinds) and isinstance(value, bool) == (self.kind is bool)
        if not good or isinstance(value, datetime):
            self.wrong(whole)
        if isinstance(value, str):
            if not self.setting.form.accepts(value):
                self.wrong(whole)
            return value.strip() if self.setting.form is LINE else value
        n = self.number
        if n is not None and not n.low <= value <= n.high:  # a NaN lies in no range
            self.wrong(whole)
        return float(value) if self.kind is float else value

    def wrong(self, found: Any) -> NoReturn:
        """Raise GossanError (CASE): what was expected here, and what was found."""
        shown = f'"{found}"' if isinstance(found, str) else str(found)
        problem = tr(
            "{where}: expected {expected}, found {found}.",
            where=self.where,
            expected=self.expected,
            found=shown[:80],
        )
        hint = "" if self.required else tr("Correct it, or leave it out to use the default.")
        raise GossanError(Code.CASE, problem, hint)


@cache
def keys(kind: Any, path: Path_ = ()) -> tuple[Key, ...]:
    """Settings that a class declares, and after them those of its sections; in their order."""
    own: list[Key] = []
    inner: list[Key] = []
    for name, (hint, default, mark, number) in _declared(kind).items():
        if isinstance(mark, Section):
            inner += keys(hint, (*path, name))
        elif isinstance(mark, Setting):
            at = (*path, mark.section) if mark.section else path
            one, many = _one(hint)
            own.append(Key(at, mark.key or name, name, path, one, many, mark, number, default))
    return (*own, *inner)


@cache
def sections(kind: Any, path: Path_ = ()) -> Mapping[Path_, Section]:
    """Sections below a class, each before those below it."""
    found: dict[Path_, Section] = {}
    for name, (hint, _, mark, _) in _declared(kind).items():
        if isinstance(mark, Section):
            found |= {(*path, name): mark, **sections(hint, (*path, name))}
    return found


@cache
def _declared(kind: Any) -> Mapping[str, tuple[Any, Any, Setting | Section | None, Number | None]]:
    """Field -> its type without None, its default, what declares it."""
    hints, found = get_type_hints(kind, include_extras=True), {}
    for f in fields(kind):
        hint, *marks = get_args(hints[f.name]) if _annotated(hints[f.name]) else (hints[f.name],)
        if get_origin(hint) in (Union, types.UnionType):
            (hint,) = (a for a in get_args(hint) if a is not type(None))
        mark = next((mark for mark in marks if isinstance(mark, (Setting, Section))), None)
        default = f.default if f.default_factory is MISSING else f.default_factory()
        number = next((mark for mark in marks if isinstance(mark, Number)), None)
        found[f.name] = (hint, default, mark, number)
    return found


def _annotated(hint: Any) -> bool:
    return get_origin(hint) is Annotated


def _one(hint: Any) -> tuple[type, bool]:
    """Type of one value, and whether the setting is a list of them."""
    if get_origin(hint) is tuple:
        return get_args(hint)[0], True
    return (hint if hint in (bool, int, float, str, date) else str), False


def validate(value: Any, section: str) -> None:
    """For `__post_init__` of a section: raise GossanError (CASE) for a number outside its range."""
    kind: Any = type(value)
    for key in keys(kind, (section,)):
        found = getattr(value, key.field, None) if key.home == (section,) else None
        if found is not None and key.number is not None:
            key.read(found)


def read(kind: type[T], table: Mapping[str, Any], path: Path_ = ()) -> T:
    """A section from a table of TOML.

    Raises GossanError (CASE) naming key and section where a key is unknown or missing, or a
    value is not as declared.
    """
    return kind(**read_fields(kind, table, path))


def settings_in(sections: Mapping[str, Mapping[str, Any]], name: str, kind: type[T]) -> T:
    """The settings of an observable of another package, as `kind`: from the section of its name in
    `CaseConfig.sections`, by their defaults where the case has none. Raises as `read` does."""
    return read(kind, sections.get(name, {}), (name,))


def read_fields(
    kind: type, table: Mapping[str, Any], path: Path_ = (), beside: Sequence[type] = ()
) -> dict[str, Any]:
    """The same as values by field, of those that the table has or that are sections. Keys of
    the classes `beside`, which are read apart, may have been meant by one that is unknown."""
    known = {(k.path, k.name): k for k in keys(kind, path)}
    places = {path, *sections(kind, path)}
    others = {k.name: k.path for other in beside for k in keys(other)}
    given = dict(_given(table, path, known, places, others))
    for at, key in known.items():
        if key.required and key.home == path and at not in given:
            raise GossanError(
                Code.CASE,
                tr('the key "{key}" is missing.', key=key.dotted),
                tr("`gossan init` writes a case.toml to copy."),
            )
    present = {at[: n + 1] for at in _tables(table, path, places) for n in range(len(at))}
    return _fields(kind, path, {known[at]: value for at, value in given.items()}, present)


def _fields(
    kind: type, path: Path_, given: Mapping[Key, Any], present: set[Path_]
) -> dict[str, Any]:
    found = {key.field: key.read(value) for key, value in given.items() if key.home == path}
    for name, (hint, default, mark, _) in _declared(kind).items():
        at = (*path, name)
        if isinstance(mark, Section) and (default is not None or at in present):
            found[name] = hint(**_fields(hint, at, given, present))
    return found


def _tables(table: Mapping[str, Any], path: Path_, places: set[Path_]) -> Iterator[Path_]:
    """Sections that the file has."""
    for name, value in table.items():
        at = (*path, name)
        if at in places and isinstance(value, Mapping):
            yield at
            yield from _tables(value, at, places)


def _given(
    table: Mapping[str, Any],
    path: Path_,
    known: Mapping[tuple[Path_, str], Key],
    places: set[Path_],
    others: Mapping[str, Path_],
) -> Iterator[tuple[tuple[Path_, str], Any]]:
    """Section and key -> value as the file has it."""
    for name, value in table.items():
        at = (*path, name)
        if at in places:
            if not isinstance(value, Mapping):
                told = tr(
                    "{name}: expected a section [{section}], found {found}.",
                    name=name,
                    section=".".join(at),
                    found=str(value)[:80],
                )
                raise GossanError(Code.CASE, told)
            yield from _given(value, at, known, places, others)
        elif (path, name) in known:
            yield (path, name), value
        else:
            _unknown(path, name, known, places, others)


def _unknown(
    path: Path_,
    name: str,
    known: Mapping[tuple[Path_, str], Key],
    places: set[Path_],
    others: Mapping[str, Path_],
) -> NoReturn:
    """Name the key and the nearest one, first in its own section, then anywhere."""
    own = {n: path for at, n in known if at == path}
    own |= {at[-1]: path for at in places if at and at[:-1] == path}
    outer = sorted(known, key=lambda at: -len(at[0]))  # what stands above all sections comes last
    everywhere = {**others, **{n: at for at, n in outer}, **own}
    where = _quoted(name, path)
    for choices in (own, everywhere):
        guess = difflib.get_close_matches(name.lower(), choices, n=1, cutoff=0.6)
        if guess:
            break
    else:
        hint = tr("Known keys there: {keys}.", keys=", ".join(own))
        raise GossanError(Code.CASE, tr("unknown key {key}.", key=where), hint)
    home = everywhere[guess[0]]
    meant = _quoted(guess[0], () if home == path else home)
    if path and not home:
        meant = tr("{key} above all sections", key=meant)
    told = tr("unknown key {key}; did you mean {meant}?", key=where, meant=meant)
    raise GossanError(Code.CASE, told)


def _quoted(name: str, path: Path_) -> str:
    if not path:
        return f'"{name}"'
    return tr('"{key}" in [{section}]', key=name, section=".".join(path))


def key_named(kind: Any, dotted: str) -> Key:
    """A declared setting by section and name, e.g. "monitor.alpha"."""
    return next(k for k in keys(kind) if k.dotted == dotted)


def help_of(kind: Any, dotted: str) -> str:
    """What a setting says of itself, for an option of the command line that takes its place."""
    key = key_named(kind, dotted)
    return tr(
        "{about} Default: as in case.toml, else {default}.",
        about=tr_now(key.setting.about),
        default=key.default_words,
    )


def section_of(config: Any, at: Path_) -> Any:
    """A section of a value; None where it is not there."""
    for name in at:
        config = None if config is None else getattr(config, name)
    return config


def value_of(config: Any, key: Key) -> Any:
    """What a value holds for one of its settings; its default where its section is not there."""
    section = section_of(config, key.home)
    return key.default if section is None else getattr(section, key.field)


def is_section(kind: object) -> bool:
    """True for a class that declares settings."""
    return isinstance(kind, type) and is_dataclass(kind) and bool(keys(kind))
