"""Letter folding: one key for a name however Azerbaijani, Armenian, Russian or English spell it.

`strict_keys` transliterates and drops signs; names equal under it are the same letters.
`loose_key` also merges what the spellings of the Caucasus merge (ə as a or e, gh and g, kh and
h, q and g, doubled letters): names equal under it are the same only among few places.
"""

from __future__ import annotations

import re
import unicodedata

AZERBAIJANI = frozenset("əğışƏĞİŞ")
"""Letters that tell an Azerbaijani spelling, in which c, x and q have their own sounds."""

_LATIN = str.maketrans(
    {
        "ı": "i",
        "ş": "sh",
        "ç": "ch",
        "ğ": "gh",
        "ж": "zh",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
    }
)
_CYRILLIC = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
    "и": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh",
    "щ": "shch", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "yi",
    "є": "ye", "ґ": "g", "ә": "a", "ғ": "gh", "қ": "g", "ң": "n", "ө": "o", "ұ": "u", "ү": "u",
    "һ": "h", "ҹ": "j", "ҝ": "g",
})  # fmt: skip
_ARMENIAN = str.maketrans({
    "ա": "a", "բ": "b", "գ": "g", "դ": "d", "ե": "e", "զ": "z", "է": "e", "ը": "e", "թ": "t",
    "ժ": "zh", "ի": "i", "լ": "l", "խ": "kh", "ծ": "ts", "կ": "k", "հ": "h", "ձ": "dz", "ղ": "gh",
    "ճ": "ch", "մ": "m", "յ": "y", "ն": "n", "շ": "sh", "ո": "o", "չ": "ch", "պ": "p", "ջ": "j",
    "ռ": "r", "ս": "s", "վ": "v", "տ": "t", "ր": "r", "ց": "ts", "փ": "p", "ք": "k", "օ": "o",
    "ֆ": "f", "և": "ev", "ւ": "v",
})  # fmt: skip
_GEORGIAN_LETTERS = zip(
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h".split(),
    strict=True,
)
_GEORGIAN: dict[int, str] = {ord(letter): latin for letter, latin in _GEORGIAN_LETTERS}


def strict_keys(name: str) -> tuple[str, ...]:
    """Keys of a name; two where ə may stand for a or for e."""
    text = unicodedata.normalize("NFC", name)
    azerbaijani = not AZERBAIJANI.isdisjoint(text)
    text = text.replace("İ", "i").lower()
    if azerbaijani:
        text = text.replace("c", "j").replace("x", "kh").replace("q", "g")
    text = text.replace("ու", "u").replace("дж", "j")
    for table in (_LATIN, _CYRILLIC, _ARMENIAN, _GEORGIAN):
        text = text.translate(table)
    options = [text.replace("ə", "e"), text.replace("ə", "a")] if "ə" in text else [text]
    return tuple(dict.fromkeys(_plain(o) for o in options))


def loose_key(name: str) -> str:
    """Key under which the spellings of the Caucasus for one place agree."""
    text = strict_keys(name)[0]
    for old, new in (
        ("shch", "sh"),
        ("kh", "h"),
        ("gh", "g"),
        ("dzh", "j"),
        ("x", "h"),
        ("q", "g"),
        ("w", "v"),
        ("iy", "i"),
        ("yi", "i"),
        ("y", "i"),
        ("e", "a"),
    ):
        text = text.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", text)


def sound_key(name: str) -> str:
    """A coarser key, under which old and foreign spellings of one name agree too: Shushi and
    Shusha, Mardakert and Martakert, Latchin and Lachin, Kubatly and Gubadli. Many different names
    share one: it only proposes."""
    text = loose_key(name)
    for old, new in (
        ("tch", "c"), ("dch", "c"), ("dzh", "c"), ("dj", "c"), ("ch", "c"), ("zh", "c"), ("j", "c"),
        ("tz", "c"), ("ts", "c"), ("dz", "c"), ("sh", "s"), ("ph", "f"), ("th", "t"), ("z", "s"),
        ("d", "t"), ("b", "p"), ("g", "k"), ("h", "k"),
    ):  # fmt: skip
        text = text.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aiou]+", "a", text))


def scripts(word: str) -> frozenset[str]:
    """Scripts of the letters of a word, by the first word of their Unicode names."""
    return frozenset(unicodedata.name(c, "UNKNOWN").split()[0] for c in word if c.isalpha()) - {
        "MODIFIER"
    }


def _plain(text: str) -> str:
    """Lower-case letters and digits of the basic alphabet, words parted by one space."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    bare = re.sub(r"[’'ʼʻʿʾ`´‘\"]", "", bare)
    return " ".join(re.findall(r"[^\W_]+", bare))
