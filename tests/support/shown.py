"""Which texts of the sources a person reads, and whether they go through `gossan.core.words`.

A text is shown where it stands in the argument of a call of `SHOWN`, or of a function of the
project that hands that argument on to such a call; also where a name used there was given it in the
same function. What is logged, stored, or for machines only is not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

SHOWN: dict[str, tuple[int | str, ...]] = {
    "GossanError": (1, 2, "problem", "hint"),
    "NotWritableError": (1, 2, "problem", "hint"),
    "RefusedError": (0,),
    "BadParameter": (0,),
    "Option": ("help",),
    "Argument": ("help",),
    "Typer": ("help",),
    "say": (0,),
    "task": (0,),
    "TextColumn": (0,),
    "add_column": (0,),
}
"""Calls by their last name, and which arguments of them are shown."""
PRINTS = {"out", "err", "console"}
"""Whatever these print is shown."""
LOOK_UP = {"tr": 1, "trn": 2, "trc": 2, "tr_later": 1, "tr_now": 0}
"""How many first arguments of each are texts."""
WORD = re.compile(r"(?<![\w/.])[^\W\d_]{2,}")
FIELD = re.compile(r"\{[^}]*\}")
HANDS_ON = re.compile(r"fail|refuse|unread|unreach|broken|error|damaged|_say")
"""In the names of functions that make or raise an error, or print."""
NOT_WORDS = {"path", "file", "url", "where", "line", "key", "name"}
"""Arguments that are names of things."""

Positions = dict[str, set[int | str]]


@dataclass
class Source:
    """A module, its functions, and what each calls."""

    path: Path
    tree: ast.Module
    functions: list[ast.FunctionDef] = field(default_factory=list)

    def key(self, name: str) -> str:
        """Of a function: what one module keeps to itself is not what another calls the same."""
        return f"{self.path}:{name}" if name.startswith("_") else name

    @classmethod
    def of(cls, path: Path) -> Source:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        return cls(path, tree, [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)])


def called(call: ast.Call) -> str:
    """Last name of what is called; of printing only where a person sees it."""
    f = call.func
    if isinstance(f, ast.Attribute):
        on = f.value.id if isinstance(f.value, ast.Name) else ""
        return f"{on}.print" if f.attr == "print" else f.attr
    return f.id if isinstance(f, ast.Name) else ""


def shown_arguments(call: ast.Call, source: Source, known: Positions) -> Iterator[ast.expr]:
    name = called(call)
    wanted = known.get(source.key(name), set())
    if name.endswith(".print") and name.split(".")[0] in PRINTS:
        wanted = {0}
    for i, value in enumerate(call.args):
        if i in wanted:
            yield value
    for keyword in call.keywords:
        if keyword.arg in wanted:
            yield keyword.value


def reached(scope: ast.AST, source: Source, known: Positions) -> tuple[set[ast.expr], set[str]]:
    """Literals of a function that are shown, and the names in it whose words are."""
    found: set[ast.expr] = set()
    wanted: set[str] = set()
    for node in ast.walk(scope):
        if isinstance(node, ast.Call):
            for value in shown_arguments(node, source, known):
                found |= set(texts(value))
                wanted |= names(value)
    more = wanted if isinstance(scope, ast.FunctionDef) else set()
    while more:
        new: set[str] = set()
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in more:
                found |= set(texts(node.value))
                new |= names(node.value)
        more, wanted = new - wanted, wanted | new
    return found, wanted


def texts(value: ast.expr) -> Iterator[ast.expr]:
    """Literals that reach the value untranslated, with what stands inside f-strings and choices."""
    if isinstance(value, ast.Constant | ast.JoinedStr):
        yield value
    elif isinstance(value, ast.IfExp):
        yield from (*texts(value.body), *texts(value.orelse))
    elif isinstance(value, ast.BoolOp):
        for v in value.values:
            yield from texts(v)
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        yield from (*texts(value.left), *texts(value.right))
    elif isinstance(value, ast.Call) and called(value) in LOOK_UP:
        for keyword in value.keywords:
            yield from texts(keyword.value)
    if isinstance(value, ast.JoinedStr):
        for part in value.values:
            if isinstance(part, ast.FormattedValue):
                yield from texts(part.value)


def names(value: ast.expr) -> set[str]:
    """Names whose own words become part of the value's."""
    if isinstance(value, ast.Name):
        return {value.id}
    parts: Iterable[ast.expr] = ()
    if isinstance(value, ast.IfExp):
        parts = (value.body, value.orelse)
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        parts = (value.left, value.right)
    elif isinstance(value, ast.BoolOp):
        parts = value.values
    elif isinstance(value, ast.JoinedStr):
        parts = [p.value for p in value.values if isinstance(p, ast.FormattedValue)]
    elif isinstance(value, ast.Call) and called(value) in LOOK_UP:
        parts = [k.value for k in value.keywords]
    return set().union(*(names(p) for p in parts))


def has_words(value: ast.expr) -> bool:
    if isinstance(value, ast.JoinedStr):
        return any(has_words(p) for p in value.values if isinstance(p, ast.Constant))
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return False
    return any(word != "gossan" for word in WORD.findall(FIELD.sub("", value.value)))


def handed_on(sources: Iterable[Source]) -> Positions:
    """`SHOWN`, and functions of the project that hand an argument on to one of them."""
    sources = list(sources)
    known: Positions = {name: set(where) for name, where in SHOWN.items()}
    size = 0
    while size != sum(map(len, known.values())):
        size = sum(map(len, known.values()))
        for source in sources:
            for function in source.functions:
                _add_own(function, source, known)
    return known


def _add_own(function: ast.FunctionDef, source: Source, known: Positions) -> None:
    if not HANDS_ON.search(function.name):
        return
    arguments = [a.arg for a in function.args.args]
    own = arguments[1:] if arguments[:1] in (["self"], ["cls"]) else arguments
    _, wanted = reached(function, source, known)
    for i, name in enumerate(own):
        if name in wanted and name not in NOT_WORDS:
            known.setdefault(source.key(function.name), set()).update({i, name})


def untranslated(source: Source, known: Positions) -> list[str]:
    """Shown texts of a module that do not go through `words`: "line: text"."""
    found = set()
    for scope in (source.tree, *source.functions):
        found |= {t for t in reached(scope, source, known)[0] if has_words(t)}
    ordered = sorted(found, key=lambda t: (t.lineno, t.col_offset))
    return [f"{t.lineno}: {ast.unparse(t)[:80]}" for t in ordered]


def fields(text: str) -> set[str]:
    """Named fields of a text, with those inside format specs."""
    found = set()
    for _, name, spec, _ in Formatter().parse(text):
        if name is not None:
            found.add(name)
            found |= fields(spec or "")
    return found


def wrongly_called(source: Source) -> list[str]:
    """Calls of `words` that cannot be collected or whose fields are not those of the text."""
    wrong = []
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Call) and called(node) in LOOK_UP):
            continue
        count = LOOK_UP[called(node)]
        given = node.args[:count]
        if len(given) < count or not all(
            isinstance(a, ast.Constant) and isinstance(a.value, str) and a.value for a in given
        ):
            wrong.append(f"{node.lineno}: the text is no literal")
            continue
        if called(node) in ("tr_now", "tr_later"):
            continue
        said = [a.value for a in given if isinstance(a, ast.Constant)]
        if called(node) == "trc":
            said = said[1:]
        handed = {k.arg for k in node.keywords} | ({"n"} if called(node) == "trn" else set())
        asked = set().union(*(fields(str(t)) for t in said))
        if asked != handed and asked | {"n"} != handed:
            wrong.append(f"{node.lineno}: {sorted(asked)} asked, {sorted(map(str, handed))} given")
    return wrong
