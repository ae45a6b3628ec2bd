"""Which single-line breaks does no test notice? Mutants of every room, and the tests near them.

    python -m bench.mutants [--n 60] [--seed 1] [--room claims] [--show]

A mutant changes one operator, comparison, number or answer of one line. The tests that import its
module are run against it, in order of size, until one fails; with none, those that import its room.
What survives is printed with its line: either the tests have a hole or the line is not needed.
Tables of numbers, words and docstrings are left alone. `--show` only lists the mutants.
The tree must be committed: each mutant is written into its file and taken out again.
"""

from __future__ import annotations

import argparse
import ast
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "gossan"
NOT_MUTATED = ("data", "cli")
SECONDS = 240

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
}


class Mutant:
    """One change: `old` at (line, column) of a file becomes `new`."""

    def __init__(self, path: Path, start: tuple[int, int], end: tuple[int, int], new: str) -> None:
        self.path, self.start, self.end, self.new = path, start, end, new

    def text(self) -> str:
        """The whole file with the change; columns count bytes, as ast does."""
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        first, last = lines[self.start[0] - 1].encode(), lines[self.end[0] - 1].encode()
        joined = first[: self.start[1]] + self.new.encode() + last[self.end[1] :]
        lines[self.start[0] - 1 : self.end[0]] = [joined.decode()]
        return "".join(lines)

    def __str__(self) -> str:
        lines = self.path.read_text(encoding="utf-8").splitlines()
        old = lines[self.start[0] - 1]
        new = self.text().splitlines()[self.start[0] - 1]
        where = self.path.relative_to(ROOT).as_posix()
        return f"{where}:{self.start[0]}\n    - {old.strip()}\n    + {new.strip()}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module: operators, comparisons, numbers and truths inside functions, and
    numbers given a name at its top."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield from _inside(path, node)
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef) and not part.name.startswith("__"):
                    yield from _inside(path, part)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from _number(path, node.value)


def _inside(path: Path, function: ast.FunctionDef) -> Iterator[Mutant]:
    for node in ast.walk(ast.Module(function.body, [])):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            kind = type(node.ops[0])
            left, right = node.left, node.comparators[0]
            if kind in COMPARED:
                yield from _between(path, left, right, SIGNS[kind], SIGNS[COMPARED[kind]])
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            if not any(
                isinstance(s, ast.Constant | ast.JoinedStr) and not _is_number(s)
                for s in (node.left, node.right)
            ):
                yield from _between(path, node.left, node.right, *OPERATORS[type(node.op)])
        elif isinstance(node, ast.BoolOp):
            old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
            yield from _between(path, node.values[0], node.values[1], old, new)
        elif isinstance(node, ast.Constant):
            yield from _number(path, node)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _between(path: Path, left: ast.expr, right: ast.expr, old: str, new: str) -> Iterator[Mutant]:
    """The sign between two expressions, where both stand on one line."""
    if left.end_lineno != right.lineno or left.end_col_offset is None:
        return
    line = path.read_text(encoding="utf-8").splitlines()[right.lineno - 1].encode()
    between = line[left.end_col_offset : right.col_offset].decode()
    at = between.find(old)
    if at < 0:
        return
    start = left.end_col_offset + len(between[:at].encode())
    yield Mutant(path, (right.lineno, start), (right.lineno, start + len(old)), new)


def _number(path: Path, node: ast.Constant) -> Iterator[Mutant]:
    if node.end_lineno is None or node.end_col_offset is None:
        return
    if isinstance(node.value, bool):
        new = str(not node.value)
    elif isinstance(node.value, int):
        new = str(node.value * 2 if abs(node.value) >= 10 else node.value + 1)
    elif isinstance(node.value, float):
        new = repr(node.value * 2 if node.value else 1.0)
    else:
        return
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    yield Mutant(path, start, end, new)


def chosen(n: int, seed: int, room: str | None) -> list[Mutant]:
    """`n` mutants drawn evenly over the rooms, no two of one line."""
    drawn = random.Random(seed)
    rooms: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).parts
        if len(parts) > 1 and parts[0] not in NOT_MUTATED:
            name = "/".join(parts[:2]) if parts[0] == "observables" and len(parts) > 2 else parts[0]
            if room is None or room == name:
                rooms[name].append(path)
    out: list[Mutant] = []
    while len(out) < n and rooms:
        for name in list(rooms):
            path = drawn.choice(rooms[name])
            every = list(mutants(path))
            if every and len(out) < n:
                out.append(drawn.choice(every))
    return out


def tests_of(path: Path) -> list[list[str]]:
    """Test files that import the module, then those that import anything of its room; each group
    by size, for the small ones are the quick ones."""
    module = ".".join(("gossan", *path.relative_to(SOURCE).with_suffix("").parts))
    room = module.rsplit(".", 1)[0]
    near: list[Path] = []
    wide: list[Path] = []
    for test in sorted((ROOT / "tests").rglob("test_*.py"), key=lambda p: p.stat().st_size):
        text = test.read_text(encoding="utf-8")
        if f"{module} " in text or f"from {room} import {module.rsplit('.', 1)[1]}" in text:
            near.append(test)
        elif f"{room}." in text or f"from {room} import" in text:
            wide.append(test)
    return [[str(t.relative_to(ROOT)) for t in group] for group in (near, wide) if group]


def noticed(mutant: Mutant) -> str:
    """The first test that fails on the mutant, empty where none does."""
    kept = mutant.path.read_bytes()
    try:
        mutant.path.write_text(mutant.text(), encoding="utf-8")
        for group in tests_of(mutant.path):
            words = [sys.executable, "-m", "pytest", "-xq", "--no-header", "-p", "no:cacheprovider"]
            try:
                done = subprocess.run(
                    [*words, "-m", "not slow", *group],
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=SECONDS,
                )
            except subprocess.TimeoutExpired:
                return f"nothing within {SECONDS} s, called noticed"
            if done.returncode in (1, 2):
                failed = [s for s in done.stdout.splitlines() if s.startswith(("FAILED", "ERROR"))]
                return failed[0] if failed else "collection"
        return ""
    finally:
        mutant.path.write_bytes(kept)


def main() -> int:
    """See the module's words."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--n", type=int, default=60)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--room")
    asked.add_argument("--show", action="store_true")
    words = asked.parse_args()
    survived = []
    every = chosen(words.n, words.seed, words.room)
    for k, mutant in enumerate(every, 1):
        print(f"[{k}/{len(every)}] {mutant}", flush=True)
        if words.show:
            continue
        by = noticed(mutant)
        print(f"    {'noticed: ' + by[:90] if by else 'SURVIVED'}", flush=True)
        if not by:
            survived.append(mutant)
    if not words.show:
        print(f"{len(every) - len(survived)} of {len(every)} were noticed; these survived:")
        print("\n".join(str(m) for m in survived))
    return 0


if __name__ == "__main__":
    sys.exit(main())
