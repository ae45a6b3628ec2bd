"""Verbs that name a source: of saying, denying, demanding and planning, English."""

from __future__ import annotations

SAY = (
    r"said|says|say|saying|stated|states|reported|reports(?!\s+have)|announced|announces|told|tells|claimed|claims|"
    r"alleged|alleges|wrote|writes|confirmed|confirms|declared|declares|stressed|stresses|noted|"
    r"notes|added|adds|warned|warns|insisted|insists|maintained|argued|argues|acknowledged|admitted|"
    r"revealed|disclosed|testified|explained|emphasi[sz]ed|believes?|suspects?|complained|recalled|"
    r"reiterated|reiterates|asserted|asserts|concluded|concludes|indicated|indicates|informed|informs|recalls|contends|contended|documented|found(?=\s+that\b)|finds(?=\s+that\b)|pointed\s+out|made\s+clear|"
    r"(?:estimate|claim|report|announce|confirm|allege|insist|warn|argue|state|maintain|stress|add|note|find|fear|think)"
    r"(?=\s+that\b)|saw|witnessed|observed|counted|noticed|assumed|estimated|estimates|published|tweeted|posted|"
    r"conceded|concedes|submit(?:s|ted)?(?=\s+that)|maintains|attest(?:s|ed)|affirm(?:s|ed)|remark(?:s|ed)|"
    r"recount(?:s|ed)|recollect(?:s|ed)|testif(?:y|ies)|lament(?:s|ed)|caution(?:s|ed)|predict(?:s|ed)|complains?|"
    r"speculat(?:es|ed)|underlin(?:es|ed)|underscor(?:es|ed)|reveals|discloses|explains|admits|acknowledges|"
    r"accuse[sd]?|(?:insist|claim|fear|argue|believe|warn|think|admit|concede|allege)(?=[.,]|$)|replied|responded|mention(?:s|ed)|vouch(?:es|ed)|(?:impl(?:y|ies|ied)|hint(?:s|ed)|counter(?:s|ed)|suggest(?:s|ed)|"
    r"show(?:s|ed)?|determined|established|learn(?:s|ed|t))(?=\s+that\b)"
)
DENY = (
    r"denied|denies|deny|rejected|rejects|reject|refuted|refutes|refute|disputed|disputes|dispute"
)
DEMAND = (
    r"demand(?:s|ed|ing)?|calls?(?:ed)?\s+(?:on|for|upon)|called\s+(?:on|for|upon)|"
    r"calling\s+(?:on|for|upon)|urge[sd]?|urging|requested|requests|"
    r"asked(?!,?\s+(?:about|whether|if|why|how|what|when|by|for\s+comment))|asks(?=\s+(?:that|for|the|to))|ordered|orders|"
    r"instructed|appealed\s+(?:to|for)|required"
)
PLAN = (
    r"vow(?:s|ed)?|pledge[sd]?|promise[sd]?|plans\s+to|planned\s+to|intends?\s+to|intended\s+to|"
    r"approved|authori[sz]ed|expects?\s+to|expects|anticipates|aims?\s+to|threaten(?:s|ed)?\s+to|agreed\s+to"
)
DATA = r"(?:data|figures|documents?|records|statistics|reports?|stud(?:y|ies)|surveys?|audits?)\s+(?:showed|shows?|indicated?|suggest(?:s|ed)?)"
