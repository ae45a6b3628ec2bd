"""What a sentence claims: its type by the words it uses, and whether works run or stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from gossan.core.statements import ClaimType, Direction


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)\b(?:{pattern})")


_EVENT = _words(
    r"protest\w*\b(?! area)|rall(?:y|ies)\b|demonstrat(?:ion|ors?)\b|blockad\w+|block(?:ed|ing|s)?\b(?= the| a| traffic| access)|blocked\b|talks\b|negotiat\w+|"
    r"met\b|meeting\b|strike\b|gathered\b|ceasefire|signed\b|signing\b|statement signed|tripartite|"
    r"war\b|quarrel\w*|checkpoint|peacekeep\w+ (?:have been|were|was|is|are) (?:stationed|deployed)|"
    r"mission was deployed|акци[яию]\b|протест\w*|переговор\w*|встреч\w*|блокад\w*|перекрыл\w*"
)
_TAILINGS = _words(r"tailings?|slurry|slimes|хвостохранилищ\w*|хвост(?:ы|ов)\b|(?:dam|mud)\b")
_TRAFFIC = _words(
    r"trucks?\b|lorr(?:y|ies)\b|convoys?\b|vehicles?\b|shipments?\b|transport(?:ed|ing|ation)\b|tippers?\b|"
    r"haulage|kamaz\w*|грузовик\w*|колонн\w*|машин\w*|самосвал\w*|транспорт\w*"
)
_WIDENED = _words(
    r"expan(?:d\w*|sion)|enlarg\w+|extended\b|grew\b|grown\b|growing\b|spread\b|spreading\b|widen\w+|doubled\b|"
    r"расшир\w+|увеличил\w*|разросл\w*"
)
_FIRST = _words(
    r"first (?:saw|seen|appeared|observed|noticed|visible)|(?:new|fresh) (?:\w+ )?(?:pits?|sites?|mines?|quarr\w+|"
    r"roads?|works)\b|appeared\b|for the first time|completed the construction|впервые|появил\w*"
)
_AREA = _words(
    r"hectares?\b|\d\s?ha\b|square (?:kilo)?met|km²|km2|acres?\b|deforest\w+|felled\b|cleared\b|clear-cut\w*|(?:forest|tree) cover\b|"
    r"гектар\w*|\d\s?га\b|вырубк\w*|вырублен\w*"
)
_WATER = _words(
    r"rivers?\b|lakes?\b|streams?\b|waters?\b|fish\b|effluents?\b|discharg\w+|pollut\w+|turbid\w*|contaminat\w+|"
    r"spill\w*|pond\b|waste rock into|рек[аиеу]\b|озер\w+|вод[аыеуо]\w*\b|сброс\w*|мутн\w*|загрязн\w*"
)
_WORKS = _words(
    r"mines?\b|mining\b|deposits?\b|quarr(?:y|ies)\b|pits?\b|operations?\b|works\b|production\b|extract\w+|exploit\w+|drill\w+|"
    r"excavat\w+|blast\w+|construction\b|work (?:at|on|in|is|was|has)\b|(?:all|no) work\b|dredg\w+|felling\b|plants?\b|smelter\b|stripping\b|digging\b|dug\b|shutdown\b|ore\b|"
    r"рудник\w*|карьер\w*|добыч\w*|работ[ыа]\b|шахт\w*|разработк\w*|производств\w*"
)
_HALTED = _words(
    r"halt\w*|suspen\w+|stop\w*|ceas\w+|shut\w*|closed\b|closure|idle\b|shutdown|paused?|"
    r"приостанов\w*|останов\w*|прекра\w+|закрыт\w*"
)
_RESUMED = _words(r"resum\w+|restart\w*|re-?open\w*|recommenc\w+|возобнов\w*")
_NOT = r"(?i)\b(?:not|never|n't|cannot|не)\s+(?:yet\s+|been\s+|be\s+)?"
_NOT_RESUMED = re.compile(_NOT + r"(?:resum|restart|re-?open|возобнов)")
_NOT_HALTED = re.compile(_NOT + r"(?:halt|suspend|stop|ceas|shut|closed|останов|приостанов|прекра)")
_AREA_VERB = _words(
    r"covers?\b|covered\b|cleared\b|felled\b|forest\b|deforest\w+|occup(?:y|ies|ied)\b|занима\w+|лес\w*"
)

_PLANTS = re.compile(
    r"(?i)\b(?:forest|deforest|wood(?:s|land)\b|trees?\b|vegetation|felled|clear-?cut|logg(?:ed|ing)|"
    r"лес(?:а|у|ом|е|ов|ной|ных)?\b|деревь|вырубк|вырублен)"
)
_ANY = re.compile("")

_ORDER = (
    (ClaimType.EVENT, _EVENT),
    (ClaimType.TAILINGS, _TAILINGS),
    (ClaimType.FIRST_APPEARANCE, _FIRST),
    (ClaimType.EXPANSION, _WIDENED),
    (ClaimType.TRAFFIC, _TRAFFIC),
    (ClaimType.AREA, _AREA),
    (ClaimType.WATER, _WATER),
    (ClaimType.ACTIVITY, _WORKS),
)


Reader = Callable[[str, ClaimType], str | None]
"""(sentence, type that gossan's own words give) -> the type it is instead; None: not of its words."""


def kind_of(text: str, readers: Sequence[Reader] = ()) -> tuple[str, Direction]:
    """Type of claim, and for works whether they run, stand or were taken up again.

    The first of the types in their order whose words stand in the text; OTHER where none does.
    Each is shown to the `readers` before it is taken.
    """
    stands = direction_of(text)
    for kind, pattern in (*_ORDER, (ClaimType.OTHER, _ANY)):
        if not pattern.search(text):
            continue
        instead = next((found for read in readers if (found := read(text, kind))), None)
        if instead is not None:
            return instead, Direction.NONE
        if kind is ClaimType.EXPANSION and not (_WORKS.search(text) or _about_ground(text)):
            continue
        if kind is ClaimType.AREA and not _AREA_VERB.search(text) and _WORKS.search(text):
            continue
        if kind is ClaimType.WATER and _WORKS.search(text) and stands is not Direction.RUNNING:
            continue
        return kind, stands if kind is ClaimType.ACTIVITY else Direction.NONE
    return ClaimType.OTHER, Direction.NONE


def about_plants(text: str) -> bool:
    """True where a text speaks of forest, trees or other plants that were lost."""
    return bool(_PLANTS.search(text))


def direction_of(text: str) -> Direction:
    """Whether the words say that works stand, were taken up again, or run."""
    if _NOT_RESUMED.search(text):
        return Direction.HALTED
    if _RESUMED.search(text):
        return Direction.RESUMED
    if _NOT_HALTED.search(text):
        return Direction.RUNNING
    return Direction.HALTED if _HALTED.search(text) else Direction.RUNNING


def _about_ground(text: str) -> bool:
    return bool(
        _AREA.search(text) or re.search(r"(?i)\b(?:dump|heap|site|road|camp|отвал)\w*", text)
    )
