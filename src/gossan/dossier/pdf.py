"""The PDF: the page's content set by typst, PDF/A-2a and PDF/UA-1, the same bytes every time."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from importlib.resources import files

import typst

from gossan.core.errors import Code, GossanError
from gossan.core.visible import visible
from gossan.core.words import ENGLISH, language, tr, use_language
from gossan.dossier.book import Book
from gossan.dossier.chapter_parts import Charts, pdf_chapter
from gossan.dossier.maker import maker_view


@use_language(ENGLISH)
def render_pdf(book: Book, charts: Charts) -> bytes:
    """The dossier as PDF. Raises GossanError(DOSSIER) where typst refuses.

    Words reach typst as JSON data and are set as text, so nothing in a name is ever read as
    markup. The date inside the file is the book's `as_of`.
    """
    labels = {"who": tr("Who made this?"), "qr": tr("The public key as a QR code")}
    data = {
        "name": book.name,
        "title": book.title,
        "kicker": book.kicker,
        "version": book.version,
        "summary": pdf_chapter(book.summary, charts),
        "chapters": [pdf_chapter(c, charts) for c in book.chapters],
        "foot": book.foot,
        "maker": {**asdict(maker_view(book.signer)), "labels": labels},
        "lang": language().code,
        "labels": {"attribution": tr("Attribution")},
    }
    room = files("gossan.dossier")
    try:
        return typst.compile(
            str(room / "templates" / "dossier.typ"),
            format="pdf",
            font_paths=[str(room / "assets" / "fonts")],
            ignore_system_fonts=True,
            sys_inputs={"data": visible(json.dumps(data, sort_keys=True, ensure_ascii=False))},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(datetime.combine(book.as_of, time(), UTC).timestamp()),
        )
    except RuntimeError as error:
        raise GossanError(
            Code.DOSSIER,
            tr("The PDF could not be set by typst: {reason}.", reason=error),
            tr("The page (index.html) holds the same content; please report this with the case."),
        ) from error
