"""A language for tests: English with every letter accented, so that what stays plain was missed."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from tools.words import compiled, template

PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ACCENTED = "ÅßÇÐÉƑĞĤÎĴĶĹṀŃÖÞǪŔŠŢÛṼŴẊŶŽåƀçðéƒğĥîĵķļṁńöþǫŕšţûṽŵẋŷž"
TO_PSEUDO = str.maketrans(PLAIN, ACCENTED)
CODE = re.compile(r"(`[^`]*`)")
"""Commands in a text, which no language changes."""


def pseudo(text: str) -> str:
    """The text accented; its fields and what stands in backticks as they were."""
    out = []
    for literal, name, spec, conversion in Formatter().parse(text):
        literal = literal.replace("{", "{{").replace("}", "}}")
        parts = CODE.split(literal)
        out += [p if CODE.fullmatch(p) else p.translate(TO_PSEUDO) for p in parts]
        if name is not None:
            out.append(
                "{" + name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            )
            out.append("}")
    return "".join(out)


def pseudo_catalogue() -> Catalog:
    """All texts of the sources in the pseudo-language, plurals as in English."""
    catalog = Catalog("en", domain="gossan")
    for message in template():
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            said = tuple(map(pseudo, forms))
            catalog.add(
                message.id, said if message.pluralizable else said[0], context=message.context
            )
    return catalog


def write_pseudo(folder: Path) -> Path:
    """The compiled catalogue; its path is a value of GOSSAN_LANG."""
    path = folder / "pseudo.mo"
    path.write_bytes(compiled(pseudo_catalogue()))
    return path
