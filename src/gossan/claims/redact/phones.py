"""Numbers of phones: as `phonenumbers` finds them, and as people write them otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    Leniency,
    NumberParseException,
    PhoneNumberMatcher,
    ValidationResult,
    country_code_for_region,
    is_possible_number_with_reason,
    is_valid_number,
    parse,
)

CODES = tuple(sorted(COUNTRY_CODE_TO_REGION_CODE))
_SEP = r"[\s().·•/~*-]{0,4}"
_TAIL = r"(?:\s?(?:ext|extn|x|доб|внутр|int|dahili|daxili)\.?\s?:?\s?\d{1,6})?"
_END = r"(?![\w]|[.,]\d|\s?%)"
_PLUS = re.compile(
    rf"(?i)(?<![\w])(?:\+|(?:plus|плюс|üstəgəl)\s?|\(\s?\+|00(?=[\s(-]?[1-9])|011[\s-](?=[1-9])){_SEP}\d(?:{_SEP}\d){{6,14}}{_TAIL}"
)
_CUE = re.compile(
    r"(?i)(?<![^\W\d_])(?:tel|tél|tele?(?:ph|f)one?s?|telefax|phones?|mobile|mobil|mob|cell(?:phone|ular)?|fax|whats\s?app|viber|telegram|signal|sms|"
    r"hot\s?line|helpline|gsm|msisdn|contacts?|call(?:ed|s|ing)?|dial(?:led|ling)?|ring|rang|text(?:ed)?|cep|telefonu?|nömrə(?:si|m|miz)?|əlaqə|zəng|"
    r"тел|телефон\w{0,3}|т(?=\.\s?[+(\d])|моб|мобильн\w+|сот|сотов\w+|факс|звон\w+|позвон\w+|ватсап\w?|вотсап\w?|вайбер\w?|смс|горяч\w+\sлини\w+|"
    r"հեռ|հեռախոս\w*|բջջ|զանգ\w*|ֆաքս|ტელ|ტელეფონ\w*|მობ|მობილურ\w*|დარეკ\w*|تلفن|موبایل|همراه|هاتف|تماس|فکس|شماره)(?![^\W\d_])"
    r"(?:[\s.:;=#№(\[,/_–-]|(?:no|nr|num|number|is|was|us|at|me|him|her|to|on|the|and|or|by|via|from|app|phone|fax|tel|номер\w{0,2}|по|телефону|nömrə\w*|համար\w*|ნომერ\w*)(?![^\W\d_])){0,9}"
    rf"(?P<id>[+(]{{0,2}}\d(?:{_SEP}\d){{4,16}}{_TAIL}(?:\s?(?:,|;|/|or|и|или|və)\s?[+(]{{0,2}}\d(?:[\s().-]{{0,3}}\d){{4,16}})*){_END}"
)
_WEAK = re.compile(
    r"(?i)call|signal|contact|mobil|cell|text|ring|rang|dial|viber|telegram|звон|شماره|nömrə"
)
"""Words that stand before other numbers too: five or six digits in one are none to call then."""
_FORMS = (
    # a trunk prefix and at least two groups, or ten digits in one
    re.compile(
        rf"(?<![\w.,:/-])\(?0[\s-]?\(?[1-9]\d{{0,3}}\)?[\s./·*-]{{0,3}}\d{{2,4}}(?:[\s./·*-]{{1,3}}\d{{2,4}}){{1,4}}{_TAIL}{_END}"
    ),
    re.compile(
        rf"(?<![\w.,:/-])(?:\(0\d{{1,4}}\)|0\d{{2,3}})[\s./·*-]{{1,3}}\d{{5,8}}{_TAIL}{_END}"
    ),
    re.compile(rf"(?<![\w.,:/-])0[1-9]\d{{7,9}}{_TAIL}{_END}"),
    re.compile(
        rf"(?<![\w.,:/-])8[\s-]?\(?[3489]\d{{2}}\)?[\s-]?\d{{3}}[\s-]?\d{{2}}[\s-]?\d{{2}}{_TAIL}{_END}"
    ),
    re.compile(
        rf"(?<![\w.,:/-])8[\s-]?\([3489]\d{{3,4}}\)[\s-]?\d{{1,3}}(?:[\s-]?\d{{2}}){{2}}{_TAIL}{_END}"
    ),
    re.compile(
        rf"(?<![\w.,:/-])\((?!(?:19|20)\d\d\))\d{{2,5}}\)[\s.-]?\d{{2,4}}(?:[\s.-]\d{{2,4}}){{1,3}}{_TAIL}{_END}"
    ),
    re.compile(rf"(?<![\w.,:/-])\(\d{{3}}\)\s?\d{{3}}-\d{{4}}{_TAIL}{_END}"),
    re.compile(rf"(?<![\w.,:/-])(?:1[\s.-])?[2-9]\d{{2}}([.-])\d{{3}}\1\d{{4}}{_TAIL}{_END}"),
    re.compile(r"(?<![\w.,:/+-])[1-9]\d{2}-\d{2}-\d{2}(?![\w-]|[.,]\d)"),
    re.compile(
        r"(?i)(?<![\w.,:/+-])\d{1,3}(?:[\s-]\d{2,3}){2,3}(?=[\s)]{1,3}(?:tel|тел|phone|ტელ|հեռ)(?!\w))"
    ),
    re.compile(
        r"(?<![\w.-])(?:\+?\d{1,2}[\s-])?0?8(?:00|33|44|55|66|77|88)[\s-](?=[A-Z\d-]*[A-Z]{3})[A-Z\d-]{6,12}(?!\w)"
    ),
)
_BARE = re.compile(r"(?<![\w.,:/+-])[1-9]\d(?:[\s().-]{0,3}\d){8,13}(?![\w]|[.,]\d|\s?%)")
_LOOKALIKE = re.compile(
    r"(?<!\w)(?=[OОоoIl|]{0,20}\d)(?=\d{0,20}[OОоoIl|])[\dOОоoIl|]{2,20}(?![^\W\d_])"
)
_BROKEN = re.compile(r"(?<=\d)[_*•·|](?=[\d(])|_")
_WRAPPED = re.compile(r"(?<=[\d)-])[ \t]?\n(?=[ \t]?[\d(])")
_DATE = re.compile(
    r"(?:(?:19|20)\d\d[\s./-]{1,2}[01]?\d[\s./-]{1,2}[0-3]?\d|[0-3]?\d[\s./-]{1,2}[01]?\d[\s./-]{1,2}(?:19|20)\d\d)(?!\d)(?:[\sT]|$)"
    r"|[0-3]?\d[./-][01]?\d[./-]\d\d\Z"
    r"|(?:19|20)\d\d[01]\d[0-3]\d(?!\d)"
)
_FULL_DAY = re.compile(
    r"(?:19|20)\d\d[\s./-][01]?\d[\s./-][0-3]?\d|[0-3]?\d[\s./-][01]?\d[\s./-](?:19|20)\d\d"
)
_YEARS = re.compile(r"(?:(?:19|20)\d\d)(?:[\s/.-]{1,3}(?:19|20)?\d\d)+\Z")
_DECIMALS = re.compile(r"/-|(?<![\d.])\d\.\d{3,}|\s{3}")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[\s'.]\d{3})+\Z")
_BEFORE = re.compile(
    r"(?i)(?:№|\bno\.|\bnr\.?|#|\blaws?|\barticles?|\bart\.|§|\bisbn|\bissn|doi:?|\bepsg:?|\btiles?|\bscenes?|\borbit|[$€£₽₼֏₾]|\b(?:usd|eur|azn|gel|amd|rub)"
    r"|\blat\w*|\blon\w*|\bутм|\butm|\bcoordinates?|\bкоординат\w*|\bзакон\w*|\bстат\w+|\bкадастр\w*|\bcadastral(?:\snumber)?|\bdecree|\bresolution)[\s:=(]{0,3}(?:№|no\.?)?\s?$"
)
_AFTER = re.compile(
    r"\s?(?:°|′|″|%|[$€£₽₼֏₾]|(?:ha|km|km2|km²|m2|m²|m3|m³|m|mm|cm|t|kt|Mt|g|kg|tonnes?|tons?|people|persons|hectares?|metres?|meters?|pixels?|dollars?|manat|drams?|rubles?"
    r"|usd|eur|azn|gel|amd|га|км|м|т|тонн\w*|чел\w*|руб\w*|долл\w*|гектар\w*|[NSEW])(?!\w))",
    re.I,
)
Span = tuple[int, int]


def phones(text: str, countries: Sequence[str]) -> Iterator[Span]:
    """Where numbers of phones stand in a folded text; spans may overlap.

    `countries` are ISO codes whose numbers are known without their country's code; numbers that
    begin with + or 00 are known of every country.
    """
    if sum(c.isdigit() for c in text[:100_000]) < 5 and not re.search(r"\d\D{0,9}\d", text):
        return
    text = _LOOKALIKE.sub(lambda m: m[0].translate(_AS_DIGITS), text)
    text = _WRAPPED.sub(lambda m: " " * len(m[0]), _BROKEN.sub(" ", text))
    for m in _CUE.finditer(text):
        if not _amount(m["id"]) and not _FULL_DAY.fullmatch(m["id"]) and not _YEARS.match(m["id"]):
            weak = _WEAK.match(m[0]) and re.fullmatch(r"\d{5,6}", m["id"])
            if not weak:
                yield m.span("id")
    for m in _PLUS.finditer(text):
        end = _international(m[0])
        if end:
            yield m.start(), m.start() + end
    for pattern in _FORMS:
        for m in pattern.finditer(text):
            if not _honest(text, *m.span()):
                yield m.span()
    yield from _bare(text, countries)
    yield from _matched(text, countries)


_AS_DIGITS = str.maketrans("OОоoIl|", "0000111")


def _matched(text: str, countries: Sequence[str]) -> Iterator[Span]:
    """What the library finds: possible numbers with +, valid ones of the countries without."""
    for m in PhoneNumberMatcher(text, None, leniency=Leniency.POSSIBLE):
        if not _amount(m.raw_string.lstrip("+")):
            yield m.start, m.end
    for country in countries:
        for m in PhoneNumberMatcher(text, country, leniency=Leniency.VALID):
            if not _honest(text, m.start, m.end):
                yield m.start, m.end


def _international(found: str) -> int:
    """Length of what is a possible number of some country, 0 for none; words may follow it."""
    bare = re.sub(rf"(?i){_TAIL}\Z", "", found)
    if _amount(re.sub(r"\A\D+", "", bare)):
        return 0
    digits = re.sub(r"\D", "", re.sub(r"\((?:0)\)", "", bare))
    digits = digits[3:] if found.startswith("011") else digits
    digits = digits[2:] if digits.startswith("00") else digits
    for keep in range(len(digits), 6, -1):
        try:
            number = parse("+" + digits[:keep])
        except NumberParseException:
            continue
        if is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE:
            return len(found) if keep == len(digits) else _after_digits(found, digits, keep)
    return 0


def _after_digits(found: str, digits: str, keep: int) -> int:
    """Where the `keep`-th of `digits`, which end what was found, stands."""
    left = len(digits) - keep
    places = [i for i, c in enumerate(found) if c.isdigit()]
    return places[len(places) - left - 1] + 1


def _bare(text: str, countries: Sequence[str]) -> Iterator[Span]:
    """A whole number with its country's code and without the plus."""
    codes = tuple(str(country_code_for_region(c)) for c in countries if country_code_for_region(c))
    if not codes:
        return
    for m in _BARE.finditer(text):
        digits = re.sub(r"\D", "", m[0])
        if not digits.startswith(codes) or _honest(text, *m.span()):
            continue
        try:
            number = parse("+" + digits)
        except NumberParseException:
            continue
        if is_valid_number(number):
            yield m.span()


def _honest(text: str, start: int, end: int) -> bool:
    """True where digits are an amount, a day, a reference or a position and no number to call."""
    found = text[start:end].strip()
    if _amount(found) or _day(found) or _YEARS.match(found) or _DECIMALS.search(found):
        return True
    if re.search(r"\d[.,]\Z", text[max(0, start - 2) : start]):
        return True
    return bool(_BEFORE.search(text[max(0, start - 30) : start]) or _AFTER.match(text, end))


def _amount(found: str) -> bool:
    return bool(_THOUSANDS.match(found.strip()) or re.fullmatch(r"\d+\.\d+", found))


def _day(found: str) -> bool:
    return bool(_DATE.match(found))
