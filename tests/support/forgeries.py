"""What somebody with gossan, another key and no shame may do to a dossier.

Each forgery changes what is shown, draws page, PDF, tables and charts anew with gossan's own code
and signs all of it with another key. The ledger is left alone, but for `ledgers`, which go on from
it or cut it: with the forger's own record of what is shown.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from PIL import Image

from gossan.core.agent import Agent
from gossan.core.hashing import hash_bytes
from gossan.dossier.book import book_of
from gossan.dossier.chapter_parts import Charts
from gossan.dossier.stored import MODEL, Model, from_file, plain_of
from gossan.evidence import binding, signature
from gossan.evidence.ledger import Record, Step
from gossan.evidence.manifest import BESIDE, MANIFEST, SIGNATURE, read_manifest
from gossan.run.render import LEDGER, faces, read_ledger
from tests.support.dossiers import edit, first_area, other_digit, reseal

Plain = Any
"""The model as `data/dossier.json` holds it, or a part of it."""
Blobs = dict[str, bytes]


@dataclass(frozen=True)
class Forgery:
    """One change. `named` is a regular expression that the refusal must match."""

    name: str
    change: Callable[[Plain, Blobs], None]
    named: str


@dataclass(frozen=True)
class FileForgery:
    """A change of files as they lie there; the manifest is made anew."""

    name: str
    change: Callable[[Path], None]
    named: str


def read(dossier: Path) -> dict[str, bytes]:
    """All files by path."""
    return {
        p.relative_to(dossier).as_posix(): p.read_bytes() for p in dossier.rglob("*") if p.is_file()
    }


def plain_model(dossier: Path) -> Plain:
    """The model of a dossier as plain JSON."""
    return json.loads((dossier / MODEL).read_bytes())["model"]


def drawn_of(model: Model) -> Charts:
    """All charts."""
    from gossan.dossier.chapter_charts import draw

    return draw(book_of(model).all)


def forge(original: Path, out: Path, key: Path, change: Callable[[Plain, Blobs], None]) -> Path:
    """The dossier with a change of its model, all drawn anew and signed with `key`."""
    files = read(original)
    blobs = {hash_bytes(d): d for d in files.values()}
    body = json.loads(files[MODEL])
    before = json.dumps(body)
    change(body["model"], blobs)
    assert json.dumps(body) != before
    model, _ = from_file(json.dumps(body).encode(), blobs)
    return write(original, out, key, replace(model, signer=public(key)), chain_of(original))


def public(key: Path) -> str:
    """The public key."""
    return signature.public_of(signature.load_key(key.read_bytes()))


def chain_of(dossier: Path) -> list[Record]:
    """Its ledger."""
    return read_ledger((dossier / LEDGER).read_bytes())


def write(original: Path, out: Path, key: Path, model: Model, chain: list[Record]) -> Path:
    """Draw a model with a ledger, as the maker of `original`, and sign it."""
    manifest = read_manifest((original / MANIFEST).read_bytes())
    maker = Agent(manifest.who, manifest.software, manifest.code, manifest.packages)
    made = faces(model, book_of(model), drawn_of(model), maker, chain)
    shutil.copytree(original, out)
    for name in set(read(out)) - set(made) - set(BESIDE):
        (out / name).unlink()
    for name, data in made.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data)
    text = (out / MANIFEST).read_text(encoding="utf-8")
    body = {**json.loads(text), "case": model.case_name, "as_of": model.as_of.isoformat()}
    new = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (out / MANIFEST).write_text(new, encoding="utf-8")
    reseal(out, key)
    return out


def other_picture(like: bytes) -> bytes:
    """A grey picture of the size of another."""
    with Image.open(io.BytesIO(like)) as image:
        buffer = io.BytesIO()
        Image.new("RGB", image.size, (120, 120, 120)).save(buffer, "PNG")
    return buffer.getvalue()


def _set(path: str, value: Any) -> Callable[[Plain, Blobs], None]:
    """Set what stands at `path`, e.g. "sites.0.site.status"; a function gets the old value."""

    def change(model: Plain, _: Blobs) -> None:
        *way, last = path.split(".")
        at = model
        for step in way:
            at = at[int(step) if isinstance(at, list) else step]
        place = int(last) if isinstance(at, list) else last
        at[place] = value(at[place]) if callable(value) else value

    return change


def _other(share: float | None) -> float:
    """Another share, as true as it looks."""
    return 0.5 if share is None or share > 0.5 else share + 0.2


def _moved(coordinates: Any) -> Any:
    """An outline some hundred metres further east."""
    if isinstance(coordinates[0], float):
        return [coordinates[0] + 0.001, *coordinates[1:]]
    return [_moved(c) for c in coordinates]


def _drop(path: str) -> Callable[[Plain, Blobs], None]:
    def change(model: Plain, _: Blobs) -> None:
        *way, last = path.split(".")
        at = model
        for step in way:
            at = at[int(step) if isinstance(at, list) else step]
        del at[int(last) if isinstance(at, list) else last]

    return change


def _swap(first: str, second: str) -> Callable[[Plain, Blobs], None]:
    def change(model: Plain, blobs: Blobs) -> None:
        seen: list[Any] = []

        def look(old: Any) -> Any:
            seen.append(old)
            return old

        for path in (first, second):
            _set(path, look)(model, blobs)
        _set(first, seen[1])(model, blobs)
        _set(second, seen[0])(model, blobs)

    return change


def _foreign(path: str) -> Callable[[Plain, Blobs], None]:
    """Another picture."""

    def change(model: Plain, blobs: Blobs) -> None:
        def other(old: dict[str, str]) -> dict[str, str]:
            data = other_picture(blobs[old["bytes"]])
            blobs[hash_bytes(data)] = data
            return {"bytes": hash_bytes(data)}

        _set(path, other)(model, blobs)

    return change


def _used_as_cloudy(model: Plain, _: Blobs) -> None:
    scene = next(s for s in model["scenes"] if s["outcome"] == "used")
    scene |= {"outcome": "cloudy", "reason": "cloud cover 97 % exceeds 80 %", "usable_share": None}


def _first(model: Plain, wanted: Callable[[Plain], bool], where: str) -> int:
    return next(i for i, x in enumerate(model[where]) if wanted(x))


def _chapter(key: str, change: Callable[[Plain, Blobs], None]) -> Callable[[Plain, Blobs], None]:
    def changed(model: Plain, blobs: Blobs) -> None:
        at = _first(model, lambda c: c["key"] == key, "chapters")
        change(model["chapters"][at], blobs)

    return changed


def _cell(chapter: Plain, _: Blobs) -> None:
    """The last digit of a number of the first table."""
    grid = next(b for b in chapter["blocks"] if "rows" in b)
    row = grid["rows"][0]
    at = next(i for i, c in reversed(list(enumerate(row))) if c[-1:].isdigit())
    row[at] = other_digit(row[at])


def _file(chapter: Plain, blobs: Blobs) -> None:
    name, old = chapter["files"][0]
    data = blobs[old["bytes"]].replace(b"1", b"2")
    blobs[hash_bytes(data)] = data
    chapter["files"][0] = [name, {"bytes": hash_bytes(data)}]


def _more_words(chapter: Plain, _: Blobs) -> None:
    chapter["blocks"].append({**next(b for b in chapter["blocks"] if set(b) >= {"text", "small"})})
    chapter["blocks"][-1]["text"] = "Nothing was spilled."


def _longer(text: str) -> str:
    return text + " without any doubt"


GROUND: tuple[Forgery, ...] = (
    Forgery("another headline", _set("summary.confirmed_area.value", 900.0), "headline figures"),
    Forgery("more places", _set("summary.n_confirmed", 40), "headline figures"),
    Forgery("swapped map pictures", _swap("images.0.natural", "images.1.natural"), "map picture"),
    Forgery("foreign map picture", _foreign("images.0.natural"), "map picture 1"),
    Forgery("foreign infrared picture", _foreign("images.1.false_colour"), "map picture 2"),
    Forgery("date of a map picture", _set("images.0.date", "2012-02-02"), "map picture 1"),
    Forgery("scene of a map picture", _set("images.0.scene_id", "S2_OTHER"), "map picture 1"),
    Forgery("map picture seen otherwise", _set("images.0.usable_share", _other), "map picture 1"),
    Forgery("map picture removed", _drop("images.0"), "map picture"),
    Forgery("before and after", _swap("sites.0.before", "sites.0.after"), "picture (before|after)"),
    Forgery("foreign picture of a site", _foreign("sites.0.after.png"), "picture after"),
    Forgery("date of a picture", _set("sites.0.before.date", "2009-05-05"), "picture before"),
    Forgery("caption", _set("sites.0.strip.0.caption", "mine at work"), "picture 1 of its row"),
    Forgery(
        "outline in a picture",
        _set("sites.0.after.outline", lambda o: [[[x * 1.5, y * 1.5] for x, y in r] for r in o]),
        "picture after",
    ),
    Forgery("cloud unsaid", _set("sites.0.strip.0.cloudy", lambda c: not c), "picture 1 of its"),
    Forgery("picture left out", _drop("sites.0.strip.0"), "of its row"),
    Forgery(
        "outline of a site", _set("sites.0.site.geometry.coordinates", _moved), "site S-.*, outline"
    ),
    Forgery("area of a site", _set("sites.0.site.area.value", 88.0), "site S-.*, figures"),
    Forgery("interval", _set("sites.0.site.area.low", lambda v: v * 1.5), "site S-.*, figures"),
    Forgery("date of a site", _set("sites.0.site.began.first_changed", "2020-12-01"), "figures"),
    Forgery("status of a site", _set("sites.0.site.status", "provisional"), "figures"),
    Forgery("recovered", _set("sites.0.site.recovered_share", 0.9), "figures"),
    Forgery("growth", _set("sites.0.site.growth.0.area_ha", 3.5), "figures"),
    Forgery("a site removed", _drop("sites.4"), "gone: site S-"),
    Forgery("a site's name", _set("sites.0.site.id", "S-ffffff"), "site S-"),
    Forgery(
        "reversed series",
        _set("sites.0.series.observed.values", lambda v: v[::-1]),
        "site S-.*, series",
    ),
    Forgery(
        "model prediction",
        _set("sites.0.series.predicted.values", lambda v: [0.5 for _ in v]),
        "site S-.*, series",
    ),
    Forgery("dates of a series", _set("sites.0.series.dates.0", "2015-07-01"), "site S-.*, series"),
    Forgery("series removed", _set("sites.0.series", None), "gone: site S-.*, series"),
    Forgery(
        "another kind",
        _set(
            "sites.0.kind.probabilities",
            lambda p: [[k, x] for (k, _), (_, x) in zip(p, p[::-1], strict=True)],
        ),
        "site S-.*, kind",
    ),
    Forgery(
        "a kind decided by nobody",
        _set(
            "sites.0.kind.decision",
            lambda _: (
                {"site": "", "kind": "mine or quarry", "by": "A", "why": "b", "when": "2020-01-01"}
            ),
        ),
        "site S-.*, kind",
    ),
    Forgery("kind removed", _set("sites.0.kind", None), "gone: site S-.*, kind"),
    Forgery("gaps removed", _set("observability.gaps", []), "what could not be seen"),
    Forgery(
        "months seen otherwise", _set("observability.months.0.best_share", _other), "could not be s"
    ),
    Forgery(
        "another share judged",
        _set("observability.judged.share", lambda s: s / 2),
        "what could not be seen",
    ),
    Forgery("smaller sites", _set("observability.smallest_site_ha", 0.01), "could not be seen"),
    Forgery("chapter removed", _drop("chapters.0"), "chapter"),
    Forgery("chapters in another order", _swap("chapters.0", "chapters.1"), "order of the chap"),
    Forgery(
        "finding of a chapter",
        _chapter("vegetation", _set("lead", "All of it grew back.")),
        "chapter vegetation, title and finding",
    ),
    Forgery("number of a table", _chapter("vegetation", _cell), "chapter vegetation, block"),
    Forgery("number of terrain", _chapter("terrain", _cell), "chapter terrain, block"),
    Forgery("words added", _chapter("terrain", _more_words), "no record of it: chapter terrain"),
    Forgery("file of a chapter", _chapter("terrain", _file), "chapter terrain, file"),
    Forgery("case name", _set("case_name", "Another place"), "name of the case"),
    Forgery("period", _set("period.0", "1999-01-01"), "period"),
    Forgery("date of the dossier", _set("as_of", "2023-01-01"), "date of the dossier"),
    Forgery("source", _set("source", "the ministry"), "source"),
    Forgery("attribution", _set("attribution.0", "Images by us"), "attribution"),
    Forgery("used scene as cloudy", _used_as_cloudy, "images (not )?used"),
    Forgery(
        "reason of an image",
        lambda m, b: _set(
            f"scenes.{_first(m, lambda s: s['outcome'] != 'used', 'scenes')}.reason", "withdrawn"
        )(m, b),
        "images not used",
    ),
    Forgery("image seen better", _set("scenes.0.usable_share", 0.999), "images (not )?used"),
    Forgery("image removed", _drop("scenes.0"), "images (not )?used"),
    Forgery(
        "better limits",
        _set("power.limits.0", lambda x: x | {"area_ha": 0.01, "low": 0.005, "high": 0.02}),
        "detection limits",
    ),
    Forgery("narrower limits", _set("power.half_width", 0.001), "detection limits"),
    Forgery("parameters", _set("parameters.0.value", "2016-01-01"), "parameters"),
    Forgery("settings", _set("recipe.config.monitor.alpha", 0.01), "settings of the case"),
    Forgery("author in the settings", _set("recipe.config.by", "The ministry"), "settings"),
    Forgery("commands", _set("commands.0", "gossan update OTHER"), "commands"),
    Forgery("size of the area", _set("area_ha", 9999.0), "size of the area"),
    Forgery("bounds", _set("bounds.0", 21.0), "bounds"),
    Forgery("label of colours", _set("natural_label", "Natural colour"), "natural label"),
    Forgery("grid", _set("grid.pixel_m.0", 5.0), "working grid"),
    Forgery("version", _set("version", "9.9"), "version"),
    Forgery("salt", _set("salt", "00" * 16), "recorded: salt"),
    Forgery(
        "verdict to be held", _set("recipe.held.0.verdict.answer", "contradicted"), "verdict 1 held"
    ),
    Forgery("question to be held", _set("recipe.held.0.question.quantity", "x"), "question 1 held"),
)

DOCUMENTS: tuple[Forgery, ...] = (
    Forgery("case name", _set("case_name", "Another place"), "name of the case"),
    Forgery("date", _set("as_of", "2023-01-01"), "date of the dossier"),
    Forgery("words of a claim", _set("chronicle.entries.0.text", _longer), "statement 1"),
    Forgery("date of a claim", _set("chronicle.entries.0.when", "2001-01-01"), "statement 1"),
    Forgery("day of a claim", _set("chronicle.entries.0.first", "2001-01-01"), "statement 1"),
    Forgery("who says it", _set("chronicle.entries.0.chain", ["The ministry"]), "statement 1"),
    Forgery("side", _set("chronicle.entries.0.side", "the other side"), "statement 1"),
    Forgery("review", _set("chronicle.entries.0.draft", lambda d: not d), "statement 1"),
    Forgery("copies", _set("chronicle.entries.0.copies", 12), "statement 1"),
    Forgery("doubts removed", _set("chronicle.entries.0.notes", ["no doubt"]), "statement 1"),
    Forgery("statement removed", _drop("chronicle.entries.0"), "statement"),
    Forgery("more undated", _set("chronicle.undated", 70), "chronicle"),
    Forgery("title of a document", _set("chronicle.documents.0.title", _longer), "document 1"),
    Forgery("hash of a document", _set("chronicle.documents.0.sha256", "sha256:0"), "document 1"),
    Forgery("day of a document", _set("chronicle.documents.0.published", "today"), "document 1"),
    Forgery("document removed", _drop("chronicle.documents.0"), "document"),
    Forgery("verdict turned", _set("chronicle.answers.0.verdict", "SUPPORTED"), "answer 1"),
    Forgery("reason", _set("chronicle.answers.0.reason", "We were there."), "answer 1"),
    Forgery("question", _set("chronicle.answers.0.asked", "another"), "answer 1"),
    Forgery("what counts", _set("chronicle.answers.0.counts_for", "anything"), "answer 1"),
    Forgery("measured", _set("chronicle.answers.0.measured", ["all: 1 ha"]), "answer 1"),
    Forgery("power", _set("chronicle.answers.0.power", "100 %"), "answer 1"),
    Forgery("other explanations", _set("chronicle.answers.0.alternatives", ["none"]), "answer 1"),
    Forgery("answer removed", _drop("chronicle.answers.0"), "answer"),
    Forgery("seals removed", _set("chronicle.sealed", []), "chronicle"),
    Forgery("sides", _set("chronicle.sides", lambda s: [*s, "ours"]), "chronicle"),
    Forgery("commands", _set("commands.0", "rm"), "commands"),
    Forgery("version", _set("version", "9.9"), "version"),
    Forgery("salt", _set("salt", "00" * 16), "recorded: salt"),
)


def _in_chart(text: str) -> Callable[[Path], None]:
    """Put something into the first chart of the page."""

    def change(dossier: Path) -> None:
        def into(page: str) -> str:
            at = page.index('class="marks"')
            end = page.index("</svg>", at)
            return page[:end] + text + page[end:]

        edit(dossier / "index.html", into)

    return change


def _chart_at(old: str, new: str) -> Callable[[Path], None]:
    return lambda d: edit(d / "index.html", lambda t: t.replace(old, new, 1))


def _page(old: str, new: str) -> Callable[[Path], None]:
    return lambda d: edit(d / "index.html", lambda t: t.replace(old, new, 1))


def _digit(path: str) -> Callable[[Path], None]:
    """The last digit of a file."""

    def change(dossier: Path) -> None:
        def other(text: str) -> str:
            at = max(i for i, c in enumerate(text) if c in "12345678")
            return text[:at] + other_digit(text[at]) + text[at + 1 :]

        edit(dossier / path, other)

    return change


def _pdf(dossier: Path) -> None:
    """Another dossier's PDF: one page of it is gone."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=dossier / "dossier.pdf")
    writer.remove_page(len(writer.pages) - 1)
    writer.write(dossier / "dossier.pdf")


def _manifest(**fields: str) -> Callable[[Path], None]:
    """Other words in the manifest."""

    def change(dossier: Path) -> None:
        body = json.loads((dossier / MANIFEST).read_text(encoding="utf-8")) | fields
        text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (dossier / MANIFEST).write_text(text, encoding="utf-8")

    return change


def _both(*changes: Callable[[Path], None]) -> Callable[[Path], None]:
    def change(dossier: Path) -> None:
        for c in changes:
            c(dossier)

    return change


def _first_area(dossier: Path) -> None:
    area = first_area(dossier)
    edit(dossier / "index.html", lambda t: t.replace(f">{area}<", f">{other_digit(area)}<"))


_OVER = '<div style="position:fixed;inset:0;background:#fff">No site was found.</div>'
CHART_FILES: tuple[FileForgery, ...] = (
    FileForgery(
        "chart over the page",
        _chart_at('class="marks"', 'class="marks" style="position:fixed;inset:0"'),
        "a chart is missing or is no plain drawing",
    ),
    FileForgery(
        "chart of another class", _chart_at('class="marks"', 'class="marks skip"'), "index.html"
    ),
    FileForgery("script in a chart", _in_chart("<script>alert(1)</script>"), "no plain drawing"),
    FileForgery(
        "page in a chart",
        _in_chart('<foreignObject width="9" height="9"><p>All is well</p></foreignObject>'),
        "no plain drawing",
    ),
    FileForgery("style in a chart", _in_chart("<style>*{display:none}</style>"), "no plain draw"),
    FileForgery("link in a chart", _in_chart('<a href="x"><text>y</text></a>'), "no plain drawing"),
    FileForgery("picture in a chart", _in_chart('<image href="x"/>'), "no plain drawing"),
    FileForgery("drawing in a chart", _in_chart('<svg class="marks"></svg>'), "index.html|drawing"),
    FileForgery("words in a chart", _in_chart("<text>900 ha</text>"), "recorded: chart "),
    FileForgery("overlay on the page", _page("<main>", f"{_OVER}<main>"), "index.html"),
    FileForgery("PDF alone", _pdf, "dossier.pdf"),
    FileForgery("custody alone", _digit("evidence/custody.csv"), "custody.csv"),
    FileForgery(
        "style sheet",
        lambda d: edit(d / "assets" / "dossier.css", lambda t: t + "\nmain{display:none}\n"),
        "dossier.css",
    ),
    FileForgery("crate alone", _digit("ro-crate-metadata.json"), "ro-crate-metadata.json"),
    FileForgery("author", _manifest(who="The ministry"), "made by .*; the manifest says The min"),
    FileForgery(
        "another build, to escape the drawing",
        _both(_manifest(code="sha256:0"), _page("<main>", f"{_OVER}<main>")),
        "the manifest says .*sha256:0",
    ),
    FileForgery(
        "an older gossan, to escape the record",
        _manifest(format="gossan-dossier/1"),
        "its ledger is by one that binds",
    ),
)
GROUND_FILES: tuple[FileForgery, ...] = (
    *CHART_FILES,
    FileForgery("page alone", _first_area, "index.html: it says"),
    FileForgery("CSV alone", _digit("data/sites.csv"), "data/sites.csv"),
    FileForgery("GeoJSON alone", _digit("data/sites.geojson"), "data/sites.geojson"),
    FileForgery("STAC item alone", _digit("stac/item.json"), "stac/item.json"),
)
DOCUMENT_FILES: tuple[FileForgery, ...] = (
    *CHART_FILES,
    FileForgery("CSV alone", _digit("data/chronicle.csv"), "data/chronicle.csv"),
    FileForgery("answers alone", _digit("data/answers.json"), "data/answers.json"),
)


def forge_files(original: Path, out: Path, key: Path, change: Callable[[Path], None]) -> Path:
    """The dossier signed anew with `key`, as `forge` does it, and then changed file by file."""
    model, _ = from_file(
        (original / MODEL).read_bytes(), {hash_bytes(d): d for d in read(original).values()}
    )
    write(original, out, key, model, chain_of(original))
    change(out)
    reseal(out, key)
    return out


def take_off(original: Path, out: Path) -> Path:
    """The dossier without its signature."""
    shutil.copytree(original, out)
    (out / SIGNATURE).unlink()
    return out


def sealed(chain: list[Record], step: Step, like: dict[str, Any]) -> list[Record]:
    """A chain with one more record, by the maker of the record `like`."""
    maker = Agent(like["who"], like["software"], like["code"], like["packages"])
    return [*chain, step.seal(len(chain), chain[-1][1], like["when"], maker)]


def ledgers(original: Path) -> Iterator[tuple[str, list[Record]]]:
    """Ledgers a forger may put his own record of what is shown to, by name."""
    chain = chain_of(original)
    yield "added to", chain
    cut = takewhile(lambda r: r[0]["action"] != binding.ACTION, chain)
    yield "cut before the maker's record", list(cut)


def forge_with_record(
    original: Path,
    out: Path,
    key: Path,
    chain: list[Record],
    change: Callable[[Plain, Blobs], None],
) -> Path:
    """As `forge`, with a record of the forger's own that says that just this is shown."""
    blobs = {hash_bytes(d): d for d in read(original).values()}
    body = json.loads((original / MODEL).read_bytes())
    change(body["model"], blobs)
    model, _ = from_file(json.dumps(body).encode(), blobs)
    model = replace(model, signer=public(key))
    plain, _ = plain_of(model)
    step = binding.shown_step(binding.parts_of(plain, drawn_of(model)), model.signer)
    longer = sealed(chain, step, chain_of(original)[-1][0])
    return write(original, out, key, replace(model, ledger_head=longer[-1][1]), longer)
