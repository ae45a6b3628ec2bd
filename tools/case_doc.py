"""Write the table of settings in docs/case.md from their declarations: python -m tools.case_doc"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gossan.core.case import CaseConfig, LocalConfig
from gossan.core.settings import Key, keys

PAGE = Path(__file__).parents[1] / "docs" / "case.md"
BEGIN = "<!-- written by `python -m tools.case_doc` -->\n"
END = "<!-- end -->\n"
KINDS: tuple[Any, ...] = (CaseConfig, LocalConfig)


def table() -> str:
    """All settings, above all sections first."""
    declared = [key for kind in KINDS for key in keys(kind)]
    places = list(dict.fromkeys(key.path for key in declared))
    rows = [_row(k) for path in places for k in declared if k.path == path]
    head = ["| key | unit, range | default | meaning |", "|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _row(key: Key) -> str:
    about = key.setting.about.removesuffix(".")
    return f"| `{key.dotted}` | {key.span} | {key.default_words} | {about} |"


def page(text: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
