"""Passports, national and tax numbers by what stands before them; accounts by their check digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stdnum import iban, luhn
from stdnum.exceptions import ValidationError
from stdnum.tr import tckimlik

_ID = r"(?P<id>[^\W\d_]{0,4}[\s-]{0,2}(?:\d[\d\s/-]{2,26}\d)(?:[^\W\d_]{1,2}\d{0,3})?(?!\w))"
_LINK = r"(?:[\s:#=№,.«\"(_-]|(?:no|nr|num|number|numbers|is|was|with|id|series|ser|seria|holder|of|nömrə\w*|seriya\w*|сери\w{1,2}|сер|номер\w*|ном|номером|за|համար\w*|սերիա|ნომერი|numarası|numaralı|no'?lu|شماره)(?![^\W\d_])){0,10}"
_MIXED = r"(?P<id>(?=\w*\d)(?=(?:\w*\d){2})[A-Za-zА-Я\d]{5,17}(?!\w))"
DOCUMENT = (
    re.compile(
        r"(?i)(?<![^\W\d_])(?:passports?|паспорт\w{0,3}|pasportu?\w{0,3}|pasaport\w{0,3}|pass(?=\s(?:no|nr|number))|անձնագ\w+|პასპორტ\w*|گذرنامه|"
        r"(?:national\s|personal\s)?(?:identity|identification|id)(?:\s?-?cards?|\snumbers?|\sno\.?|\sdocument)|national\sid|identity\s(?:number|document)|"
        r"personal\s(?:number|code|no)|social\s(?:card|security|insurance)(?:\s(?:number|no))?|ssn|psn|pesel|egn|cnp|nino|"
        r"удостоверени\w+(?:\sличности)?|водительск\w+(?:\sудостоверени\w+|\sправ\w*)?|driv(?:er|ing)'?s?\slicen[cs]e|driving\spermit|военн\w+\sбилет\w*|"
        r"снилс|иин|жшшир|пинфл|личн\w+\sномер\w*|ş(?:əxsiyyət\s)?v(?:əsiqə\w*)?(?![^\W\d_])|şəxsiyyət\w*|kimlik\w*|t\.?c\.?\s?(?:kimlik\w*|no)|ծառայողական|հծհ|հանրային\sծառայ\w+(?:\sհամարանիշ\w*)?|"
        rf"პირადი(?:\sნომერი)?|کد\sملی|imei|imsi|meid){_LINK}{_ID}"
    ),
    re.compile(
        rf"(?i)(?<![^\W\d_])(?:fin(?:\s?-?\s?kod\w*|\scode)?(?=[\s:])|fin\b|passports?|паспорт\w{{0,3}}|pasport\w{{0,3}}|pasaport\w{{0,3}}){_LINK}{_MIXED}"
    ),
    re.compile(
        rf"(?i)(?:паспорт\w{{0,3}}|passports?){_LINK}(?P<id>\d\d\s?\d\d[\s,]{{0,2}}(?:№|номер|no\.?|n)?\s?\d{{6}})(?!\d)"
    ),
    re.compile(r"(?<![\w-])\d{3}-\d{3}-\d{3}[\s-]\d{2}(?![\w-])"),  # SNILS of Russia
    re.compile(r"(?<![\w-])AZE\s?(?:№|No\.?)?\s?\d{8}(?!\w)"),
)
TAX = (
    re.compile(
        r"(?i)(?<![^\W\d_])(?:инн|огрн(?:ип)?|кпп|бин|унп|едрпоу|рнокпп|рнп|ипн|tin|tax(?:payer)?(?:'s)?(?:\s(?:id\w*|identification|registration|number|no|code))+|vat(?:\s(?:id|number|no|reg\w*))*|"
        rf"vöen|voen|вöен|воен(?=[\s:]+\d)|hvhh|հվհհ|vergi(?:\s(?:no|numarası|kimlik\sno))+|საიდენტიფიკაციო(?:\sკოდი)?|iin|bin(?=[\s:]+\d{{12}})|شناسه\sملی){_LINK}{_ID}"
    ),
)
ACCOUNT_NAMED = (
    re.compile(
        r"(?i)(?<![^\W\d_])(?:iban|bank\saccount\w*|account(?:\s(?:no|nr|number))|a/c|acct|р/с|расч[её]тн\w+\sсч[её]т\w*|сч[её]т(?=\W{0,3}(?:№|номер|\d{16,20}))|лицев\w+\sсч[её]т\w*|hesab(?:\snömrəsi|\w{0,3})|hesap(?:\sno)?|հաշվ\w+|ანგარიში\w*|شماره\sحساب|карт[аыуе](?=\W{0,3}(?:№|номер|\d{4}))|card(?:\s(?:no|number))?)"
        rf"{_LINK}(?P<id>(?=(?:[A-Z\d][\s-]?){{8}})(?:[A-Z]{{2}}\d{{2}}[\s-]?)?[A-Z\d]{{0,4}}[\s-]?\d[\dA-Z]*(?:[\s-][\dA-Z]{{2,5}}){{0,9}}(?!\w))"
    ),
)
CHASSIS = (
    re.compile(
        r"(?i)(?<![^\W\d_])(?:vin|chassis|frame|кузов\w?|шасси|şasi)(?:[\s:#№.-]|code|number|no|номер|nömrə\w*){0,6}(?P<id>(?=\w*\d)[A-HJ-NPR-Z\d]{8,17}(?!\w))"
    ),
    re.compile(
        r"(?<![\w-])(?=(?:[A-Z]*\d){6})(?=(?:\d*[A-Z]){3})[A-HJ-NPR-Z][A-HJ-NPR-Z\d]{2}[A-HJ-NPR-Z\d]{9}[A-HJ-NPR-Z\d]\d{4}(?![\w-])"
    ),
)
_IBAN = re.compile(r"(?i)(?<![^\W_])[A-Z]{2}[\s-]?\d{2}(?:[\s-]{0,2}[A-Z\d]){11,30}(?![^\W_])")
_CARD = re.compile(r"(?<![\w.,-])[234569]\d{3}(?:[\s.-]{0,3}\d){9,15}(?![\w-]|[.,]\d)")
_ELEVEN = re.compile(r"(?<![\w.,/-])[1-9]\d{10}(?![\w-]|[.,]\d)")
_CARDS = re.compile(
    r"(?:4\d{15}|4\d{12}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|220[0-4]\d{12,15}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"
    r"|6(?:011|5\d\d|4[4-9]\d|2\d\d)\d{12,15}|35\d{14}|5[06-9]\d{14}|6(?:0|1|3|7)\d{14}|9(?:792|860|112|051)\d{12}|8600\d{12})"
)


def accounts(text: str) -> list[tuple[int, int]]:
    """IBANs (mod 97) and numbers of cards (Luhn and an issuer's beginning), wherever they stand."""
    out = []
    for m in _IBAN.finditer(text):
        end = _longest_iban(m[0])
        if end:
            out.append((m.start(), m.start() + end))
    for m in _CARD.finditer(text):
        digits = re.sub(r"\D", "", m[0])
        if _CARDS.fullmatch(digits) and luhn.is_valid(digits):
            out.append(m.span())
    return out


def _longest_iban(found: str) -> int:
    """Length of the longest beginning that is an IBAN, 0 where none is: words may follow it."""
    for end in range(len(found), 14, -1):
        if found[end - 1].isalnum() and (end == len(found) or not found[end].isalnum()):
            try:
                iban.validate(found[:end], check_country=False)
            except ValidationError:
                continue
            return end
    return 0


def named(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[tuple[int, int]]:
    """What stands after a word that names such a number: five digits, or letters with two."""
    for pattern in patterns:
        group = "id" if "id" in pattern.groupindex else 0
        for m in pattern.finditer(text):
            digits = sum(c.isdigit() for c in m[group])
            if digits >= 5 or (digits >= 2 and m[group].isalnum() and not m[group].isdigit()):
                yield m.span(group)


def persons(text: str) -> list[tuple[int, int]]:
    """National numbers of Turkey, which carry two check digits."""
    return [m.span() for m in _ELEVEN.finditer(text) if tckimlik.is_valid(m[0])]
