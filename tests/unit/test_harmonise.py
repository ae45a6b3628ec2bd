"""Offsets and bands of every recorded item; expectations read from METHODS and the items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from gossan.core.errors import Code, GossanError
from gossan.core.values import BANDS, BandSource
from gossan.io.catalogue.harmonise import read_item, scene_of, unsigned
from gossan.io.dark_object import DarkVerdict, Sample, check_dark_object, check_series

ITEMS = Path(__file__).parents[2].parent / "shared" / "data" / "stac_items"
C1 = "pystacclient_earth-search_aws_element84_com_sentinel-2-c1-l2a.json"
V1 = "pystacclient_earth-search_aws_element84_com_sentinel-2-l2a.json"
V0 = "pystacclient_earth-search_aws_element84_com_sentinel-s2-l2a-cogs.json"
L1C = "pystacclient_earth-search_aws_element84_com_sentinel-2-l1c.json"
PC = "pystacclient_planetarycomputer_microsoft_com_sentinel-2-l2a.json"
PC_ONE = "odcstac_S2B_MSIL2A_20190629T212529_R043_T06VVN_20201006T080531"

EXPECTED = {
    C1: -0.1,  # baseline 05.11, declared and not applied
    V1: 0.0,  # boa_offset_applied and offset -0.1 both: applied wins
    V0: 0.0,  # sentinel:boa_offset_applied
    PC: 0.0,  # baseline 02.12
    f"{PC_ONE}.json": 0.0,
    f"{PC_ONE}_raster_ext.json": 0.0,
    "odcstac_S2A_28QCH_20200714_0_L2A.json": 0.0,  # N0214 in the product id
    "stactools_S2A_MSIL2A_20190212T192651_N0212_R013_T07HFE_20201007T160857.SAFE.json": 0.0,
    "stactools_S2A_MSIL2A_20230821T221941_N0509_R029_T01KAB_20230822T021825.SAFE.json": -0.1,
    "stactools_S2A_OPER_MSI_L2A_TL_2APS_20240108T121951_A044635_T34VEL.json": -0.1,
    "stactools_S2A_OPER_MSI_L2A_TL_SGS__20181231T210250_A018414_T10SDG.json": 0.0,
    "stactools_S2A_OPER_MSI_L2A_TL_VGS1_20220401T110010_A035382_T34LBP.json": -0.1,
    "stactools_S2A_T60CWS_20240109T203651_L2A.json": -0.1,
    "stactools_S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126.SAFE.json": -0.1,
}
REFUSED = {
    L1C: "L1C",
    "odcstac_LC08_L2SP_028030_20200114_20200824_02_T1_SR.json": "LANDSAT_8",
    "stactools_HLS.L30.T19LDD.2022165T144027.v2.0.json": "landsat-9",
    "stactools_HLS.S30.T19LDD.2022166T144741.v2.0.json": "scene classification",
    "stactools_landsat-c2-l2_LC08_L2SP_047027_20201204_02_T1.json": "landsat-8",
    "stactools_landsat-c2-l2_LC09_L2SP_010065_20220129_02_T1.json": "landsat-9",
    "stactools_landsat-c2-l2_LE07_L2SP_021030_20100109_02_T1.json": "landsat-7",
    "stactools_landsat-c2-l2_LT05_L2SP_010067_19860424_02_T2.json": "landsat-5",
}
NOT_ITEMS = {
    "odcstac_sentinel-2-l2a.collection.json",
    "planetarycomputer_hls2-l30.collection_template.json",
    "planetarycomputer_hls2-s30.collection_template.json",
    "planetarycomputer_landsat-c2-l2.collection_template.json",
}


def features(name: str) -> list[dict[str, Any]]:
    if not ITEMS.is_dir():
        pytest.skip("recorded STAC items (../shared/data/stac_items) are not on this machine")
    data = json.loads((ITEMS / name).read_text())
    found = data["features"] if data["type"] == "FeatureCollection" else [data]
    assert found
    return list(found)


def test_every_recorded_file_has_an_expectation() -> None:
    features(C1)
    assert {p.name for p in ITEMS.glob("*.json")} == set(EXPECTED) | set(REFUSED) | NOT_ITEMS


@pytest.mark.parametrize("name", EXPECTED)
def test_offset_and_bands_of_recorded_items(name: str) -> None:
    for data in features(name):
        scene = scene_of(read_item(data))
        assert tuple(scene.bands) == BANDS
        assert {s.offset for s in scene.bands.values()} == {EXPECTED[name]}, scene.offset_rule
        assert {s.scale for s in scene.bands.values()} == {0.0001}
        assert {s.nodata for s in scene.bands.values()} == {0.0}
        assert scene.scl in {"scl", "SCL"}
        assert "unverified" not in scene.offset_rule
        for band, source in scene.bands.items():
            assert not source.asset.endswith("-jp2")
            assert f"{band}" in source.href.upper(), (band, source.href)
            assert not source.asset.endswith(("_20m", "_60m"))


@pytest.mark.parametrize("name", REFUSED)
def test_other_products_are_refused_by_name(name: str) -> None:
    for data in features(name):
        with pytest.raises(GossanError, match=REFUSED[name]) as caught:
            scene_of(read_item(data))
        assert caught.value.code is Code.REFLECTANCE
        assert caught.value.hint


def item(props: dict[str, Any], band: dict[str, Any] | None = None) -> dict[str, Any]:
    extra = {"raster:bands": [band]} if band is not None else {}
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": "S2A_T34TFR_x",
        "collection": "sentinel-2-l2a",
        "geometry": None,
        "properties": {"datetime": "2022-06-01T09:00:00.6Z", "platform": "sentinel-2a", **props},
        "assets": {
            "B02": {"href": "https://example.org/B02.tif?sig=secret&se=1", **extra},
            "SCL": {"href": "https://example.org/SCL.tif"},
        },
        "links": [],
    }


@pytest.mark.parametrize(
    ("props", "band", "offset", "words"),
    [
        ({"s2:processing_baseline": "04.00"}, None, -0.1, "04.00"),
        ({"s2:processing_baseline": "05.11"}, {"nodata": 0}, -0.1, "no offset declared"),
        ({"s2:processing_baseline": "03.01"}, None, 0.0, "before 04.00"),
        ({"s2:processing_baseline": "03.01"}, {"offset": -0.1}, 0.0, "contradicts"),
        ({"s2:processing_baseline": "05.00"}, {"offset": 0}, 0.0, "removed by the provider"),
        ({"earthsearch:boa_offset_applied": True}, {"offset": -0.1}, 0.0, "already"),
        ({"earthsearch:boa_offset_applied": False}, {"offset": -0.1}, -0.1, "declares"),
        (
            {"earthsearch:boa_offset_applied": False, "s2:processing_baseline": "04.00"},
            None,
            -0.1,
            "04.00",
        ),
        ({}, None, 0.0, "unverified"),
    ],
)
def test_offset_rule(
    props: dict[str, Any], band: dict[str, Any] | None, offset: float, words: str
) -> None:
    scene = scene_of(read_item(item(props, band)))
    assert scene.bands["B02"].offset == offset
    assert words in scene.offset_rule


@pytest.mark.parametrize("year", [2016, 2021, 2022, 2025])
def test_the_date_never_decides(year: int) -> None:
    data = item({"datetime": f"{year}-06-01T00:00:00Z", "s2:processing_baseline": "05.00"})
    assert scene_of(read_item(data)).bands["B02"].offset == -0.1


def test_scene_keeps_no_signature_and_whole_seconds() -> None:
    scene = scene_of(read_item(item({})))
    assert scene.bands["B02"].href == "https://example.org/B02.tif"
    assert "secret" not in json.dumps(scene.item.to_dict())
    assert scene.time.microsecond == 0
    assert scene.time.utcoffset() is not None
    assert unsigned("https://u:p@example.org/a.tif?version=2") == (
        "https://example.org/a.tif?version=2"
    )


def test_an_item_without_classification_is_refused() -> None:
    data = item({})
    del data["assets"]["SCL"]
    with pytest.raises(GossanError, match="scene classification"):
        scene_of(read_item(data))


def sources(offset: float) -> dict[str, BandSource]:
    return {b: BandSource(b, b, 0.0001, offset, 0, None) for b in BANDS}


@pytest.mark.parametrize(
    ("dark", "offset", "pixels", "verdict"),
    [
        ({"B02": 150, "B04": 180, "B11": 90}, 0.0, 5000, DarkVerdict.PLAUSIBLE),
        ({"B02": 150, "B04": 180, "B11": 90}, -0.1, 5000, DarkVerdict.IMPLAUSIBLE),
        # +1000 still in, or haze: its own dark ground alone cannot tell
        ({"B02": 1150, "B04": 1120, "B11": 1010}, 0.0, 5000, DarkVerdict.IMPLAUSIBLE),
        ({"B02": 1150, "B04": 1120, "B11": 1010}, -0.1, 5000, DarkVerdict.PLAUSIBLE),
        ({"B02": 1100, "B04": 1900, "B11": 3200}, 0.0, 5000, DarkVerdict.NOT_TESTABLE),
        # bright in the visible, dark in the short-wave infrared: snow, not an offset
        ({"B02": 4100, "B04": 3900, "B11": 300}, 0.0, 5000, DarkVerdict.PLAUSIBLE),
        ({"B02": 150, "B04": 180, "B11": 90}, -0.1, 500, DarkVerdict.NOT_TESTABLE),
    ],
)
def test_dark_pixels(
    dark: dict[str, float], offset: float, pixels: int, verdict: DarkVerdict
) -> None:
    finding = check_dark_object(dark, sources(offset), pixels)
    assert finding.verdict is verdict, finding.reason


def test_dark_pixels_of_real_scenes_that_still_carry_the_offset() -> None:
    folder = ITEMS.parent / "s2_parana_turbidity" / "scenes"
    if not folder.is_dir():
        pytest.skip("the Parana scenes (../shared/data/s2_parana_turbidity) are not here")
    wrong: list[Sample] = []
    for path in sorted(folder.glob("*.tif")):
        with rasterio.open(path) as data:
            dark = {}
            layers = data.read()
            for band, values in zip(data.descriptions, layers, strict=True):
                dark[band] = float(np.percentile(values[values > 0], 0.1))
            pixels = data.width * data.height
        assert check_dark_object(dark, sources(-0.1), pixels).verdict is DarkVerdict.PLAUSIBLE
        whole = check_dark_object(dark, sources(0.0), pixels)
        assert whole.verdict is not DarkVerdict.PLAUSIBLE
        flat = layers.reshape(len(layers), -1)[:, :: max(1, pixels // 1024)]
        values = np.where(flat > 0, flat * 1e-4, np.nan).astype(np.float32)
        wrong.append(Sample(17000, tuple(data.descriptions), values, 0.0, whole))
    assert len(wrong) == 5
    alone = [check_series([s])[0].verdict for s in wrong]
    assert DarkVerdict.PLAUSIBLE not in alone
    assert alone.count(DarkVerdict.IMPLAUSIBLE) >= 3
