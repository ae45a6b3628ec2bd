"""The same command against a catalogue and images on a server: the same pixels, gaps counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gossan.data import SAMPLE
from tests.support.servers import etag_of, stac_api

from .conftest import gossan
from .test_demo import ledger

START, END = "2016-06-01", "2017-10-31"
BROKEN = "2017-07-21"


def items(base: str) -> list[dict[str, Any]]:
    """The sample's items of the period with assets on the server; one asset is not there."""
    out = []
    for path in sorted((SAMPLE / "items").glob("*/*.json")):
        item = json.loads(path.read_text(encoding="utf-8"))
        if not START <= item["properties"]["datetime"][:10] <= END:
            continue
        for name, asset in item["assets"].items():
            gone = name == "red" and item["properties"]["datetime"].startswith(BROKEN)
            file = "gone.tif" if gone else Path(asset["href"]).name
            asset["href"] = f"{base}/items/{path.parent.name}/{file}"
        item["links"] = []
        out.append(item)
    return out


def hashes(case: Path) -> dict[str, dict[str, str]]:
    return {
        r["inputs"]["scene"]: r["outputs"]["hashes"]
        for r, _ in ledger(case)
        if r["action"] == "read"
    }


def test_a_server_gives_the_same_pixels_as_files_and_its_failures_are_gaps(
    demo: Path, tmp_path: Path
) -> None:
    case = tmp_path / "case"
    with stac_api(items("{URL}"), page=20, folder=SAMPLE) as api:
        made = gossan(
            "init",
            case,
            "--name",
            "Over HTTP",
            "--area",
            SAMPLE / "area.geojson",
            "--start",
            START,
            "--end",
            END,
            "--source",
            api.url,
        )
        assert made.returncode == 0, made.stderr
        first = gossan("update", case, "--json")
        assert first.returncode == 0, first.stderr
        result = json.loads(first.stdout)
        again = json.loads(gossan("update", case, "--json").stdout)
    assert result["failed"] == 1
    assert again["failed"] == 1, "a gap is tried again"
    assert again["read"] == 0
    reads = [r["inputs"] for r, _ in ledger(case) if r["action"] == "read"]
    for inputs in reads:
        for item, hrefs in inputs["hrefs"].items():
            assert "scl" in hrefs, "the classification decides what counts"
            assert all(inputs["ranges"][item][asset] for asset in hrefs)
            for asset, href in hrefs.items():
                path = SAMPLE / href.removeprefix(f"{api.url}/")
                assert inputs["etags"][item][asset] == etag_of(path)
    over_http, from_files = hashes(case), hashes(demo)
    assert len(over_http) == result["read"] > 20
    assert all(from_files[key] == value for key, value in over_http.items())
    assert not any(key.startswith(BROKEN) for key in over_http)
