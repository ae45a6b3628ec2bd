"""All settings of a case with what is set, as a list; and changing some."""

from __future__ import annotations

from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import Any

from gossan.core.case import CaseConfig, LocalConfig
from gossan.core.errors import Code, GossanError
from gossan.core.settings import Key, keys, section_of, sections, value_of
from gossan.core.words import tr
from gossan.io.case_file import AREA_FILE, change_case, read_case, read_local, read_plugged, toml_of
from gossan.io.lock import case_lock


@dataclass(frozen=True, slots=True)
class Listed:
    """A setting as it is listed.

    Attributes
    ----------
    section, key : where it stands in case.toml; an empty section is above all sections
    value : as TOML has it: what the case says, else the default; "" where there is none
    changed : True where the case says other than the default
    required : True where a case must say it
    default, span, about : default, unit and range, and what it does, in words
    """

    section: str
    key: str
    value: str
    changed: bool
    required: bool
    default: str
    span: str
    about: str


@dataclass(frozen=True, slots=True)
class ListedSection:
    """A section with its settings; `off` where the case does without (as without radar)."""

    name: str
    about: str
    off: bool
    settings: tuple[Listed, ...]


def list_settings(folder: Path | None) -> tuple[ListedSection, ...]:
    """All settings by section, with the values of the case in `folder`; None: the defaults.

    Raises GossanError as `read_case` does.
    """
    case = None if folder is None else read_case(folder)
    local = LocalConfig() if folder is None else read_local(folder)
    out = []
    whole: tuple[tuple[Any, Any], ...] = ((CaseConfig, case), (LocalConfig, local))
    for kind, config in whole:
        named = {(): "", **{at: s.about for at, s in sections(kind).items()}}
        for at, about in named.items():
            off = case is not None and config is case and section_of(case, at) is None
            mine = [_listed(k, config) for k in keys(kind) if k.path == at]
            out.append(ListedSection(".".join(at), about, off, tuple(mine)))
    first, *rest = out
    (beside,) = (s for s in rest if not s.name)
    top = ListedSection("", first.about, first.off, first.settings + beside.settings)
    plugged = () if case is None else _plugged(case)
    return (top, *(s for s in rest if s.name), *plugged)


def _plugged(case: CaseConfig) -> tuple[ListedSection, ...]:
    out = []
    for name, value in read_plugged(case).items():
        kind: Any = type(value)
        mine = tuple(_shown(k, getattr(value, k.field)) for k in keys(kind, (name,)))
        out.append(ListedSection(name, "", off=False, settings=mine))
    return tuple(out)


def _listed(key: Key, config: Any) -> Listed:
    if key.field == "geometry":
        return _shown(key, MISSING if config is None else AREA_FILE)
    return _shown(key, key.default if config is None else value_of(config, key))


def _shown(key: Key, value: Any) -> Listed:
    empty = value in (MISSING, None, "", ())
    return Listed(
        ".".join(key.path),
        key.name,
        "" if empty else toml_of(value),
        not empty and key.default is not MISSING and value != key.default,
        key.required,
        key.default_words,
        key.span,
        key.setting.about,
    )


def change_settings(folder: Path, changes: list[str]) -> None:
    """Set keys of case.toml, each given as "section.key=value"; without a value it is taken out.

    Raises GossanError (CASE and what `read_case` raises), and then nothing was changed; also where
    another process works on the case, which read its settings when it began.
    """
    parsed = {}
    for change in changes:
        name, sign, value = change.partition("=")
        if not sign:
            raise GossanError(
                Code.CASE,
                tr('expected a key and its value, found "{found}".', found=change[:80]),
                tr("Write it as monitor.alpha=0.01; monitor.alpha= goes back to the default."),
            )
        parsed[name.strip()] = value.strip()
    read_case(folder)  # what is no case is said before anything is made in it
    with case_lock(folder):
        change_case(folder, parsed)
