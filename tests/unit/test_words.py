"""Words of a person's pages and of the terminal come from one place, made for translation."""

from __future__ import annotations

import ast
import json
import pickle
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from tests.support.commands import run
from tests.support.pseudo import ACCENTED, pseudo, write_pseudo
from tests.support.shown import Source, fields, handed_on, untranslated, wrongly_called
from tools.words import TEMPLATE, compiled, template, written

from gossan.core.errors import GossanError
from gossan.core.kinds import SiteKind
from gossan.core.statements import ClaimType
from gossan.core.words import (
    ENGLISH,
    LOCALE,
    Translated,
    english,
    language,
    languages,
    tr,
    tr_later,
    tr_now,
    trc,
    trn,
    use_language,
)

ROOT = Path(__file__).parents[2] / "src" / "gossan"
SOURCES = [Source.of(path) for path in sorted(ROOT.rglob("*.py"))]
ROOMS = (
    *("case", "claims", "cli", "core", "cube", "dossier", "evidence", "io", "kernels"),
    *("monitor", "observables", "run", "sites"),
)
"""Whose words all go through `tr`."""
NOT_YET = {"core/words.py"}
"""What it says when it has no other words."""
PLAIN = re.compile(r"[A-Za-z]{2,}")
CODE = re.compile(r"`[^`]*`")


def said_plain(text: str) -> set[str]:
    """Words that have a letter without accent, but those of commands in backticks."""
    return set(PLAIN.findall(CODE.sub("", text)))


@pytest.fixture(scope="module")
def accented(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A value for GOSSAN_LANG."""
    return str(write_pseudo(tmp_path_factory.mktemp("locale")))


# -- looking up ----------------------------------------------------------------------------------


def test_english_needs_no_catalogue_and_stays_a_plain_text() -> None:
    said = tr("{file} cannot be read: {reason}.", file="a.toml", reason="no such file")
    assert said == "a.toml cannot be read: no such file."
    assert type(said) is str
    assert language().code == ENGLISH


def test_format_specs_stand_in_the_text() -> None:
    assert tr("{area:,.2f} ha, {share:.0%}", area=1234.5, share=0.25) == "1,234.50 ha, 25%"
    assert tr("{{one}} {value:.{digits}f}", value=1.2345, digits=1) == "{one} 1.2"


def test_a_missing_field_is_an_error() -> None:
    with pytest.raises(KeyError, match="reason"):
        tr("{file}: {reason}", file="a")


def test_what_is_counted_has_two_forms_in_english() -> None:
    forms = "{n:,} site in {area}", "{n:,} sites in {area}"
    assert [trn(*forms, n, area="A") for n in (0, 1, 2, 1000)] == [
        *("0 sites in A", "1 site in A", "2 sites in A", "1,000 sites in A")
    ]


def catalogue(folder: Path, po: str) -> str:
    """The compiled catalogue of some text of a `.po`."""
    source, path = folder / "xx.po", folder / "xx.mo"
    source.write_text(po, encoding="utf-8")
    with source.open("rb") as file:
        path.write_bytes(compiled(read_po(file)))
    return str(path)


RUSSIAN = r"""
msgid ""
msgstr ""
"Language: ru\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || "
"n%100>=20) ? 1 : 2);\n"

msgid "{what} of {whom}"
msgstr "у {whom}: {what}"

msgid "{n} site"
msgid_plural "{n} sites"
msgstr[0] "{n} участок"
msgstr[1] "{n} участка"
msgstr[2] "{n} участков"

msgctxt "of a scene"
msgid "dark"
msgstr "тёмный"

msgctxt "of a matter"
msgid "dark"
msgstr "неясный"

msgid "the case"
msgstr "дело"
"""


def test_another_language_turns_order_plurals_and_meanings(tmp_path: Path) -> None:
    with use_language(catalogue(tmp_path, RUSSIAN)):
        assert tr("{what} of {whom}", what="дно", whom="моря") == "у моря: дно"
        many = [trn("{n} site", "{n} sites", n) for n in (1, 2, 5, 11, 21)]
        assert many == ["1 участок", "2 участка", "5 участков", "11 участков", "21 участок"]
        assert trc("of a scene", "dark") == "тёмный"
        assert trc("of a matter", "dark") == "неясный"
        assert tr("not in the catalogue") == "not in the catalogue"
        assert tr_now("") == ""
    assert trc("of a scene", "dark") == "dark"


def test_what_is_kept_is_english_whatever_language_it_was_made_in(tmp_path: Path) -> None:
    with use_language(catalogue(tmp_path, RUSSIAN)):
        inner = tr("the case")
        said = tr("{what} of {whom}", what=inner, whom="Ada")
        unknown = tr("not in the catalogue: {what}", what=inner)
    assert (said, english(said)) == ("у Ada: дело", "the case of Ada")
    assert (unknown, english(unknown)) == (
        "not in the catalogue: дело",
        "not in the catalogue: the case",
    )
    again = pickle.loads(pickle.dumps(said))
    assert isinstance(again, Translated)
    assert english(again) == "the case of Ada"
    assert english("plain") == "plain"


def test_a_language_lasts_as_long_as_its_context_and_is_no_other_threads(tmp_path: Path) -> None:
    constant = tr_later("the case")
    with ThreadPoolExecutor(1) as pool, use_language(catalogue(tmp_path, RUSSIAN)) as spoken:
        assert (spoken.code, language().code) == ("xx", "xx")
        assert tr_now(constant) == "дело"
        assert pool.submit(tr, "the case").result() == "the case"
    assert tr_now(constant) == "the case"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xx", None),
        ("../../../etc/passwd", None),
        ("", None),
        ("none.mo", None),
        ("cut.mo", b"\xde\x12\x04\x95\0\0"),
        ("noise.mo", b"no catalogue"),
    ],
)
def test_a_language_that_cannot_be_spoken_is_said(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    asked = str(tmp_path / name) if name.endswith(".mo") else name
    with pytest.raises(GossanError, match="GOSSAN_LANG"), use_language(asked):
        pass


# -- the catalogues ------------------------------------------------------------------------------


def test_no_text_hides_in_an_f_string() -> None:
    """Python before 3.12 gives an f-string as one piece, and what is in it would not be found."""
    for path in sorted((LOCALE.parent).rglob("*.py")):
        for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(outer, ast.JoinedStr):
                called = (n.func for n in ast.walk(outer) if isinstance(n, ast.Call))
                inside = [f.id for f in called if isinstance(f, ast.Name)]
                hidden = {"tr", "trn", "trc", "tr_later"} & set(inside)
                assert not hidden, f"{path.name}:{outer.lineno}"


def test_the_template_is_current() -> None:
    assert TEMPLATE.read_bytes() == written(template()), "run `make words`"


def test_templates_of_pages_are_collected_too(tmp_path: Path) -> None:
    from babel.messages.extract import extract
    from tools.words import KEYWORDS

    page = tmp_path / "page.html.j2"
    page.write_text(
        '<p title="{{ tr("A title") }}">{{ trn("{n} site", "{n} sites", sites|length) }}</p>'
        '{% if x %}{{ tr("{day} is the last", day=x.day) }}{% endif %}{{ tr(name) }}'
    )
    with page.open("rb") as file:
        found = [m for _, m, _, _ in extract("jinja2", file, KEYWORDS)]
    assert found == ["A title", ("{n} site", "{n} sites"), "{day} is the last"]


def foreign_fields(catalog: Catalog) -> list[str]:
    """Translations with a field that their text does not have."""
    wrong = []
    for message in catalog:
        if message.id:
            asked = message.id if isinstance(message.id, tuple) else (message.id,)
            said = message.string if isinstance(message.string, tuple) else (message.string,)
            known = set().union(*map(fields, asked))
            wrong += [text for text in filter(None, said) if not fields(text) <= known]
    return wrong


def test_translations_have_the_fields_of_their_texts_and_are_compiled() -> None:
    for path in LOCALE.glob("*/LC_MESSAGES/*.po"):
        with path.open("rb") as file:
            catalog = read_po(file)
        assert not foreign_fields(catalog), path
        assert path.with_suffix(".mo").read_bytes() == compiled(catalog), "run `make words`"


def test_a_field_that_a_translation_made_up_is_found() -> None:
    wrong = RUSSIAN.replace("{n} участка", "{m} участка").replace("у {whom}: {what}", "{whom.x}")
    good, bad = (read_po(BytesIO(text.encode())) for text in (RUSSIAN, wrong))
    assert foreign_fields(good) == []
    assert foreign_fields(bad) == ["{whom.x}", "{m} участка"]


def test_every_language_has_a_catalogue() -> None:
    assert languages()[0] == ENGLISH
    assert set(languages()[1:]) == {p.parts[-3] for p in LOCALE.glob("*/LC_MESSAGES/*.po")}


# -- the sources ---------------------------------------------------------------------------------

DONE = [
    s
    for s in SOURCES
    if s.path.relative_to(ROOT).parts[0] in ROOMS
    and s.path.relative_to(ROOT).as_posix() not in NOT_YET
]


def test_every_shown_text_goes_through_words() -> None:
    known = handed_on(SOURCES)
    missed = {str(s.path.relative_to(ROOT)): untranslated(s, known) for s in DONE}
    assert {path: texts for path, texts in missed.items() if texts} == {}


def test_what_is_not_done_yet_is_not_done() -> None:
    """So that this list grows no moss."""
    known = handed_on(SOURCES)
    undone = {
        name
        for s in SOURCES
        if (name := s.path.relative_to(ROOT).as_posix()) in NOT_YET and untranslated(s, known)
    }
    assert undone == NOT_YET


def test_texts_are_literals_and_have_the_fields_they_are_given() -> None:
    own = ROOT / "core" / "words.py"
    wrong = {str(s.path): wrongly_called(s) for s in SOURCES if s.path != own}
    assert {path: calls for path, calls in wrong.items() if calls} == {}


SAMPLE = """
def _fail(problem, hint=""):
    raise GossanError(Code.AREA, problem, hint)

def load(path, n):
    what = "a folder" if path.is_dir() else f"{n} bytes"
    if n:
        _fail(f"{path}: found {what}.", tr("Give a file."))
    say(tr("{path} was read.", path=path)); log("not shown"); out.print(f"{path}: {n}")
    _fail(tr("{path} is {why}.", path=path, why="too large"), "Cut " + f"{n} off.")
"""


def test_the_rule_finds_what_is_shown_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(SAMPLE)
    source = Source.of(path)
    found = untranslated(source, handed_on([source]))
    assert [text.split(": ", 1)[1][:12] for text in found] == [
        *("'a folder'", "f'{n} bytes'", "f'{path}: fo", "'too large'", "'Cut '", "f'{n} off.'")
    ]


# -- a whole language ----------------------------------------------------------------------------

HELP = """
import json, typer.main
from gossan.cli.app import app
def walk(name, command):
    yield name, getattr(command.callback, "__module__", ""), command.help or ""
    for p in command.params:
        yield f"{name} {p.name}", getattr(command.callback, "__module__", ""), p.help or ""
    for inner, c in getattr(command, "commands", {}).items():
        yield from walk(f"{name} {inner}", c)
print(json.dumps(list(walk("gossan", typer.main.get_command(app)))))
"""


def test_help_is_in_the_language_asked_for(accented: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOSSAN_LANG", accented)
    done = subprocess.run([sys.executable, "-c", HELP], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    assert len(told) > 80
    typed = said_plain(" ".join(ClaimType))
    for name, module, words in told:
        if module.startswith("gossan") and not name.endswith((" help", "_completion")):  # typer's
            assert words, name
            assert said_plain(words) <= typed, (name, words)


KINDS = {kind.short for kind in SiteKind}


def commands(folder: Path) -> list[tuple[list[str], set[str]]]:
    """Commands, and the plain words that may stand in what they say: values, not words."""
    area = folder / "area.geojson"
    area.write_text('{"type": "Point", "coordinates": [1, 2]}')
    new = ["init", str(folder / "new"), "--name", "x", "--start", "2018-01-01"]
    box = {"bbox", "west", "south", "east", "north"}
    return [
        ([*new, "--bbox", "5,1,4,2"], set()),
        ([*new, "--bbox", "1,2,x"], box),
        ([*new, "--around", "95,10", "--radius", "5"], {"around"}),
        ([*new, "--around", "39.8,46.7", "--radius", "5", "--start", "2030-01-01"], set()),
        ([*new, "--area", str(area)], {"Point"}),
        ([*new, "--area", str(folder / "absent.geojson")], set()),
        (["limits", str(folder), "--from", "soon"], {"from", "soon"}),
        (["kinds", str(folder), "--decide", "mine"], set()),
        (["kinds", str(folder), "S-1", "--decide", "hole"], KINDS | {"hole"}),
        (["claims", str(folder), "accept"], {"accept"}),
        (["report", "redact", str(folder), "more"], set()),
    ]


def test_errors_are_in_the_language_asked_for(
    accented: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = commands(tmp_path)
    plainly = run([c for c, _ in asked])
    monkeypatch.setenv("GOSSAN_LANG", accented)
    for (command, values), was, now in zip(asked, plainly, run([c for c, _ in asked]), strict=True):
        assert was.status == now.status == 2, was.err
        assert "error: " in was.err
        assert pseudo("error: ") in now.err, command
        allowed = values | said_plain(f"{tmp_path} absent area geojson")
        assert said_plain(now.err) <= allowed, now.err
        assert set(now.err) & set(ACCENTED)


def test_a_language_that_is_not_there_is_said_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOSSAN_LANG", "xx")
    (done,) = run([["demo", str(tmp_path / "demo")]])
    assert done.status == 2
    assert "No words for the language 'xx'" in done.err
    assert not (tmp_path / "demo").exists()
