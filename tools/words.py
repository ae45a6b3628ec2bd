"""Collect the words that people read, bring every language up to date, compile the catalogues.

    python -m tools.words            what `make words` calls
    python -m tools.words LANGUAGE   begin a language, such as `ru` or `pt_BR`

Texts stand in calls of `gossan.core.words`, in the templates of the dossier, and in the docstring
of a command, which `--help` shows. The same sources give the same bytes: no dates, and files
without line numbers, so that moving code changes no catalogue.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "gossan"
LOCALE = SOURCE / "locale"
TEMPLATE = LOCALE / "gossan.pot"

KEYWORDS = {"tr": None, "tr_later": None, "trn": (1, 2), "trc": ((1, "c"), 2)}
SETTINGS = {"Setting": None, "later": None, "Section": None, "Number": (3,)}
"""Declarations of settings, with their sentences and units."""
METHODS = [
    ("cli/**.py", "tools.words:commands"),
    ("observables/*/command.py", "tools.words:commands"),
    ("observables/kind/likelihood.py", "tools.words:evidence"),
    ("**.py", "python"),
    ("**.j2", "jinja2"),
]
OPTIONS = {"**.py": {"encoding": "utf-8"}, "**.j2": {"silent": "false"}}
NOTE = "Translators:"
"""Begins a comment above a text that whoever translates it should read."""

HEAD = "# Words of gossan.\n# Distributed under gossan's own licence, Apache-2.0.\n#"
MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""Of every file: none says when it was made."""

EXAMPLE = re.compile(r"Examples?: `gossan ")
"""Stands in the docstring of each command and of nothing else."""


def commands(
    file: IO[bytes], keywords: Mapping[str, Any], tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """What Babel finds in a module of commands, and the docstrings that `--help` shows."""
    text = file.read()
    yield from extract_python(BytesIO(text), keywords, tags, options)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            words = ast.get_docstring(node, clean=False) or ""
            if EXAMPLE.search(words):
                yield node.lineno, "tr", inspect.cleandoc(words), []


def evidence(
    file: IO[bytes], keywords: Mapping[str, Any], tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """What the lines of evidence for a kind are called, and what their values mean."""
    text = file.read()
    yield from extract_python(BytesIO(text), keywords, tags, options)
    for call in ast.walk(ast.parse(text)):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Line":
            for part in ast.walk(call):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    words = part.value.removeprefix("share").strip()  # as it is shown of a unit
                    yield from (
                        (part.lineno, "tr", w, []) for w in dict.fromkeys((words, part.value)) if w
                    )


def template() -> Catalog:
    """Every text of the sources, with the files it stands in."""
    catalog = Catalog(
        domain="gossan", header_comment=HEAD, project="gossan", creation_date=MADE, fuzzy=False
    )
    found = extract_from_dir(
        SOURCE, METHODS, OPTIONS, {**KEYWORDS, **SETTINGS}, [NOTE], strip_comment_tags=True
    )
    for name, line, text, notes, context in found:
        catalog.add(text, None, [(name, line)], auto_comments=notes, context=context)
    return catalog


def written(catalog: Catalog) -> bytes:
    """A catalogue as the text of its file."""
    file = BytesIO()
    write_po(file, catalog, width=100, sort_by_file=True, include_lineno=False)
    return file.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """The same for gettext, as it is installed."""
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def brought_up_to_date(path: Path, new: Catalog) -> Catalog:
    """A language's catalogue with the texts of today; what is no longer said stays as a comment."""
    with path.open("rb") as file:
        catalog = read_po(file, domain="gossan")
    catalog.update(new, update_creation_date=False)
    return catalog


def main(languages: list[str]) -> None:
    """Write the template, and each language's `.po` and `.mo`."""
    new = template()
    LOCALE.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(written(new))
    for name in languages:
        path = LOCALE / name / "LC_MESSAGES" / "gossan.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(written(Catalog(name, header_comment=HEAD, creation_date=MADE)))
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/gossan.po")):
        catalog = brought_up_to_date(path, new)
        path.write_bytes(written(catalog))
        path.with_suffix(".mo").write_bytes(compiled(catalog))


if __name__ == "__main__":
    main(sys.argv[1:])
