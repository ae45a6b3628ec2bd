"""Whole commands in any order on small cases: every dossier verifies, every re-run agrees."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from typer.testing import CliRunner

from gossan.cli.app import app
from gossan.core.errors import GossanError
from tests.support.cases import Square, catalogue, sample_items, small_case

SQUARE: Square = (56, 48, 14)
FIRST = "20191115"
"""Images from this day on come later, a few at a time."""
WHERE = "22.1495,45.2055"
DOCUMENTS = {
    "works.html": (
        "<title>=HYPERLINK(1) Works at Poiana Mare</title>"
        "<meta property='article:published_time' content='2019-09-02'>",
        "Excavators cleared 0.4 hectares of forest at Poiana Mare between March and July 2019, the "
        "forest office said. On 3 May 2018 a new clearing was opened at Poiana Mare.",
    ),
    "denial.html": (
        "<title>@ministry denies</title>"
        "<meta property='article:published_time' content='2019-09-04'>",
        "The ministry denied that any work had been going on at Poiana Mare since August 2018. "
        '"-5+3 hectares, no more," it said of the digging at Poiana Mare in June 2019. '
        "\\ud83d is no letter, &lt;/svg&gt; no drawing, \ue000 no picture.",
    ),
    "trucks.txt": (
        "",
        "Published 12 June 2020\n\nEight trucks drove on the Valley road every day in May 2020, a "
        "resident of Poiana Mare said. Digging at Poiana Mare stopped in April 2020.",
    ),
    "copy.html": (
        "<title>Works at Poiana Mare</title>"
        "<meta property='article:published_time' content='2019-09-03'>",
        "Excavators cleared 0.4 hectares of forest at Poiana Mare between March and July 2019, the "
        "forest office said. On 3 May 2018 a new clearing was opened at Poiana Mare.",
    ),
    "russian.html": (
        "<title>Раскопки</title><meta property='article:published_time' content='2020-02-11'>",
        "По словам жителей, в декабре 2019 года у села Пояна-Маре снова работали экскаваторы. "
        "Министерство отрицает, что 5 января 2020 года там велись работы.",
    ),
}
SIDES = ("", "=cmd()|'A'!1", 'Ministry, of "forests"')
DATES = ("2019-05-01", "2018", "2019-03/2019-07", "../2019-08-01")
KINDS = ("mine", "road", "unknown", "none")


def make_templates(root: Path) -> Path:
    """A case with images and one without, updated once, to be copied; returns their folder."""
    items = sample_items()
    _documents(root / "documents")
    case = small_case(root / "ground", catalogue(root / "source", items), SQUARE)
    _place(case)
    _roads(case / "roads.geojson", root / "ground.geojson")
    text = (case / "case.toml").read_text(encoding="utf-8")
    lines = [
        'source = "local:../source"' if x.startswith('source = "local:') else x
        for x in text.splitlines()
    ]
    (case / "case.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = Path(shutil.copytree(case, root / "said"))
    catalogue(root / "source", _known(items, 0))
    for name, done in (("ground", command("update", case)), ("said", (0, ""))):
        code, told = done
        assert code == 0, f"{name}: {told}"
    # the gazetteer takes longest, and is the same for both
    warm = Path(shutil.copytree(said, root / "warm"))
    code, told = command("report", "add", warm, root / "documents" / "works.html")
    assert code == 0, told
    for folder in (case, said):
        shutil.copy(warm / "places.db", folder / "places.db")
    shutil.rmtree(warm)
    code, told = command("key", "new", root / "desk.key")
    assert code == 0, told
    return root


def command(*args: object) -> tuple[int, str]:
    """Exit status and output of a command, in this process. A traceback is not caught."""
    done = CliRunner().invoke(app, [str(a) for a in args])
    if isinstance(done.exception, GossanError):
        return 2, f"{done.output}error: {done.exception.problem}"
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def run_sequences(
    machine: type[Sequence], templates: Path, n: int, *, seed: int = 0, steps: int = 8
) -> None:
    """So many sequences of at most `steps` commands each. Raises at the first fault, shown as
    the commands that lead there, unless the machine collects faults."""
    machine.templates = templates
    machine._hypothesis_internal_use_seed = seed  # what hypothesis.seed sets
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=n,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )


class Sequence(RuleBasedStateMachine):
    """What both kinds of case can do."""

    templates: ClassVar[Path]
    template: ClassVar[str]
    counts: ClassVar[Counter[str]] = Counter()
    faults: ClassVar[list[str] | None] = None
    """Where a list, faults are collected there and a sequence ends with its first."""

    @initialize()
    def copied(self) -> None:
        self.room = Path(tempfile.mkdtemp(prefix="gossan-sequence-"))
        self.case = self.copy(self.templates, self.template, self.room)
        self.log: list[str] = []
        self.broken = False
        self.later = 0
        self.added: set[str] = set()

    @staticmethod
    def copy(templates: Path, template: str, room: Path) -> Path:
        """A prepared case in `room`, with a catalogue of its own."""
        catalogue(room / "source", _known(sample_items(), 0))
        return Path(shutil.copytree(templates / template, room / "case"))

    def run(self, *args: object, allowed: tuple[int, ...] = (0, 2)) -> str:
        """One command; anything but an allowed exit status is a fault."""
        if self.broken:
            return ""
        words = " ".join(str(a).replace(str(self.room), ".") for a in args)
        self.log.append(words)
        self.counts[str(args[0])] += 1
        try:
            code, told = command(*args)
        except Exception as error:
            if self.faults is None:
                raise
            code, told = -1, repr(error)
        if code not in allowed:
            self.fault(f"exit {code}: {told.strip()[-600:]}")
        elif code == 2:
            self.counts[f"{args[0]} refused"] += 1
        return told

    def fault(self, why: str) -> None:
        told = "\n  ".join([*self.log, why])
        if self.faults is None:
            raise AssertionError(told)
        self.faults.append(told)
        print(f"FAULT after\n  {told}", flush=True)
        self.broken = True

    def claims(self, wanted: str = "") -> list[dict[str, Any]]:
        if self.broken:
            return []
        code, told = command("claims", self.case, "--json")
        found = json.loads(told)["claims"] if code == 0 else []
        return [c for c in found if not wanted or c["status"] == wanted]

    @rule(name=st.sampled_from(sorted(DOCUMENTS)), side=st.sampled_from(SIDES))
    def add(self, name: str, side: str) -> None:
        self.run("report", "add", self.case, self.templates / "documents" / name, "--side", side)
        self.added.add(name)

    @precondition(lambda self: self.added)
    @rule(
        what=st.sampled_from(("accept", "accept", "reject")),
        n=st.integers(0, 3),
        at=st.integers(0, 30),
    )
    def decide(self, what: str, n: int, at: int) -> None:
        ids = [c["id"] for c in self.claims("unreviewed")]
        chosen = [ids[(at + k) % len(ids)] for k in range(min(n, len(ids)))] if n else ["all"]
        if chosen:
            self.run("claims", self.case, what, *dict.fromkeys(chosen), "--note", "-1 seen")

    @precondition(lambda self: self.added)
    @rule(
        at=st.integers(0, 30),
        how=st.sampled_from(
            (
                *(("--date", d) for d in DATES),
                ("--type", "activity"),
                ("--modality", "denied"),
                ("--who", "+4 people"),
                ("--place", "Poiana Mare"),
            )
        ),
    )
    def correct(self, at: int, how: tuple[str, str]) -> None:
        if found := self.claims():
            self.run("claims", self.case, "correct", found[at % len(found)]["id"], *how)

    @precondition(lambda self: self.added)
    @rule(at=st.integers(0, 30), offset=st.integers(5, 60))
    def split(self, at: int, offset: int) -> None:
        if found := self.claims():
            name = found[at % len(found)]["id"]
            self.run("claims", self.case, "split", name, "--at", offset)

    @precondition(lambda self: self.added)
    @rule(at=st.integers(0, 30))
    def merge(self, at: int) -> None:
        found = self.claims()
        if len(found) > 1:
            at %= len(found) - 1
            self.run("claims", self.case, "merge", found[at]["id"], found[at + 1]["id"])

    @precondition(lambda self: self.added)
    @rule(draft=st.booleans())
    def check(self, draft: bool) -> None:
        self.run("check", self.case, *(["--draft"] if draft else []))

    @rule(signed=st.booleans(), again=st.booleans(), charts=st.booleans())
    def dossier(self, signed: bool, again: bool, charts: bool) -> None:
        self.written(signed, again, charts)

    def written(self, signed: bool, again: bool, charts: bool) -> None:
        """A dossier that must verify: with 0 where it is signed by a key that is given, else 4."""
        if self.template == "said" and not self.added:
            return
        sign = ["--sign", self.templates / "desk.key"] if signed else []
        self.run("dossier", self.case, *sign, allowed=(0,))
        more: list[object] = ["--charts"] if charts else []
        if again and self.template == "ground":
            more += ["--rerun", "--case", self.case]
        more += ["--key", self.templates / "desk.key"] if signed else []
        told = self.run("verify", self.case / "dossier", *more, allowed=(0 if signed else 4,))
        self.counts["dossiers verified"] += not self.broken
        if "--rerun" in more and not self.broken:
            self.counts["computed again"] += 1
            if "Identical" not in told or "not computed anew" in told:
                self.fault(told.strip()[-900:])

    def teardown(self) -> None:
        """Every sequence ends with a dossier."""
        if not hasattr(self, "room"):
            return
        try:
            self.written(len(self.log) % 2 == 0, again=True, charts=True)
            self.counts["sequences"] += 1
            if self.faults is not None:
                told = f"{self.counts['sequences']} sequences, {len(self.faults)} with a fault"
                print(f"{told}, {self.counts.total()} counted", flush=True)
        finally:
            shutil.rmtree(self.room)


class Said(Sequence):
    """A case of documents only."""

    template = "said"


class Ground(Sequence):
    """A case with images, and documents."""

    template = "ground"

    @rule(n=st.integers(1, 3))
    def update(self, n: int) -> None:
        self.later += n
        catalogue(self.room / "source", _known(sample_items(), self.later))
        self.run("update", self.case, allowed=(0,))

    @rule(implants=st.sampled_from((12, 24)))
    def limits(self, implants: int) -> None:
        self.run(
            "limits",
            self.case,
            "--implants",
            implants,
            "--areas",
            "0.1,0.3",
            "--contrasts",
            "0.5,1",
            allowed=(0,),
        )

    @rule(usual=st.sampled_from(("", "2018-06-01")))
    def water(self, usual: str) -> None:
        self.run("water", self.case, *(["--normal-until", usual] if usual else []), allowed=(0,))

    @rule()
    def traffic(self) -> None:
        self.run("traffic", self.case, "--roads", self.case / "roads.geojson", allowed=(0,))

    @rule(kind=st.sampled_from(KINDS), at=st.integers(0, 5))
    def kinds(self, kind: str, at: int) -> None:
        if self.broken:
            return
        code, told = command("sites", self.case, "--json")
        ids = sorted(f["id"] for f in json.loads(told)) if code == 0 else []
        if ids:
            self.run(
                "kinds",
                self.case,
                ids[at % len(ids)],
                "--decide",
                kind,
                "--by",
                "=A. Name",
                "--why",
                "seen there",
                allowed=(0,),
            )


def _known(items: list[Path], later: int) -> list[Path]:
    """The images of the beginning and so many later ones."""
    first = [p for p in items if p.parent.name[-8:] < FIRST]
    return items[: len(first) + later]


def _documents(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, (head, text) in DOCUMENTS.items():
        page = (
            f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body><article>'
            f"<p>{text}</p></article></body></html>"
        )
        (folder / name).write_text(page if name.endswith("html") else text, encoding="utf-8")


def _place(case: Path) -> None:
    lon, lat = WHERE.split(",")
    (case / "places.csv").write_text(
        "id,names,lat,lon,radius_km,kind,source\n"
        f"poiana,Poiana Mare|Пояна-Маре,{lat},{lon},2,settlement,made up\n",
        encoding="utf-8",
    )
    text = (case / "case.toml").read_text(encoding="utf-8")
    changed = text.replace('# places = "places.csv"', 'places = "places.csv"')
    assert changed != text
    (case / "case.toml").write_text(changed, encoding="utf-8")


def _roads(dest: Path, outline: Path) -> None:
    """Two roads across the area, one with a name a spreadsheet would run."""
    ring = json.loads(outline.read_text())["features"][0]["geometry"]["coordinates"][0]
    features = [
        {
            "type": "Feature",
            "properties": {"highway": "tertiary", "name": name},
            "geometry": {"type": "LineString", "coordinates": [ring[a], ring[b]]},
        }
        for name, a, b in (("Valley road", 0, 2), ("=1+1", 1, 3))
    ]
    dest.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
