"""Names of places: what folds together, what resolves, what is only proposed, what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from gossan.claims.places import find_places, plain_words
from gossan.core.errors import GossanError
from gossan.core.gazetteer import Scope
from gossan.core.statements import PlaceMention
from gossan.core.transliterate import loose_key, sound_key, strict_keys
from gossan.io.gazetteer import Sources, SqliteGazetteer, open_gazetteer
from gossan.io.place_list import COLUMNS, read_list

SAME = [
    ("Khankendi", "Xankəndi", "Ханкенди"),
    ("Stepanakert", "Ստեփանակերտ", "Степанакерт"),
    ("Shusha", "Şuşa", "Шуша"),
    ("Shushi", "Շուշի", "Шуши"),
    ("Lachin", "Laçın", "Лачин"),
    ("Berdzor", "Բերձոր", "Бердзор"),
    ("Kalbajar", "Kəlbəcər", "Кельбаджар"),
    ("Gulyatagh", "Gülyataq"),
    ("Gizilbulag", "Qızılbulaq"),
    ("Aghdara", "Ağdərə", "Агдере"),
    ("Drmbon", "Դրմբոն", "Дрмбон"),
    ("Tbilisi", "თბილისი", "Тбилиси"),
]


def find(text: str, gazetteer: SqliteGazetteer, language: str = "en") -> tuple[PlaceMention, ...]:
    return find_places(text, 0, gazetteer, plain_words(text), language)


def resolved(text: str, gazetteer: SqliteGazetteer, language: str = "en") -> dict[str, str]:
    found = find(text, gazetteer, language)
    return {m.text: m.place.name for m in found if m.place and m.place.kind != "country"}


@pytest.mark.parametrize("names", SAME)
def test_spellings_of_one_name_fold_together(names: tuple[str, ...]) -> None:
    assert len({loose_key(n) for n in names}) == 1


def test_different_places_keep_different_keys() -> None:
    names = [n for group in SAME for n in group[:1]]
    assert len({loose_key(n) for n in names}) == len(names)
    assert loose_key("Shusha") != loose_key("Shushi")


def test_a_strict_key_keeps_vowels_apart() -> None:
    assert set(strict_keys("Kəlbəcər")) == {"kelbejer", "kalbajar"}
    assert not set(strict_keys("Lechin")) & set(strict_keys("Lachin"))


@pytest.mark.parametrize(
    "name", ["Khankendi", "Xankəndi", "Stepanakert", "Ստեփանակերտ", "Ханкенди"]
)
def test_every_name_of_the_list_leads_to_its_place_and_is_kept(
    name: str, gazetteer: SqliteGazetteer
) -> None:
    (mention,) = find(f"Talks were held in {name} today.", gazetteer)
    assert mention.text == name
    assert mention.place is not None
    assert mention.place.id == "case:khankendi"
    assert "Stepanakert" in mention.place.names


def test_a_place_without_coordinates_is_still_that_place(gazetteer: SqliteGazetteer) -> None:
    (mention,) = find("The village of Gulyatagh was named.", gazetteer)
    assert mention.place is not None
    assert mention.place.lat is None


ORDINARY = [
    "Report by the Nature and Mines Ministry on Water, Mobile Units and Independence.",
    "March was wet; May was dry. Hope and Mary spoke to General Nissan Patrol.",
    "Base Metals and Report News met Andrei Volkov on Monday.",
    "Reading these pages, Nice people of the Orange Company agreed.",
    "Georgetown Holdings sued Paris Anderson.",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_and_names_of_others_are_no_places(
    text: str, gazetteer: SqliteGazetteer
) -> None:
    assert resolved(text, gazetteer) == {}


def test_the_wide_world_needs_a_cue(gazetteer: SqliteGazetteer) -> None:
    assert resolved("The dam near Brumadinho broke.", gazetteer) == {"Brumadinho": "Brumadinho"}
    assert set(resolved("Goris was quiet, and so was Baku.", gazetteer)) == {"Goris", "Baku"}


def test_a_likeness_only_proposes(gazetteer: SqliteGazetteer) -> None:
    (mention,) = find("Works near Kelbachar went on.", gazetteer)
    assert mention.place is None
    assert mention.why_review
    assert "case:kalbajar" in [c.id for c in mention.candidates]
    assert all(c.score < 100 for c in mention.candidates)


def test_letters_of_two_scripts_are_not_taken_for_the_name(gazetteer: SqliteGazetteer) -> None:
    forged = "L\u0430chin"  # a Cyrillic а among Latin letters
    (mention,) = find(f"Works near {forged} went on.", gazetteer)
    assert mention.place is None
    assert "two scripts" in mention.why_review
    assert mention.candidates[0].id == "case:lachin"


def test_a_road_or_region_named_after_a_place_says_so(gazetteer: SqliteGazetteer) -> None:
    found = find("On the Lachin highway, in the Aghdara region, near Shusha.", gazetteer)
    assert [(m.text, m.feature) for m in found] == [
        ("Lachin", "highway"),
        ("Aghdara", "region"),
        ("Shusha", ""),
    ]


def test_a_river_is_not_the_village_of_its_name(gazetteer: SqliteGazetteer) -> None:
    assert "Debed" not in resolved("Water was let into the Debed at Alaverdi.", gazetteer)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Акция прошла под Шушой.", "Shusha"),
        ("Через Лачин прошла колонна.", "Lachin"),
        ("Добыча в Кельбаджаре идёт.", "Kalbajar"),
        ("Рудник близ Дрмбона стоит.", "Heyvali"),
    ],
)
def test_declined_russian_names(text: str, name: str, gazetteer: SqliteGazetteer) -> None:
    assert list(resolved(text, gazetteer, "ru").values()) == [name]


def test_several_places_of_one_name_go_to_a_person(gazetteer: SqliteGazetteer) -> None:
    mentions = find("The pond above Agarak is full.", gazetteer)
    assert [m.place for m in mentions] == [None]
    assert len(mentions[0].candidates) > 1


def test_the_list_comes_before_the_region(gazetteer: SqliteGazetteer) -> None:
    hits = gazetteer.strict(strict_keys("Lachin"))
    assert [h.scope for h in hits][:2] == [Scope.CASE, Scope.REGION]


def test_a_gazetteer_is_built_anew_when_its_list_changes(tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    head = ",".join(COLUMNS)
    places.write_text(f"{head}\na,Alphaville,1,2,3,site,me\n", "utf-8")
    path = tmp_path / "places.db"
    with open_gazetteer(path, Sources(None, None, places)) as g:
        assert g.strict(strict_keys("Alphaville"))
    made = path.stat().st_mtime_ns
    with open_gazetteer(path, Sources(None, None, places)) as g:
        assert path.stat().st_mtime_ns == made
    places.write_text(f"{head}\nb,Betaville,1,2,3,site,me\n", "utf-8")
    with open_gazetteer(path, Sources(None, None, places)) as g:
        assert not g.strict(strict_keys("Alphaville"))
        assert g.strict(strict_keys("Betaville"))


def test_a_country_dump_of_geonames_is_read(tmp_path: Path) -> None:
    row = [
        "77",
        "Qızıl Mine",
        "Qizil Mine",
        "Gyzyl",
        "39.9",
        "46.7",
        "S",
        "MN",
        "AZ",
        "",
        "",
        "",
        "",
        "",
        "0",
        "",
        "",
        "",
        "",
    ]
    dump = tmp_path / "AZ.txt"
    dump.write_text("\t".join(row) + "\n", "utf-8")
    with open_gazetteer(tmp_path / "p.db", Sources(None, None, None, (dump,))) as g:
        (hit, *_) = g.strict(strict_keys("Gyzyl"))
        assert (hit.place.id, hit.place.kind, hit.scope) == ("geonames:77", "site", Scope.REGION)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a,,1,2,3,site,me", "at least one name"),
        ("a,A,1,2,3,planet,me", "kind"),
        ("a,A,95,2,3,site,me", "lat"),
        ("a,A,1,,3,site,me", "both or neither"),
        ("a,A,1,2,3,site,", "source"),
    ],
)
def test_a_list_with_a_mistake_names_the_line(tmp_path: Path, line: str, says: str) -> None:
    places = tmp_path / "places.csv"
    places.write_text(",".join(COLUMNS) + f"\n{line}\n", "utf-8")
    with pytest.raises(GossanError, match=f"line 2.*{says}"):
        list(read_list(places))


def test_a_list_that_is_no_table_is_refused(tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_bytes((",".join(COLUMNS) + "\nP-1,A\rB,town\n").encode())
    with pytest.raises(GossanError, match=r"line \d: no table"):
        list(read_list(places))


FOREIGN = [
    ("Shushi", "Shusha"),
    ("Mardakert", "Martakert"),
    ("Latchin", "Lachin"),
    ("Kubatly", "Gubadli"),
    ("Kelbadjar", "Kalbajar"),
    ("Djebrail", "Jabrayil"),
    ("Khodjavend", "Khojavend"),
    ("Agdjakend", "Aghjakand"),
]


@pytest.mark.parametrize(("foreign", "own"), FOREIGN)
def test_old_and_foreign_spellings_sound_the_same(foreign: str, own: str) -> None:
    assert sound_key(foreign) == sound_key(own)


OWN_LIST = (
    "id,names,lat,lon,radius_km,kind,source\n"
    "s,Shusha|Şuşa,39.76,46.75,3,settlement,me\nm,Aghdara|Martakert,40.2,46.8,3,settlement,me\n"
    "l,Lachin|Laçın,39.64,46.55,3,settlement,me\ng,Sarsangly,39.34,46.58,4,settlement,me\n"
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The mine near Mardakert was shut.", "Aghdara"),
        ("Mardakert was quiet that day.", "Aghdara"),
        ("The Latchin corridor was blocked.", "Lachin"),
        ("Two pits opened in Zarzankly.", "Sarsangly"),
    ],
)
def test_a_spelling_that_folding_misses_is_proposed(text: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text(OWN_LIST, encoding="utf-8")
    sources = Sources(46.7, 39.9, tmp_path / "places.csv")
    with open_gazetteer(tmp_path / "places.db", sources) as opened:
        (found,) = find(text, opened)
    assert found.place is None
    assert found.why_review
    assert found.candidates[0].name == name


@pytest.mark.parametrize("text", ["Mr Latchin said no.", "Anna Latchin said no."])
def test_a_person_is_not_proposed_for_a_place(text: str, tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text(OWN_LIST, encoding="utf-8")
    sources = Sources(46.7, 39.9, tmp_path / "places.csv")
    with open_gazetteer(tmp_path / "places.db", sources) as opened:
        assert find(text, opened) == ()
