"""A dossier of documents only: page, PDF and data for a case without images."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from importlib.resources import files

from gossan.dossier.chronicle import Chronicle
from gossan.dossier.chronicle_parts import page_parts, pdf_part
from gossan.dossier.maker import maker_view
from gossan.dossier.page import asset, environment
from gossan.dossier.pdf import set_pdf
from gossan.dossier.sentences import signed_words

STATIC = (
    "dossier.css",
    "chronicle.js",
    "fonts/DejaVuSans.ttf",
    "fonts/DejaVuSans-Bold.ttf",
    "fonts/DejaVuSansMono.ttf",
    "fonts/LICENSE.txt",
)


@dataclass(frozen=True)
class ChronicleDossier:
    """A dossier of documents only, for a case without images.

    Attributes
    ----------
    case_name : as the user wrote it
    version : of gossan
    as_of : day of the newest document; the dossier's own date (never the clock)
    chronicle : what it shows
    ledger_head : hash of the last evidence record
    commands : command lines that make it again
    signer : public key of who signs the dossier, "" where nobody does
    salt : as in `DossierModel`
    """

    case_name: str
    version: str
    as_of: date
    chronicle: Chronicle
    ledger_head: str
    commands: tuple[str, ...]
    signer: str = ""
    salt: str = ""

    @property
    def signed(self) -> str:
        """Who signs, in words."""
        return signed_words(self.signer)


def render_said_page(model: ChronicleDossier, drawn: str) -> dict[str, bytes]:
    """The page and what it shows, by path, with the timeline as SVG. Equal models, equal bytes."""
    out = {f"assets/{name}": asset(name) for name in STATIC}
    page = environment().get_template("chronicle_page.html.j2")
    out["index.html"] = page.render(
        page_parts(model.chronicle, drawn), m=model, maker=maker_view(model.signer)
    ).encode()
    return out


def render_said_pdf(model: ChronicleDossier, drawn: str) -> bytes:
    """The same as PDF. Raises GossanError (DOSSIER) where typst refuses."""
    data = {
        "title": f"{model.case_name}: what was said",
        "case_name": model.case_name,
        "version": model.version,
        "as_of": model.as_of.isoformat(),
        "ledger_head": model.ledger_head,
        "signed": model.signed,
        "maker": asdict(maker_view(model.signer)),
        "commands": model.commands,
        "chronicle": pdf_part(model.chronicle, drawn),
    }
    stamp = int(datetime.combine(model.as_of, time(), UTC).timestamp())
    return set_pdf(str(files("gossan.dossier") / "templates" / "said.typ"), data, stamp)
