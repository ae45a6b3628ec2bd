"""Licence plates: the forms of the countries around, of the Union, and whatever is called one.

A form that nothing else looks like is blotted out wherever it stands; one that a model, a unit or
a paragraph looks like only near a word for a vehicle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_A = "A-ZА-ЯЁІЇЄƏÖÜĞŞÇԱ-Ֆ"
_RU = "ABEKMHOPCTYXАВЕКМНОРСТУХ"
_CYR = "АВЕКМНОРСТУХавекмнорстух"
_S = r"[\s.·-]{0,3}"
_D = r"\s?-\s?"
_ON = r"(?<![\w-])"
_OFF = r"(?![\w]|-\w|[.,]\d)"
_REGION = r"(?:[1-9]\d{2}|\d{2})(?:\s?RUS)?"
NAMED = re.compile(
    r"(?i)(?<![^\W\d_])(?:(?:licen[cs]e|number|registration|reg|vehicle|car|truck)\s?-?(?:plates?|numbers?|marks?|no\.?|tags?|nr\.?)(?:\s(?:numbers?|no\.?))?|"
    r"plates?(?:\snumbers?|\sno\.?)?|plated|registered\s(?:as|under)|registration|vrn|гос\.?\s?-?номер\w*|гос\.?\s?номерн\w+\s?знак\w*|госзнак\w*|автомобильн\w+\sномер\w*|"
    r"номерн\w+\s+знак\w*|регистрационн\w+\s(?:знак|номер)\w*|г/н|г\.\s?н\.|грз|(?:с|за|под)\sномер(?:ом|ами)|номер\w{0,3}(?=[\s:«\"№]{1,4}[A-ZА-Я]\s?\d{3})|"
    r"(?:dövlət\s)?(?:qeydiyyat\s)?(?:nömrə\s?nişan\w*|qeydiyyat\snişan\w*|dövlət\s(?:qeydiyyat\s)?nömrə\w*|nömrəli)|plaka\w*|համարանիշ\w*|պետհամարանիշ\w*|სახელმწიფო\sნომ\w+|პლაკ\w+)(?![^\W\d_])"
    r"(?:[\s:,“”\"'«(#№_-]|(?:is|was|were|with|bearing|reading|of|the|and|a|no|n|number|serial|rus)(?![^\W\d_])){0,8}"
    rf"(?P<id>(?!(?:is|was|were|with|bearing|reading|of|the|and|a|no|number)\s)(?=[\w\s-]{{0,30}}\d)(?=(?:[\s-]*[A-Za-z{_A}а-яё\d]){{4}})[A-Za-z{_A}а-яё\d]{{1,9}}(?:[\s-]{{1,3}}(?=[A-Za-z{_A}а-яё]{{0,3}}\d|[A-Z{_A}]{{1,3}}(?!\w))[A-Za-z{_A}а-яё\d]{{1,4}}){{0,4}})(?!\w)"
)
_TIGHT = (
    # Russia: cars, trailers, motorbikes and the forces, police, taxis, transit, diplomats
    rf"[{_RU}]{_S}\d{{3}}{_S}[{_RU}]{{2}}{_S}{_REGION}",
    rf"[{_CYR}]\s?\d{{3}}\s?[{_CYR}]{{2}}(?:\s?{_REGION})?",
    rf"[{_CYR}]{{2}}\s?\d{{4}}\s?{_REGION}",
    rf"\d{{4}}\s?[{_CYR}]{{2}}\s?{_REGION}",
    rf"[{_CYR}]\s?\d{{4}}\s?{_REGION}",
    rf"[{_RU}]{{2}}\d{{3}}{_REGION}RUS",
    rf"[{_CYR}]{{2}}\s?\d{{3}}\s?[{_CYR}]\s?\d{{2,3}}",
    r"\d{3}\s?(?:CD|СД)\s?\d{1,3}\s?\d{2,3}",
    r"\d{3}[DTДТ]\d{3}\s?\d{2,3}|\d{3}\s[DTДТ]\s\d{3}\s\d{2,3}",
    # Azerbaijan: cars, motorbikes, diplomats
    rf"\d{{2}}{_D}[{_A}]{{2}}(?:{_D}|\s)\d{{3}}|\d{{2}}\s[{_A}]{{2}}{_D}\d{{3}}|\d{{2}}\s?[{_A}]{{2}}\s?\d{{3}}|\d{{2}}{_D}[{_A}]{{1,2}}{_D}\d{{3,4}}",
    rf"\d{{3}}{_D}?[DTPHK]{_D}?\d{{3}}",
    # Armenia, old and new; the forces
    rf"\d{{2,3}}{_D}[{_A}]{{2}}{_D}\d{{2,3}}|\d{{2,3}}\s?[{_A}]{{2}}\s?\d{{2,3}}",
    rf"\d{{3}}\s?[{_A}]{{1}}\s?\d{{2}}(?=\s?(?:AM|ARM)\b)",
    # Georgia, Ukraine, Italy, France and what is shaped like theirs
    rf"[{_A}]{{2}}{_S}\d{{3,4}}{_S}[{_A}]{{2}}",
    rf"\d{{3}}-\d{{2}}\s?[{_A}]{{2}}",
    # Turkey
    rf"(?:0[1-9]|[1-7]\d|8[01])\s?(?:[{_A}]{{3}}\s?\d{{2,3}}|[{_A}]{{2}}\s?\d{{3,4}})",
    r"(?:0[1-9]|[1-7]\d|8[01])-[A-Z]{1,3}-\d{2,5}",
    # Iran
    r"\d{2}\s?[\u0621-\u06cc]{1,4}\s?\d{3}\s?-?\s?(?:\|\s?)?(?:ایران\s?-?\s?)?\d{2}",
    r"\d{2}\s?[A-Z]\s?\d{3}\s?-\s?(?:IR(?:AN)?\s?-?\s?)?\d{2}|\d{2}\s?[A-Z]\s?\d{3}\s?(?:IR|IRAN)\s?-?\s?\d{2}",
    # Kazakhstan, Uzbekistan, Kyrgyzstan, Belarus
    r"\d{3}\s?[A-Z]{2,3}\s?(?:0[1-9]|1\d|20)(?:\s?KZ)?",
    r"[A-Z]\d{3}[A-Z]{3}|\d{2}\s?[A-Z]\s?\d{3}\s?[A-Z]{2}|\d{2}\s?KG\s?\d{3}\s?[A-Z]{3}",
    r"\d{4}\s?[A-ZА-Я]{2}-[1-8]",
    # the Union and its neighbours
    r"[A-ZÄÖÜ]{1,3}-[A-ZÄÖÜ]{1,2}\s\d{3,4}[EH]?|[A-ZÄÖÜ]{1,3}\s-\s[A-ZÄÖÜ]{1,2}\s\d{2,4}",
    r"[A-Z]{2}\d{2}\s?[A-Z]{3}",
    r"[A-Z]{1,2}-\d{2,3}-[A-Z]{1,3}|\d-[A-Z]{3}-\d{2,3}|\d{2}-[A-Z]{2,3}-\d{1,2}|\d{2}-\d{2}-[A-Z]{2}|[A-Z]{2}-\d{2}-\d{2}",
    r"\d[A-Z]\d\s\d{4}|\d{4}-[A-Z]{3}",
    r"[A-Z]{3}-\d{4}|[A-Z]{2}\s?-\s?\d{3}\s?-\s?[A-Z]{2}",
)
_NEAR_VEHICLE = (
    rf"[{_A}]{{3}}[\s-]?\d{{3}}|[{_A}]{{2,3}}\s?\d{{4,5}}|\d{{4}}\s?[{_A}]{{2,3}}|[{_A}]{{2}}\s?\d{{3}}\s?\d{{2,3}}",
    rf"(?:0[1-9]|[1-7]\d|8[01])\s?[{_A}]{{1,3}}\s?\d{{2,5}}|[{_A}]{{1,2}}\s\d{{2,3}}\s[{_A}]{{3}}",
    rf"\d{{2}}\s?[{_A}]\s?\d{{3}}\s?\d{{0,2}}|\d{{3}}\s?[{_A}]\s?\d{{3}}|[{_A}]\s?\d{{3}}\s?[{_A}]{{2,3}}|\d{{4}}\s?[{_A}]{{2}}\s?\d{{2,3}}",
    rf"[{_A}]{{2}}\s?\d{{4}}\s?\d{{2,3}}|[{_A}]\s?\d{{4}}\s?\d{{2,3}}|[DHTUS]\s?\d{{3}}\s?\d{{3}}|[{_A}]{{1,3}}-[{_A}]{{1,2}}\s?\d{{1,4}}",
    rf"\d{{2}}\s?\d{{3}}\s?[{_A}]{{2,3}}|\d{{2}}-\d{{2}}\s?[{_A}]{{2,3}}|\d{{3,5}}\s?[{_A}]\d|[{_A}]{{2}}-\d{{3,4}}|\d{{2}}\s\d{{2}}\s[{_A}]{{2}}|\d{{3}}\s?[{_A}]{{3}}",
    rf"[{_A}]{{2,3}}\s?\d{{2}}\s?\d{{2}}",
)
VEHICLE = re.compile(
    r"(?i)(?<![^\W\d_])(?:cars?|trucks?|lorr(?:y|ies)|vehicles?|vans?|bus(?:es)?|minibus\w*|jeeps?|suvs?|trailers?|semi-?trailers?|motor(?:bike|cycle)s?|scooters?|tippers?|tankers?|"
    r"taxis?|sedans?|pick-?ups?|convoys?|plates?|mercedes|kamaz|toyota|niva|lada|uaz|gazel\w*|bmw|ford|hyundai|kia|nissan|opel|volkswagen|iveco|scania|"
    r"машин\w*|автомобил\w*|авто|автобус\w*|грузовик\w*|фур[аыуе]\w?|самосвал\w*|прицеп\w*|полуприцеп\w*|мотоцикл\w*|мопед\w*|внедорожник\w*|такси|джип\w*|камаз\w*|уаз\w*|газел\w*|нив[аыуе]|"
    r"номер\w*|avtomobil\w*|maşın\w*|yük\s?maşın\w*|avtobus\w*|qoşqu\w*|motosikl\w*|araç\w*|araba\w*|kamyon\w*|tır|մեքենա\w*|բեռնատար\w*|ავტომობილ\w*|მანქან\w*|خودرو|ماشین|کامیون)(?![^\W\d_])"
)
WORDS = frozenset(
    "MW GW KW MWH GWH KWH HA KM KG MM CM DM MT KT DB HZ MHZ GHZ KHZ USD EUR AZN GEL AMD RUB GBP TRY IRR KZT UAH CHF JAN FEB MAR APR MAY JUN JUL AUG SEP OCT "
    "NOV DEC UN US ISO EN EC EEC CAT THE AND FOR NOT BUT ALL OUT NEW OLD FIG TAB REV UTC GMT UTM MGRS WGS DEM MSI SAR NDVI BSI NIR SWIR RGB PPM PPB "
    "ГА КМ КГ ММ СМ МВТ КВТ РУБ ГОСТ СНИП США ООН ФЗ РФ СССР ЗАО ООО ОАО NE NW SE SW PM VOL REF LTD LLC PLC MGA GIS GPS".split()
)
_TIGHT_FORMS = tuple(re.compile(f"{_ON}(?:{p}){_OFF}") for p in _TIGHT)
_NEAR_FORMS = tuple(re.compile(f"{_ON}(?:{p}){_OFF}") for p in _NEAR_VEHICLE)
_TILE = re.compile(
    r"\d{2}[C-X][A-Z]{2}\Z|T\d{2}[A-Z]{3}\Z|[SL][12][ABC]\w*\Z|LC0\d\w*\Z|\w\d{3}\s?\w?\Z"
)
_MAKER = re.compile(
    r"(?i)(?<![^\W\d_])(?:komatsu|hitachi|liebherr|volvo|caterpillar|cat|terex|sandvik|copco|doosan|xcmg|sany|jcb|hyundai|case|belaz|kamaz|maz|ural|zil|man|scania|"
    r"iveco|daf|actros|shacman|sinotruk|howo|белаз|камаз|маз|краз|урал|зил|model|excavators?|loaders?|drills?)\s$"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LAW = re.compile(
    r"(?i)(?:№|\bno\.?|\bn|§|\blaw|\barticle|\bresolution|\bгост|\bзакон\w*|\biso|\btile|\bmodel|\bутм|\butm|\bmgrs|\bepsg|#|\bsample|\bborehole|\bhole|\bскважин\w*)[\s:]{0,2}$"
)
Span = tuple[int, int]


def plates(text: str) -> Iterator[Span]:
    """Where plates stand in a folded text; spans may overlap."""
    for m in NAMED.finditer(text):
        if sum(c.isdigit() for c in m["id"]) >= 2 and not _YEAR.fullmatch(m["id"].strip()):
            yield m.span("id")
    for form in _TIGHT_FORMS:
        for m in form.finditer(text):
            if not _other(text, m):
                yield m.span()
    for near in VEHICLE.finditer(text):
        first, last = max(0, near.start() - 30), min(len(text), near.end() + 60)
        for form in _NEAR_FORMS:
            for m in form.finditer(text, first, last):
                model = m[0][0].isalpha() and _MAKER.search(
                    text[max(0, m.start() - 20) : m.start()]
                )
                if not model and not _other(text, m):
                    yield m.span()


def _other(text: str, m: re.Match[str]) -> bool:
    """True for a unit, a month, a law, a tile: what is shaped like a plate and is none."""
    found = m[0]
    letters = re.findall(r"[^\W\d_]+", found)
    if any(x in WORDS for x in letters) or _TILE.match(found):
        return True
    spaced = any(c.isspace() for c in found)
    if spaced and _YEAR.search(found):
        return True
    return bool(_LAW.search(text[max(0, m.start() - 14) : m.start()]))
