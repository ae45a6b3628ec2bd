"""A dossier model with invented pixels and hostile names, for the tests of page, PDF and tables."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from odc.geo.geobox import GeoBox
from PIL import Image
from shapely.geometry import box, mapping
from shapely.geometry.base import BaseGeometry

from gossan.core.dates import DateInterval
from gossan.core.power.trials import MonthChance
from gossan.core.values import GrowthStep, Measurement, Outcome, SceneRecord, Site, SiteStatus
from gossan.dossier.book import book_of
from gossan.dossier.chapter import CropImage, LonLat, MapImage
from gossan.dossier.chapter_charts import draw
from gossan.dossier.model import (
    DossierModel,
    Gap,
    GridInfo,
    MonthCounts,
    Observability,
    Parameter,
    PowerSection,
    SiteSection,
    Summary,
)
from gossan.dossier.page import render_page
from gossan.dossier.pdf import render_pdf
from gossan.dossier.plots import SiteSeries
from gossan.dossier.power_chapter import section_of
from gossan.dossier.stored import Model
from tests.support.trials import curves_of, many_trials

HOSTILE = "<script>alert(1)</script> #eval(\"1\") $x$ & 'Çay' Ağdam Հայ ქართ"
WEST, SOUTH, EAST, NORTH = 22.145, 45.200, 22.158, 45.209
SIDE = 100
GRID = GeoBox.from_bbox((WEST, SOUTH, EAST, NORTH), crs="EPSG:4326", shape=(SIDE, SIDE), tight=True)
WINDOWS = ((20, 40, 25, 50), (60, 72, 55, 75), (10, 16, 80, 90))
BEGAN = (date(2018, 5, 18), date(2019, 7, 2), date(2020, 9, 20))


def _ground(day: date, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    yy, xx = np.mgrid[:SIDE, :SIDE]
    base = 70 + 25 * np.sin(xx / 9) * np.cos(yy / 13) + rng.normal(0, 6, (SIDE, SIDE))
    rgb = np.stack([base * 0.55, base, base * 0.5], -1)
    for (top, bottom, left, right), began in zip(WINDOWS, BEGAN, strict=True):
        if day >= began:
            rgb[top:bottom, left:right] = (178, 140, 104)
    return np.clip(rgb, 0, 255).astype(np.uint8)


def _png(rgb: np.ndarray, scale: int = 1) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb.repeat(scale, 0).repeat(scale, 1)).save(buffer, "PNG")
    return buffer.getvalue()


def _rectangle(window: tuple[int, int, int, int]) -> BaseGeometry:
    top, bottom, left, right = window
    w, n = GRID.transform * (left, top)
    e, s = GRID.transform * (right, bottom)
    return box(w, s, e, n)


def _site(n: int, status: SiteStatus, identifier: str) -> Site:
    window, began = WINDOWS[n], BEGAN[n]
    shape = _rectangle(window)
    rows, cols = np.mgrid[window[0] : window[1], window[2] : window[3]]
    area = rows.size * 0.01
    first = DateInterval(began - timedelta(days=15) if n != 2 else None, began)
    steps = [GrowthStep(began, area * 0.4, area * 0.3, area * 0.5)] if n == 0 else []
    last = began + timedelta(days=380) if n == 0 else began
    steps.append(GrowthStep(last, area, area * 0.88, area * 1.13))
    return Site(
        id=identifier,
        status=status,
        geometry=shape,
        geometry_grid=shape,
        area=Measurement(
            "disturbed area", area, "ha", area * 0.88, area * 1.13, 0.95, "area.pixel-edge.v1"
        ),
        began=first,
        ended=DateInterval(last - timedelta(days=10), last) if n == 0 else first,
        growth=tuple(steps),
        pixels=(rows.ravel().astype(np.int32), cols.ravel().astype(np.int32)),
        magnitude=6.4,
        recovered_share=0.31 if n == 1 else 0.0,
        again_share=0.12 if n == 1 else 0.0,
    )


def _crop(n: int, day: date, caption: str, cloudy: bool = False) -> CropImage:
    top, bottom, left, right = WINDOWS[n]
    y0, x0 = max(0, top - 10), max(0, min(left - 10, SIDE - 45))
    rgb = _ground(day, day.toordinal())[y0 : y0 + 45, x0 : x0 + 45]
    if cloudy:
        rgb = np.clip(rgb.astype(int) // 4 + 185, 0, 255).astype(np.uint8)
    ring = tuple(
        (float(x - x0) * 4, float(y - y0) * 4)
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    )
    size = (rgb.shape[1] * 4, rgb.shape[0] * 4)
    return CropImage(day, f"S2-{day:%Y%m%d}", _png(rgb, 4), size, (ring,), caption, cloudy)


def _series(n: int) -> SiteSeries:
    rng = np.random.default_rng(7 + n)
    days = [date(2016, 1, 4) + timedelta(days=14 * i) for i in range(130)]
    phase = np.array([2 * np.pi * d.timetuple().tm_yday / 365.25 for d in days])
    model = 0.62 - 0.18 * np.cos(phase)
    seen = model + rng.normal(0, 0.03, len(days))
    seen[[d >= BEGAN[n] for d in days]] -= 0.32
    seen[rng.random(len(days)) < 0.3] = np.nan
    model_drawn = model.copy()
    model_drawn[:4] = np.nan
    return SiteSeries(
        index="NDVI",
        dates=tuple(days),
        observed=seen.astype(np.float32),
        usable_share=np.where(np.isnan(seen), 0, 1).astype(np.float32),
        model_dates=tuple(days),
        predicted=model_drawn.astype(np.float32),
        predicted_sd=np.full(len(days), 0.035, np.float32),
        monitored_from=date(2018, 1, 1),
    )


def _section(n: int, identifier: str) -> SiteSection:
    status = SiteStatus.PROVISIONAL if n == 2 else SiteStatus.CONFIRMED
    began = BEGAN[n]
    looks = (
        (-380, "a year earlier", False),
        (-15, "last seen unchanged", False),
        (-7, "not seen: cloud", True),
        (0, "first seen changed", False),
        (90, "latest look", False),
    )
    strip = tuple(_crop(n, began + timedelta(days=d), c, cloudy) for d, c, cloudy in looks)
    return SiteSection(
        number=n + 1,
        site=_site(n, status, identifier),
        series=_series(n) if n != 2 else None,
        strip=strip,
        before=strip[1] if n != 2 else None,
        after=strip[3] if n != 2 else None,
    )


def _scenes() -> tuple[SceneRecord, ...]:
    outcomes = (
        (Outcome.USED, "", 0.93),
        (Outcome.CLOUDY, "cloud cover 97 % exceeds 80 %", None),
        (Outcome.USED, "", 0.41),
        (Outcome.EMPTY, "no usable pixel", 0.0),
        (Outcome.FAILED, f"read timed out {HOSTILE}", None),
    )
    return tuple(
        SceneRecord(
            id=f"S2A_34TFR_{i:03d}_L2A",
            time=datetime(2016, 1, 4, 9, 30, tzinfo=UTC) + timedelta(days=14 * i),
            outcome=outcomes[i % 5][0],
            reason=outcomes[i % 5][1],
            usable_share=outcomes[i % 5][2],
            offset_rule="no offset before baseline 04.00",
            checksum=None,
        )
        for i in range(130)
    )


def _months() -> tuple[MonthCounts, ...]:
    found = []
    for i in range(60):
        month = date(2016 + i // 12, i % 12 + 1, 1)
        if month.month in (1, 12) or 24 <= i < 27:
            found.append(MonthCounts(month, 0 if i >= 24 else 2, 0, None, None))
        else:
            share = 0.5 + 0.5 * abs(np.sin(i))
            found.append(MonthCounts(month, 3, 2, float(share) * 0.9, float(share)))
    return tuple(found)


def _area_total(sections: tuple[SiteSection, ...]) -> Measurement:
    v = sum(s.site.area.value for s in sections)
    return Measurement("changed area", v, "ha", v * 0.9, v * 1.1, 0.95, "area.sum.v1")


def power_section() -> PowerSection:
    """Limits from trials made by hand, with a blind month."""
    months = tuple(
        MonthChance(date(2019, m, 1), (0.0, 0.2, 0.0 if m == 11 else 0.9)) for m in range(1, 13)
    )
    return section_of(replace(curves_of(many_trials(), months), dropped_ha=(1.6,)))


def make_model(name: str = "Danube hills", n_sites: int = 3) -> DossierModel:
    """Three sites (the third provisional, without series or pair), four dates, gaps; limits."""
    corners: tuple[LonLat, LonLat, LonLat, LonLat] = (
        (WEST, NORTH),
        (EAST, NORTH),
        (EAST, SOUTH),
        (WEST, SOUTH),
    )
    sites = tuple(_section(n, f"S-{n}f9a2c") for n in range(n_sites))
    days = (date(2016, 8, 1), date(2018, 6, 3), date(2019, 8, 1), date(2020, 10, 4))
    images = tuple(
        MapImage(
            d,
            f"S2-{d:%Y%m%d}",
            _png(_ground(d, i), 3),
            _png(_ground(d, i)[..., [1, 0, 2]], 3),
            0.97 - 0.04 * i,
            corners,
        )
        for i, d in enumerate(days)
    )
    confirmed, provisional = sites[:2], sites[2:]
    return DossierModel(
        case_name=name,
        area=dict(mapping(box(WEST, SOUTH, EAST, NORTH))),
        bounds=(WEST, SOUTH, EAST, NORTH),
        area_ha=102.4,
        period=(date(2016, 1, 1), date(2020, 12, 31)),
        as_of=date(2020, 12, 21),
        source="local catalogue",
        attribution=("Contains modified Copernicus Sentinel data 2015-2021",),
        version="0.1.0",
        scenes=_scenes(),
        grid=GridInfo("EPSG:4326", (10.2, 10.0), SIDE, SIDE),
        bands=("B02", "B03", "B04", "B08", "B11"),
        parameters=(
            Parameter("history", "730", "days", "time the model learns from"),
            Parameter("confirm after", "5", "", "consecutive looks that must differ"),
        ),
        summary=Summary(
            len(confirmed),
            len(provisional),
            _area_total(confirmed) if confirmed else None,
            _area_total(provisional) if provisional else None,
        ),
        images=images,
        natural_label="Natural colour (B04, B03, B02)",
        false_label="Infrared in red (B08, B04, B03)",
        sites=sites,
        observability=Observability(
            months=_months(),
            gaps=(
                Gap(date(2018, 1, 1), date(2018, 4, 1), 90),
                Gap(date(2016, 12, 1), date(2017, 2, 1), 62),
            ),
            no_model_share=0.043,
            never_seen_share=0.0,
            median_looks=74,
            smallest_site_ha=0.1,
            monitored_from=date(2018, 1, 1),
        ),
        power=power_section(),
        ledger_head="sha256:" + "3fa9" * 16,
        commands=("gossan init danube --area area.geojson", "gossan update", "gossan dossier"),
    )


def page_of(model: Model) -> dict[str, bytes]:
    """The page with its charts."""
    book = book_of(model)
    return render_page(book, draw(book.all))


def pdf_of(model: Model) -> bytes:
    """The PDF with its charts."""
    book = book_of(model)
    return render_pdf(book, draw(book.all))


def data_of(model: Model) -> dict[str, bytes]:
    """The tables, by name below data/."""
    return {n.removeprefix("data/"): d for n, d in book_of(model).files().items()}
