"""E-mail addresses as they are written and as they are hidden, and accounts on networks."""

from __future__ import annotations

import re

_DOT = r"(?:\.|\s\.\s|\s?[\[({<]\s?(?:\.|dot|d0t|точка|тчк|nokta|nöqtə|punkt|կետ)\s?[\])}>]\s?|\s(?:dot|точка|тчк|nokta|nöqtə|punkt)\s)"
_WORD_DOT = r"(?:\s?[\[({<]\s?(?:\.|dot|точка|nokta|nöqtə|punkt)\s?[\])}>]\s?|[\s_-](?:dot|точка|тчк|nokta|nöqtə|punkt)[\s_-])"
_AT = r"(?:\s{0,2}@\s{0,2}|\s?[\[({<«*]\s?(?:at|@|собака|собачка|ət|et|arroba|kuyruk)\s?[\])}>»*]\s?|\s(?:собака|собачка|ПСИНА)\s|\s?-(?:собака)-\s?|\s-at-\s)"
_PART = r"[\w+'-]{1,64}"
_LABEL = r"\w(?:[\w-]{0,61}\w)?"
MAIL = (
    # plainly written, with a quoted local part or the address of a machine too
    re.compile(
        rf"(?i)(?:\"[^\"\n]{{1,64}}\"|[\w.+'!#$&*=^{{}}~|-]{{1,64}})@\n?(?:\[[\d.:a-fv]{{3,50}}\]|{_LABEL}(?:\.{_LABEL}){{0,6}})"
    ),
    re.compile(
        rf"(?i)(?<!\w){_PART}(?:{_DOT}{_PART}){{0,4}}{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{1,5}}"
    ),
    re.compile(
        rf"(?i)(?<!\w){_PART}(?:(?:\.|{_WORD_DOT}){_PART}){{0,4}}\s(?:at|ət|et)\s{_LABEL}(?:{_WORD_DOT}{_LABEL}){{1,5}}"
    ),
    re.compile(
        rf"(?<!\w){_PART}(?:\.{_PART}){{0,3}}\s(?:AT|At)\s{_LABEL}(?:(?:{_DOT}|\s(?:DOT|Dot)\s){_LABEL}){{1,4}}"
    ),
    re.compile(rf"(?i)(?<![\w.])\w+(?:[.+]\w+)+[-_]at[-_]{_LABEL}(?:\.{_LABEL}){{1,4}}"),
    re.compile(rf"(?i)(?<![\w.])\w+(?:[._+]\w+)+\sat\s{_LABEL}(?:\.{_LABEL}){{1,4}}"),
    re.compile(
        rf"(?i)\b(?:e-?mail|mail|почт\w{{0,3}}|e-?poçt|e-?posta)\b(?:\s(?:address|is|me|us|to|адрес))?[\s:]{{1,3}}(?P<id>{_PART}\s(?:at|ət|собака)\s{_LABEL}(?:{_DOT}{_LABEL}){{1,4}})"
    ),
    re.compile(r"(?i)(?:data-cfemail=[\"']?|email-protection#)(?P<id>[0-9a-f]{8,400})"),
)
_RULES = (
    "media|import|font|keyframes|charset|supports|page|layer|container|namespace|property|context|type|graph|id|"
    "value|language|list|set|reverse|base|vocab|include|mixin|extend|webkit|moz|param|return|license|author|see|"
    "override|click|todo"
)
_SHARED = r"(?!(?:sharer?\b|share[./?]|intent/|dialog/|plugins/|tr[/?]|hashtag/|search\b|watch\?|embed/|login|home\b|$))"
ACCOUNT = (
    re.compile(
        r"(?i)(?<![\w-])(?:[\w-]{1,20}\.)?(?:t\.me|telegram\.(?:me|dog|org)|wa\.me|whatsapp\.com|vk\.(?:com|ru)|ok\.ru|"
        r"facebook\.com|fb\.(?:com|me)|m\.me|instagram\.com|instagr\.am|twitter\.com|x\.com|linkedin\.com|youtube\.com(?=/(?:@|c/|user/|channel/))|"
        r"tiktok\.com|signal\.(?:me|group)|threads\.(?:net|com)|discord\.(?:gg|com)|bsky\.app|snapchat\.com|viber\.com|"
        rf"line\.me|wechat\.com|my\.mail\.ru|livejournal\.com|medium\.com(?=/@)|pinterest\.com|reddit\.com(?=/u))/{_SHARED}(?P<id>[^\s<>\"'«»]*[\w)])"
    ),
    re.compile(
        r"(?i)(?<![\w-])(?:tg|viber|skype|whatsapp|signal|sgnl|sip|sips|xmpp|tel|sms|smsto|callto|facetime|imo|threema|matrix|icq|aim|ymsgr):(?:/{0,2})(?P<id>[\w+%@?][^\s<>\"'«»]*[\w/])"
    ),
    re.compile(
        r"(?i)\b(?:skype|telegram|телеграмм?\w{0,2}|телега|тг|tg|signal|сигнал|whatsapp|ватсап\w?|вотсап\w?|viber|вайбер\w?|instagram|инстаграмм?\w?|"
        r"facebook|фейсбук\w?|twitter|твиттер\w?|vkontakte|вк|icq|wechat|discord|user\s?name|nick(?:name)?|ник|login|handle|аккаунт\w?)\b"
        r"(?:\s(?:id|name|account|handle|channel|user|канал|чат|at|в))?\s?[:=(-]{0,2}\s?(?P<id>@?(?=[\w.-]{0,31}[\d_]|[\w-]{1,30}\.\w)[A-Za-z][\w.-]{2,31}\w)(?!\S*@)"
    ),
    re.compile(
        rf"(?i)(?<![\w@/.=-])@(?!(?:{_RULES})\b)(?P<id>[^\W\d_]\w{{2,31}}(?::[\w-]+(?:\.[\w-]+)+)?)"
    ),
    re.compile(r"(?<![\w#&])[A-Za-z][\w.]{1,31}#\d{4}(?!\w)"),
)
