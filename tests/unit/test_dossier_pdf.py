"""The PDF: words stay words, every site is in it, the same bytes every time."""

from __future__ import annotations

import io

import pypdf
import pytest
from tests.support.dossier_model import HOSTILE, make_model, pdf_of

from gossan.dossier.figures import site_cells
from gossan.dossier.model import DossierModel


@pytest.fixture(scope="module")
def model() -> DossierModel:
    return make_model(HOSTILE)


@pytest.fixture(scope="module")
def pdf(model: DossierModel) -> bytes:
    return pdf_of(model)


@pytest.fixture(scope="module")
def reader(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


@pytest.fixture(scope="module")
def text(reader: pypdf.PdfReader) -> str:
    return "".join("".join(p.extract_text() for p in reader.pages).split())


def test_names_are_text_not_markup(text: str) -> None:
    assert '<script>alert(1)</script>#eval("1")$x$&' in text


def test_every_site_number_scene_and_command_is_in_it(model: DossierModel, text: str) -> None:
    for section in model.sites:
        for cell in site_cells(section):
            assert "".join(cell.split()) in text
    for record in model.scenes:
        assert record.id in text
    for line in (*model.commands, *model.attribution, model.ledger_head):
        assert "".join(line.split()) in text


def test_same_model_same_bytes(model: DossierModel, pdf: bytes) -> None:
    assert pdf_of(model) == pdf


def test_dated_by_the_case_and_not_by_the_clock(reader: pypdf.PdfReader) -> None:
    assert reader.metadata is not None
    assert reader.metadata.creation_date is not None
    assert f"{reader.metadata.creation_date:%Y-%m-%d}" == "2020-12-21"


def test_tagged_archival_and_only_bundled_fonts(reader: pypdf.PdfReader, pdf: bytes) -> None:
    xmp = reader.trailer["/Root"]["/Metadata"].get_data().decode()  # type: ignore[index]
    assert "pdfaid:part" in xmp
    assert "pdfuaid:part" in xmp
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()  # type: ignore[union-attr,index]
    }
    assert fonts
    assert all("DejaVu" in name for name in fonts)


def test_without_sites() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(make_model(n_sites=0))))
    text = " ".join("".join(p.extract_text() for p in reader.pages).split())
    assert "does not say that nothing happened" in text
