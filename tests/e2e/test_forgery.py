"""Forged dossiers fail, and each failure names the part: the attack set of `support.forgeries`."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pypdf
import pytest

from gossan.core.errors import GossanError
from gossan.core.progress import Silent
from gossan.evidence.fingerprint import words_of
from gossan.observables.limits.run import Asked, measure_limits
from gossan.observables.terrain.run import measure_terrain
from gossan.run.answers import Status, status
from gossan.run.check import check
from gossan.run.dossier import write_dossier
from gossan.run.known_keys import trust_key
from gossan.run.publish import signing
from gossan.run.reports import Reported, add_reports
from gossan.run.verify import verify
from tests.e2e.conftest import gossan
from tests.support.dossiers import edit, make_case, make_key, reseal, sign
from tests.support.forgeries import (
    DOCUMENT_FILES,
    DOCUMENTS,
    GROUND,
    GROUND_FILES,
    FileForgery,
    Forgery,
    forge,
    forge_files,
    forge_with_record,
    ledgers,
    public,
    take_off,
)
from tests.support.terrain import glo30_grid, valley, write_dem
from tests.support.tsa import authority, make_authority

GOLDEN = Path(__file__).parents[1] / "golden"
EXAMPLE = Path(__file__).parents[2] / "examples" / "karabakh-2022"
UNCONFIRMED = 4


@dataclass(frozen=True)
class Target:
    """A signed dossier, its owner's key, and the forger's."""

    dossier: Path
    owner: Path
    forger: Path


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A small case with limits, chapters, claims and verdicts."""
    root = tmp_path_factory.mktemp("ground")
    case = make_case(root)
    grid = glo30_grid(22.1, 45.26, (360, 360))
    write_dem(case / "dem.tif", grid, valley(grid, 22.156, fall=2.0, sides=2.0))
    head, _, _ = (case / "case.toml").read_text(encoding="utf-8").partition("\n[terrain]")
    terrain = '\n[terrain]\ndem = "dem.tif"\nmargin_km = 3\nrealisations = 20\n'
    (case / "case.toml").write_text(head + terrain, encoding="utf-8")
    measure_limits(case, Asked(implants=60), Silent())
    measure_terrain(case, None, None, Silent())
    return _signed(root, case)


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A case of documents alone."""
    root = tmp_path_factory.mktemp("documents")
    return _signed(root, Path(shutil.copytree(EXAMPLE, root / "case")))


def _signed(root: Path, case: Path) -> Target:
    texts = sorted(map(str, (EXAMPLE / "summaries").iterdir()))
    add_reports(case, texts[:2], Reported(), Silent())
    check(case, Silent(), draft=True)
    key = make_key(root)
    return Target(sign(case, key), key, make_key(root, "forger.key"))


@pytest.fixture(autouse=True)
def _no_known_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def refused(dossier: Path, key: str = "") -> str:
    """What verification says of a dossier that does not hold."""
    with pytest.raises(GossanError) as error:
        verify(dossier, Silent(), key=key)
    return error.value.problem


def name_of(forgery: Forgery | FileForgery) -> str:
    return forgery.name


@pytest.mark.parametrize("forgery", GROUND, ids=name_of)
def test_what_is_shown_of_the_ground(forgery: Forgery, ground: Target, tmp_path: Path) -> None:
    forged = forge(ground.dossier, tmp_path / "forged", ground.forger, forgery.change)
    said = refused(forged)
    assert re.search(forgery.named, said), said
    assert "signed with another key" in refused(forged, public(ground.owner))


@pytest.mark.parametrize("forgery", DOCUMENTS, ids=name_of)
def test_what_is_shown_of_documents(forgery: Forgery, documents: Target, tmp_path: Path) -> None:
    forged = forge(documents.dossier, tmp_path / "forged", documents.forger, forgery.change)
    said = refused(forged)
    assert re.search(forgery.named, said), said
    assert "signed with another key" in refused(forged, public(documents.owner))


@pytest.mark.parametrize("forgery", GROUND_FILES, ids=name_of)
def test_files_of_a_dossier_of_the_ground(
    forgery: FileForgery, ground: Target, tmp_path: Path
) -> None:
    forged = forge_files(ground.dossier, tmp_path / "forged", ground.forger, forgery.change)
    said = refused(forged)
    assert re.search(forgery.named, said), said


@pytest.mark.parametrize("forgery", DOCUMENT_FILES, ids=name_of)
def test_files_of_a_dossier_of_documents(
    forgery: FileForgery, documents: Target, tmp_path: Path
) -> None:
    forged = forge_files(documents.dossier, tmp_path / "forged", documents.forger, forgery.change)
    said = refused(forged)
    assert re.search(forgery.named, said), said


@pytest.mark.parametrize("name", ["another headline", "foreign map picture", "reversed series"])
def test_the_owner_cannot_do_it_either(name: str, ground: Target, tmp_path: Path) -> None:
    """With the owner's key what contradicts the ledger fails as well."""
    forgery = next(f for f in GROUND if f.name == name)
    forged = forge(ground.dossier, tmp_path / "forged", ground.owner, forgery.change)
    said = refused(forged, public(ground.owner))
    assert re.search(forgery.named, said), said


def test_taking_the_signature_off_is_said_loudly(ground: Target, tmp_path: Path) -> None:
    bare = take_off(ground.dossier, tmp_path / "bare")
    assert f"signature was taken off: the ledger says that {public(ground.owner)}" in refused(bare)
    assert "Nobody signed this dossier" in refused(bare, public(ground.owner))


def test_another_signature_over_the_same_contradicts_the_ledger(
    ground: Target, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(ground.dossier, tmp_path / "copy"))
    reseal(copy, ground.forger)
    said = refused(copy)
    assert f"The ledger says that {public(ground.owner)} signs it" in said
    assert f"the signature is by {public(ground.forger)}" in said


OF_MEASUREMENT = (
    "another headline",
    "area of a site",
    "outline of a site",
    "another kind",
    "used scene as cloudy",
    "reason of an image",
    "better limits",
    "case name",
    "period",
    "bounds",
)
"""What follows from the records of its measurement, whatever a record of the forger's says."""


@pytest.mark.parametrize("name", OF_MEASUREMENT)
@pytest.mark.parametrize("ledger", ["added to", "cut before the maker's record"])
def test_a_record_of_the_forgers_own_changes_no_figure(
    name: str, ledger: str, ground: Target, tmp_path: Path
) -> None:
    change = next(f.change for f in GROUND if f.name == name)
    chain = dict(ledgers(ground.dossier))[ledger]
    forged = forge_with_record(ground.dossier, tmp_path / "forged", ground.forger, chain, change)
    assert refused(forged)


def test_a_claim_cannot_be_turned_by_a_record_either(documents: Target, tmp_path: Path) -> None:
    for n, name in enumerate(("words of a claim", "date of a claim", "verdict turned", "question")):
        change = next(f.change for f in DOCUMENTS if f.name == name)
        _, chain = next(ledgers(documents.dossier))
        out = tmp_path / f"forged{n}"
        forged = forge_with_record(documents.dossier, out, documents.forger, chain, change)
        assert re.search("recorded", refused(forged)), name


def test_what_a_record_of_the_forgers_own_can_do_never_holds(
    ground: Target, tmp_path: Path
) -> None:
    """A picture hangs on no other record. So it passes as what it is: a stranger's word."""
    change = next(f.change for f in GROUND if f.name == "foreign map picture")
    for name, chain in ledgers(ground.dossier):
        out = tmp_path / name.split()[0]
        forged = forge_with_record(ground.dossier, out, ground.forger, chain, change)
        done = gossan("verify", forged)
        assert done.returncode == UNCONFIRMED, done.stdout + done.stderr
        assert "could have written anything in this dossier" in done.stdout
        told = f"{public(ground.owner)} signed an earlier dossier" in done.stdout
        assert told == (name == "added to")
        assert "signed with another key" in refused(forged, public(ground.owner))
    trust_key(public(ground.owner), "Desk of the Example")
    said = refused(tmp_path / "added")
    assert 'earlier dossier signed by the key you know as "Desk of the Example"' in said


def test_three_answers_by_key_and_name(ground: Target) -> None:
    key = public(ground.owner)
    words = " ".join(words_of(key))
    done = gossan("verify", ground.dossier)
    assert done.returncode == UNCONFIRMED, done.stdout + done.stderr
    told = " ".join(done.stdout.split())
    assert "Nothing is wrong" not in told
    assert "Unchanged since it was made? Yes, since it was signed" in told
    assert f"By a key that you have not confirmed: {key}." in told
    assert "Whoever holds it could have written anything in this dossier" in told
    assert f"Its words: {words}." in told
    assert "Computed anew and the same? Not tried." in told

    done = gossan("key", "trust", f"{ground.owner}.pub", "--name", "Desk of the Example")
    assert done.returncode == 0, done.stderr
    assert words in done.stdout
    assert f"Desk of the Example: {key}" in gossan("key", "list").stdout
    done = gossan("verify", ground.dossier)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f'By the key you know as "Desk of the Example": {key}.' in done.stdout
    body = json.loads(gossan("verify", ground.dossier, "--json").stdout)
    assert [a["holds"] for a in body["answers"]] == [True, True, None]
    assert body["status"] == 0
    assert body["signer"]["words"] == words.split()

    again = gossan("key", "trust", public(ground.forger), "--name", "Desk of the Example")
    assert again.returncode == 2
    assert 'You know another key as "Desk of the Example"' in again.stderr
    assert gossan("key", "forget", "Desk of the Example").returncode == 0
    assert gossan("verify", ground.dossier).returncode == UNCONFIRMED
    assert gossan("key", "forget", key).returncode == 2


def test_page_and_paper_show_the_key_first(ground: Target, documents: Target) -> None:
    for target in (ground, documents):
        key = public(target.owner)
        page = (target.dossier / "index.html").read_text(encoding="utf-8")
        header = page[page.index("<header>") : page.index("</header>")]
        assert key in header
        assert re.findall(r"<li>(\w+)</li>", header) == list(words_of(key))
        assert '<svg xmlns="http://www.w3.org/2000/svg"' in header
        assert "could have written anything" in header
        paper = pypdf.PdfReader(target.dossier / "dossier.pdf").pages[0].extract_text()
        assert set(words_of(key)) <= set(re.findall(r"[a-z]+", paper))
        assert "could have written anything" in " ".join(paper.split())


def test_rerun_says_nothing_before_it_knows(ground: Target, tmp_path: Path) -> None:
    """Where nothing can be fetched, no line sounds as if all were well."""
    done = gossan("verify", ground.dossier, "--rerun", "--source", f"local:{tmp_path}")
    assert done.returncode == 2
    assert done.stdout.strip() == ""


def test_a_dossier_of_an_older_gossan_is_what_it_is(tmp_path: Path) -> None:
    """Made by commit a01b9a3. Its fonts are those that ship here."""
    dossier = tmp_path / "old"
    with tarfile.open(GOLDEN / "dossier-a01b9a3.tar.xz") as archive:
        archive.extractall(dossier, filter="data")
    for font in (files("gossan.dossier") / "assets" / "fonts").iterdir():
        (dossier / "assets" / "fonts").mkdir(exist_ok=True)
        (dossier / "assets" / "fonts" / font.name).write_bytes(font.read_bytes())
    found = verify(dossier, Silent())
    lacking = {c.what: c.words for c in found.checks if not c.whole}
    assert "an older gossan made this dossier" in lacking["parts"]
    assert "record" not in lacking
    assert status(found, None) is Status.UNCONFIRMED
    trust_key(found.signer.key, "The maker")
    assert status(verify(dossier, Silent()), None) is Status.NOT_WHOLE
    edit(dossier / "data" / "dossier.json", lambda t: t.replace("SPOT images", "our images", 1))
    reseal(dossier, make_key(tmp_path))
    assert f"The dossier says that {found.signer.key} signs it" in refused(dossier)


@pytest.fixture(scope="module")
def stamped(documents: Target, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The dossier of documents with stamps of two authorities, and the root of the first."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no time-stamp authority to ask")
    room = tmp_path_factory.mktemp("stamped")
    with authority(room / "one", "One") as one, authority(room / "two", "Two") as two:
        signs = signing(documents.owner, "", (one.url, two.url))
        case = documents.dossier.parent
        return write_dossier(case, room / "dossier", Silent(), signs), one.root


def test_stamps_of_several_authorities_are_each_checked(
    stamped: tuple[Path, Path], documents: Target, tmp_path: Path
) -> None:
    dossier, root = stamped
    found = verify(dossier, Silent(), key=public(documents.owner))
    assert [s.authority for s in found.stamps] == ["CN=One stamper", "CN=Two stamper"]
    assert not any(s.trusted for s in found.stamps)
    told = gossan("verify", dossier, "--key", public(documents.owner)).stdout
    assert told.count("It existed at the latest on") == 2
    found = verify(dossier, Silent(), roots=root)
    assert [s.trusted for s in found.stamps] == [True, False]
    stranger = tmp_path / "stranger"
    make_authority(stranger, "Stranger")
    with pytest.raises(GossanError, match="The time-stamp does not hold"):
        verify(dossier, Silent(), roots=stranger / "root.pem")


@pytest.mark.parametrize(
    "do",
    [
        lambda d: (d / "timestamp-2.tsr").unlink(),
        lambda d: (d / "timestamp.tsr").unlink(),
        lambda d: (d / "timestamp-2.tsr").write_bytes((d / "timestamp.tsr").read_bytes()),
        lambda d: (d / "timestamp-3.tsr").write_bytes((d / "timestamp.tsr").read_bytes()),
    ],
    ids=["second removed", "first removed", "one twice", "one added"],
)
def test_no_stamp_is_removed_or_added(
    do: Callable[[Path], None], stamped: tuple[Path, Path], tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(stamped[0], tmp_path / "copy"))
    do(copy)
    assert "time-stamp" in refused(copy)
