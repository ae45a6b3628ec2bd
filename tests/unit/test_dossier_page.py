"""The page: nothing escapes its markup, nothing is loaded from elsewhere, nothing is left out."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.support.dossier_model import HOSTILE, data_of, make_model, page_of

from gossan.dossier.figures import key_figures, site_cells
from gossan.dossier.model import DossierModel


class _Page(HTMLParser):
    """Elements with their attributes, and the text outside scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self._script: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._script = (dict(attrs).get("id") or "script") if tag == "script" else None

    def handle_endtag(self, tag: str) -> None:
        self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.raw[self._script] = data
        elif data.strip():
            self.texts.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return " ".join(self.texts)


@pytest.fixture(scope="module")
def model() -> DossierModel:
    return make_model(HOSTILE)


@pytest.fixture(scope="module")
def page_files(model: DossierModel) -> dict[str, bytes]:
    return page_of(model)


@pytest.fixture(scope="module")
def page(page_files: dict[str, bytes]) -> _Page:
    return _Page(page_files["index.html"].decode())


def test_hostile_name_stays_text(page: _Page) -> None:
    scripts = [a for tag, a in page.elements if tag == "script"]
    assert len(scripts) == 3
    assert all("src" in a or a.get("type") == "application/json" for a in scripts)
    assert " ".join(HOSTILE.split()) in page.text


def test_hostile_label_cannot_end_the_data_script(model: DossierModel) -> None:
    label = "</script><script>alert(2)</script><!--"
    html = page_of(replace(model, natural_label=label))["index.html"].decode()
    page = _Page(html)
    assert len([1 for tag, _ in page.elements if tag == "script"]) == 3
    assert json.loads(page.raw["map-data"])["labels"]["natural"] == label


def test_every_reference_is_a_delivered_file(
    model: DossierModel, page: _Page, page_files: dict[str, bytes]
) -> None:
    delivered = {*page_files, *(f"data/{name}" for name in data_of(model))}
    seen = 0
    for tag, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "poster", "data", "action"):
            target = attributes.get(name)
            if target is None or target.startswith(("#", "data:")):
                continue
            assert target in delivered, (tag, target)
            seen += 1
    assert seen > 5


def test_styles_load_nothing_from_elsewhere(page_files: dict[str, bytes]) -> None:
    for name in ("assets/dossier.css", "assets/maplibre-gl.css"):
        for target in re.findall(r"url\(\s*['\"]?([^)'\"]+)", page_files[name].decode()):
            assert target.startswith("data:") or f"assets/{target}" in page_files, target


def test_policy_forbids_the_network(page: _Page) -> None:
    policies = [a["content"] for t, a in page.elements if t == "meta" and "http-equiv" in a]
    assert len(policies) == 1
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'")
    assert "http" not in policies[0]
    assert "script-src 'self' file: blob:" in policies[0]


def test_every_site_and_its_numbers_are_shown(model: DossierModel, page: _Page) -> None:
    for section in model.sites:
        for cell in site_cells(section):
            assert cell.replace("\u00a0", " ") in page.text
        assert f"Site {section.site.id}" in page.text


def test_every_figure_scene_parameter_and_command_is_shown(
    model: DossierModel, page: _Page
) -> None:
    for figure in key_figures(model).figures:
        assert figure.value.replace("\u00a0", " ") in page.text
    for record in model.scenes:
        assert record.id in page.text
    for parameter in model.parameters:
        assert parameter.meaning in page.text
    for line in (*model.commands, *model.attribution, model.ledger_head):
        assert line in page.text


def test_every_picture_is_described(page: _Page) -> None:
    for tag, attributes in page.elements:
        if tag == "img":
            assert attributes.get("alt")
        if attributes.get("role") == "img":
            assert attributes.get("aria-label")


def test_inner_ids_are_unique(page: _Page) -> None:
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))


def test_same_model_same_bytes(model: DossierModel, page_files: dict[str, bytes]) -> None:
    assert page_of(model) == page_files


def test_without_sites_absence_is_not_claimed() -> None:
    page = _Page(page_of(make_model(n_sites=0))["index.html"].decode())
    assert "No confirmed change of ground was found where it could be looked for" in page.text
    assert "does not say that nothing happened" in page.text


def test_a_site_without_pictures_says_so_and_is_not_called_unreadable(model: DossierModel) -> None:
    bare = replace(model.sites[2], series=None, strip=())
    text = _Page(page_of(replace(model, sites=(bare,)))["index.html"].decode()).text
    assert "Only the larger sites are shown in pictures" in text
    assert "could not be read back" not in text
