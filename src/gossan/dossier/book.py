"""A dossier as chapters of blocks: what its page, its PDF and its data folder are drawn from.

The frame of a face (head, foot) shows the few texts of `Book`; all else stands in chapters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gossan.core.words import ENGLISH, tr, tr_later, tr_now, use_language
from gossan.dossier.chapter import Block, Chapter, Commands, Fact, Facts, Words, keyed, plain
from gossan.dossier.chronicle import ChronicleDossier
from gossan.dossier.chronicle_chapter import chronicle_chapters
from gossan.dossier.figures import key_figures
from gossan.dossier.model import DossierModel
from gossan.dossier.power_chapter import power_chapter
from gossan.dossier.seen_chapter import images_chapter, method_chapter, unseen_chapter
from gossan.dossier.sentences import key_sentences, plain_date, signed_words
from gossan.dossier.site_chapter import map_chapter, site_chapters, sites_chapter
from gossan.dossier.stored import Model

DATA = "data/"
PLACES = tr_later("Places: GeoNames (CC BY 4.0, geonames.org) and the case's own list.")


@dataclass(frozen=True)
class Book:
    """All that is shown of a dossier.

    Attributes
    ----------
    name : of the case
    title : of window and file
    kicker : small words above the name, also at the foot of each page of paper
    version : of gossan
    as_of : the dossier's own date
    summary : what it says first; stands in the head, without a title
    chapters : in the order shown
    foot : lines that the data's licences ask for
    signer : public key of who signs it, shown in the head; "" where nobody does
    """

    name: str
    title: str
    kicker: str
    version: str
    as_of: date
    summary: Chapter
    chapters: tuple[Chapter, ...]
    foot: tuple[str, ...]
    signer: str

    @property
    def all(self) -> tuple[Chapter, ...]:
        """The summary and every chapter."""
        return self.summary, *self.chapters

    def blocks(self) -> Iterator[tuple[str, Block]]:
        """Every block with its key."""
        for chapter in self.all:
            yield from keyed(chapter)

    def files(self) -> dict[str, bytes]:
        """Every table and other file of the chapters, by path in the dossier."""
        return {f"{DATA}{name}": data for c in self.all for name, data in c.files}

    def parts(self) -> dict[str, dict[str, object]]:
        """Everything shown in its plain form: each chapter by its key, and the frame."""
        frame: dict[str, object] = {
            "name": self.name,
            "title": self.title,
            "kicker": self.kicker,
            "version": self.version,
            "as_of": self.as_of.isoformat(),
            "foot": list(self.foot),
            "signer": self.signer,
        }
        return {"frame": frame, **{c.key: plain(c) for c in self.all}}


@use_language(ENGLISH)
def book_of(model: Model) -> Book:
    """The book of a model. Equal models give equal books."""
    return _said(model) if isinstance(model, ChronicleDossier) else _ground(model)


def _ground(model: DossierModel) -> Book:
    lead, *more = key_sentences(model)
    summary: tuple[Block, ...] = (*(Words(s) for s in more), key_figures(model))
    said = () if model.chronicle is None else chronicle_chapters(model.chronicle)
    return Book(
        model.case_name,
        tr("{name}: what changed on the ground", name=model.case_name),
        tr("Ground seen from above \u00b7 images to {as_of}", as_of=plain_date(model.as_of)),
        model.version,
        model.as_of,
        Chapter("summary", "", lead, summary),
        (
            map_chapter(model),
            sites_chapter(model),
            *site_chapters(model),
            *model.chapters,
            *said,
            power_chapter(model.power),
            unseen_chapter(model),
            method_chapter(model),
            images_chapter(model),
        ),
        (*model.attribution, *((tr_now(PLACES),) if said else ())),
        model.signer,
    )


def _said(model: ChronicleDossier) -> Book:
    made = (
        (tr("Evidence ledger"), model.ledger_head),
        (tr("Signed"), signed_words(model.signer)),
        (tr("Program"), f"gossan {model.version}"),
    )
    how = (Commands(model.commands), Facts(tuple(Fact(name, (text,)) for name, text in made)))
    return Book(
        model.case_name,
        tr("{name}: what was said", name=model.case_name),
        tr("Documents to {as_of} \u00b7 no image has been read yet", as_of=plain_date(model.as_of)),
        model.version,
        model.as_of,
        Chapter("summary", "", "", ()),
        (
            *chronicle_chapters(model.chronicle),
            Chapter("method", tr("How to run it again"), "", how),
        ),
        (tr_now(PLACES),),
        model.signer,
    )
