"""Compute a dossier anew from its images and compare every figure.

A case of its own is made in a temporary folder. The same images are fetched again, from their
source, from a mirror of it or from a case that still holds them; then all runs as the first
time. What the model of the dossier says and what the new one says are compared field by field.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from affine import Affine
from odc.geo.geobox import GeoBox

from gossan.case.context import OpenCase, open_case
from gossan.case.documents import document, record
from gossan.case.monitoring import Acquisition
from gossan.case.sensors import OPTICAL
from gossan.case.sites import sites_of
from gossan.case.state import frame_of, monitored
from gossan.core.addresses import LOCAL
from gossan.core.case import CaseConfig
from gossan.core.errors import Code, GossanError
from gossan.core.others import others
from gossan.core.params import How
from gossan.core.progress import Progress
from gossan.core.serialise import to_plain
from gossan.core.site_row import site_body
from gossan.core.values import Outcome
from gossan.core.verdicts import Question
from gossan.core.words import tr
from gossan.dossier.model import DossierModel
from gossan.dossier.recipe import Recipe
from gossan.dossier.stored import read_back
from gossan.evidence.ledger import Record
from gossan.io.case_file import read_case, write_case
from gossan.io.catalogue.search import CatalogueScene, plan
from gossan.io.catalogue.sources import is_public, open_source
from gossan.io.scene_copies import hashes_now, take
from gossan.io.scenes import SceneStore, grid_json
from gossan.observables.observable import Again
from gossan.observables.registry import answering, observables
from gossan.run.advance import follow, open_engine, record_reads
from gossan.run.check import judge_again
from gossan.run.compare import Difference, compare
from gossan.run.dossier import gather
from gossan.run.radar_again import radar_again
from gossan.run.reading import read_all

ASIDE = (
    "ledger_head",
    "signer",
    "salt",
    "version",
    "commands",
    "chronicle",
    "chapters",
    "source",
    "recipe",
)
"""Fields of the model that say how it was made and not what was found; chapters and verdicts are
compared on their own."""


@dataclass(frozen=True, slots=True)
class Input:
    """One image that is no longer as it was: `what` in words, `scene` its key in the ledger."""

    scene: str
    what: str


@dataclass(frozen=True)
class Rerun:
    """What came of computing again.

    Attributes
    ----------
    scenes : images that were fetched and held against their recorded hashes
    inputs : those that are not as they were
    differences : figures that came out otherwise
    near : how many of them differ by no more than `compare.TOLERANCE`
    left : what could not be computed anew, in words
    """

    scenes: int
    inputs: tuple[Input, ...]
    differences: tuple[Difference, ...]
    near: int
    left: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """True where every image and every figure is as it was, to the last bit."""
        return not self.inputs and not self.differences and not self.near


def rerun(
    model: DossierModel,
    chain: Sequence[Record],
    progress: Progress,
    *,
    source: str = "",
    case: Path | None = None,
) -> Rerun:
    """Compute again what `model` says, resting on `chain`.

    Images come from `case` where it is given, else from `source`, else from the source the
    dossier names. Raises GossanError where nothing can be fetched or computed at all.
    """
    recipe = model.recipe
    if recipe is None:
        raise GossanError(Code.DOSSIER, tr("This dossier does not say how it was asked for."))
    grid = GeoBox(recipe.shape, Affine(*recipe.transform), recipe.crs)
    wanted, etags = _read_then(model, chain)
    config = _as_asked(recipe, source, case)
    with tempfile.TemporaryDirectory(prefix="gossan-rerun-") as room:
        folder = Path(room) / "case"
        write_case(folder, config)
        read_case(folder)
        with open_case(folder) as anew:
            _remember(anew, recipe, model, grid)
            store = SceneStore(anew.scenes, grid)
            if case is not None:
                changed = _from_case(store, SceneStore(case / "scenes", grid), wanted)
            else:
                changed = _from_source(anew, store, recipe, wanted, etags, progress)
            looks = _looks(store, wanted)
            if not looks:
                raise GossanError(
                    Code.READ,
                    tr("None of the dossier's images could be fetched again."),
                    tr("Name a mirror with --source, or a case that holds them with --case."),
                )
            _list_images(anew, model, chain, changed)
        again = Again(folder, model, chain, case, progress)
        left = _as_then(again, looks)
        with open_case(folder) as anew:
            _follow(anew, recipe, grid, looks, progress)
            if case is not None and config.radar is not None:
                told = radar_again(anew, chain, grid, case, progress)
                changed += [Input(key, what) for key, what in told]
        left |= {o.key: o.again(again) for o in observables() if not o.by_images}
        with open_case(folder) as anew:
            found = read_back(gather(anew, monitored(anew), sites_of(anew), progress))
            held = [h for h in recipe.held if _answerable(h.question, left)]
            verdicts = judge_again(
                anew, [h.claim for h in held], {h.claim.id: h.question for h in held}
            )
    return _result(model, found, verdicts, wanted, changed, left)


def _as_asked(recipe: Recipe, source: str, case: Path | None) -> CaseConfig:
    """The settings of the re-run's own case. Raises GossanError (DOSSIER) where its images would
    come from an address that only the dossier vouches for."""
    if not source and case is None and not is_public(recipe.config.source):
        raise GossanError(
            Code.DOSSIER,
            tr(
                "The dossier names {source!r} as its source, which is no public catalogue: it is "
                "not asked on the word of a dossier.",
                source=recipe.config.source[:80],
            ),
            tr("Name a mirror with --source, or a case that holds the images with --case."),
        )
    installed = {e.name for e in others()}
    config = replace(
        recipe.config,
        source=_whole(source) or recipe.config.source,
        sections={k: v for k, v in recipe.config.sections.items() if k in installed},
    )
    return replace(config, radar=None) if case is None else _with_sources(config, case)


def _as_then(again: Again, looks: Sequence[Acquisition]) -> dict[str, tuple[str, ...]]:
    """Measure in the new case what was measured by images, with those that were known then, for
    none came later by themselves. Returns by observable, in words, what could not be."""
    left: dict[str, tuple[str, ...]] = {}
    chain, recipe = again.chain, again.model.recipe
    shown = {c.key for c in again.model.chapters}
    last = {b["action"]: n for n, (b, _) in enumerate(chain)}
    assert recipe is not None
    grid = GeoBox(recipe.shape, Affine(*recipe.transform), recipe.crs)
    mine = [o for o in observables() if o.by_images and o.key in shown and o.key in last]
    for o in sorted(mine, key=lambda o: last[o.key]):
        known, later = (
            {b["inputs"]["scene"] for b, _ in part if b["action"] == "read"}
            for part in (chain[: last[o.key]], chain[last[o.key] :])
        )
        if known & later:
            why = tr(
                "{key} was not computed anew: an image it rests on was read again.",
                key=o.key.capitalize(),
            )
            left[o.key] = (why,)
            continue
        with open_case(again.folder) as anew:
            _follow(anew, recipe, grid, [x for x in looks if x.key in known], again.progress)
        left[o.key] = o.again(again)
    return left


def _follow(
    anew: OpenCase, recipe: Recipe, grid: GeoBox, looks: Sequence[Acquisition], progress: Progress
) -> None:
    frame = frame_of(anew, grid, recipe.bands)
    with open_engine(How(), anew.folder, progress) as engine:
        follow(anew, OPTICAL, frame, looks, How(), engine, progress)


def _answerable(q: Question, left: Mapping[str, tuple[str, ...]]) -> bool:
    """True where what a question asks for was computed anew."""
    judge = answering(q)
    return bool(q.unanswerable) or (judge is not None and not left.get(judge.key))


def _with_sources(config: CaseConfig, case: Path) -> CaseConfig:
    """Where radar and elevation come from as the case says it: a dossier names them without the
    folders of the machine it was made on."""
    own = read_case(case)
    radar = config.radar and own.radar and replace(config.radar, source=own.radar.source)
    return replace(config, radar=radar, terrain=replace(config.terrain, source=own.terrain.source))


def _whole(source: str) -> str:
    """A source as a person names it, who stands elsewhere than the new case does."""
    if not source.startswith(LOCAL):
        return source
    return f"{LOCAL}{Path(source.removeprefix(LOCAL)).expanduser().absolute()}"


Etags = dict[str, dict[str, dict[str, str]]]
"""Key of an image -> item id -> asset -> ETag."""


def _read_then(
    model: DossierModel, chain: Sequence[Record]
) -> tuple[dict[str, dict[str, str]], Etags]:
    """Key of every image used -> hashes of its pixels by band, as last recorded; and ETags."""
    used = {r.id for r in model.scenes if r.outcome is Outcome.USED}
    reads = [b for b, _ in chain if b["action"] == "read" and used & set(b["inputs"]["items"])]
    hashes = {b["inputs"]["scene"]: dict(b["outputs"]["hashes"]) for b in reads}
    return hashes, {b["inputs"]["scene"]: b["inputs"].get("etags", {}) for b in reads}


def _remember(case: OpenCase, recipe: Recipe, model: DossierModel, grid: GeoBox) -> None:
    """Grid and bands as they were fixed, the claims, what the sites were called, and what a person
    decided of their kinds."""
    case.db.put("grid", json.dumps(grid_json(grid)))
    case.db.put("bands", json.dumps(recipe.bands))
    case.db.put_sites({s.site.id: site_body(s.site) for s in model.sites})
    record(
        case.db,
        "rerun",
        {"ledger": model.ledger_head},
        {},
        [
            *(document("claim", h.claim.id, h.claim) for h in recipe.held),
            *(document("question", h.claim.id, h.question) for h in recipe.held),
            *(decided for o in observables() for decided in o.decided(model)),
        ],
    )


def _from_case(
    store: SceneStore, there: SceneStore, wanted: Mapping[str, Mapping[str, str]]
) -> list[Input]:
    changed = []
    for key, hashes in wanted.items():
        try:
            now = hashes_now(there, key)
            take(store, key, there)
        except (GossanError, OSError):
            changed.append(Input(key, tr("the case no longer holds it, or it cannot be read")))
            continue
        if now != hashes:
            changed.append(
                Input(key, tr("its pixels were changed: {bands}", bands=_bands(hashes, now)))
            )
    return changed


def _from_source(
    case: OpenCase,
    store: SceneStore,
    recipe: Recipe,
    wanted: Mapping[str, Mapping[str, str]],
    etags: Etags,
    progress: Progress,
) -> list[Input]:
    """Fetch again; what is gone or other pixels than then."""
    config = case.config
    source = open_source(config.source, base=case.folder, folders=config.local_folders)
    end = config.end or datetime.now(UTC).date()
    max_cloud = OPTICAL.max_cloud(config)
    found = plan(source, config.geometry, config.start, end, max_cloud, OPTICAL.rules)
    offered: dict[str, CatalogueScene] = {a.key: a for a in found.acquisitions}
    again = [offered[k] for k in wanted if k in offered]
    failures = read_all(store, again, recipe.bands, source, progress)
    record_reads(case, OPTICAL, [store.get(a.key) for a in again if a.key not in failures])
    changed = []
    for key, hashes in wanted.items():
        if key not in offered:
            changed.append(Input(key, tr("withdrawn: its provider no longer offers it")))
        elif key in failures:
            changed.append(
                Input(key, tr("could not be read: {reason}", reason=failures[key][:160]))
            )
        elif (now := store.get(key)).hashes != hashes:
            what = _bands(hashes, now.hashes) + _served(etags[key], now.etags)
            changed.append(Input(key, tr("reprocessed by its provider: {what}", what=what)))
    return changed


def _served(then: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]) -> str:
    """What the servers say of the files, where they were asked both times."""
    pairs = [
        (tag, now[item][asset])
        for item, tags in then.items()
        for asset, tag in tags.items()
        if asset in now.get(item, {})
    ]
    if not pairs:
        return ""
    other = sum(a != b for a, b in pairs)
    return tr(
        "; {other} of {n_pairs} files have another ETag than then", other=other, n_pairs=len(pairs)
    )


def _bands(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    other = sorted(b for b in {*then, *now} if then.get(b) != now.get(b))
    return tr("other pixels in {other}", other=", ".join(other))


def _looks(store: SceneStore, wanted: Mapping[str, Any]) -> list[Acquisition]:
    stored = [s for s in store.list() if s.key in wanted]
    return [Acquisition.at(s) for s in stored]


def _list_images(
    case: OpenCase, model: DossierModel, chain: Sequence[Record], changed: Sequence[Input]
) -> None:
    """The list of images as it was; those that are gone now are gaps."""
    keys = {c.scene for c in changed if "pixels" not in c.what}
    reads = [b["inputs"] for b, _ in chain if b["action"] == "read"]
    gone = {i for read in reads if read["scene"] in keys for i in read["items"]}
    case.db.put_scenes(
        [
            replace(r, outcome=Outcome.FAILED, reason="gone", usable_share=None)
            if r.id in gone
            else replace(r, usable_share=None)
            if r.outcome is Outcome.USED
            else r
            for r in model.scenes
        ]
    )


def _result(
    model: DossierModel,
    found: DossierModel,
    verdicts: Mapping[str, Any],
    wanted: Mapping[str, Any],
    changed: Sequence[Input],
    left: Mapping[str, tuple[str, ...]],
) -> Rerun:
    old, new = to_plain(model), to_plain(found)
    for name in ASIDE:
        old.pop(name), new.pop(name)
    assert model.recipe is not None
    old["verdicts"] = {
        h.claim.id: to_plain(h.verdict) for h in model.recipe.held if h.claim.id in verdicts
    }
    new["verdicts"] = {i: to_plain(v) for i, v in verdicts.items()}
    there = {c.key: c for c in found.chapters}
    said = [why for o in observables() for why in left.get(o.key, ())]
    missing = [c.title for c in model.chapters if c.key not in there and not left.get(c.key)]
    for chapter in model.chapters:
        if chapter.key in there:
            old[chapter.key], new[chapter.key] = to_plain(chapter), to_plain(there[chapter.key])
    if model.observability.radar is not None and found.observability.radar is None:
        missing.append(tr("Radar"))
    differences, near = compare(old, new)
    rest = (tr("{m} was not computed anew.", m=m) for m in missing)
    return Rerun(len(wanted), tuple(changed), tuple(differences), near, (*said, *rest))
