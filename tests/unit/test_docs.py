"""The documents say what the program does: every command and option, and no other."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from tools import case_doc

from gossan.cli.app import app

ROOT = Path(__file__).parents[2]
DOCS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
COMMANDS_PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
CASE_PAGE = (ROOT / "docs" / "case.md").read_text(encoding="utf-8")

group = typer.main.get_command(app)
commands = group.commands  # type: ignore[attr-defined]


def shell_lines() -> Iterator[tuple[str, str]]:
    for page in DOCS:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
            for line in block.splitlines():
                if line.startswith("gossan "):
                    yield page.name, line


def options(name: str) -> set[str]:
    """Every spelling of every option of a command, without --help."""
    spelt = {o for p in commands[name].params if p.param_type_name == "option" for o in p.opts}
    return spelt - {"--help"}


@pytest.mark.parametrize(("page", "line"), list(shell_lines()))
def test_every_command_line_shown_parses(page: str, line: str) -> None:
    _, name, *arguments = shlex.split(line, comments=True)
    assert name in commands, f"{page}: {line}"
    with commands[name].make_context(name, arguments):
        pass


def test_the_pages_show_command_lines() -> None:
    shown = {shlex.split(line)[1] for _, line in shell_lines()}
    assert shown == set(commands)


@pytest.mark.parametrize("page", DOCS, ids=lambda p: p.name)
def test_every_command_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`gossan ([a-z]+)[` ]", text))
    assert named <= set(commands)


@pytest.mark.parametrize("name", sorted(commands))
def test_every_option_is_documented_and_no_other(name: str) -> None:
    section = re.search(rf"^## gossan {name}\n(.*?)(?=^## |\Z)", COMMANDS_PAGE, re.S | re.M)
    assert section, f"docs/commands.md has no section for gossan {name}"
    rows = [line.split("|")[1] for line in section[1].splitlines() if line.startswith("| `-")]
    assert set(re.findall(r"`(-[^`]+)`", " ".join(rows))) == options(name)


def test_readme_lists_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `gossan ([a-z]+)`", readme, re.M)) == set(commands)


def test_the_table_of_settings_is_what_is_declared() -> None:
    assert case_doc.page(CASE_PAGE) == CASE_PAGE, "run python -m tools.case_doc"
    assert "| `monitor.alpha` | 1e-09 to 0.2 | 0.02 |" in CASE_PAGE


def test_links_between_pages_lead_somewhere() -> None:
    for page in DOCS:
        links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        missing = [link for link in links if not (page.parent / link).exists()]
        assert not missing, f"{page.name}: {missing}"


def test_make_targets_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    for page in DOCS:
        named = re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.M)
        assert set(named) <= targets, page.name


def test_the_tutorial_shows_the_whole_of_the_package_it_walks_through() -> None:
    page = (ROOT / "docs" / "observables.md").read_text(encoding="utf-8")
    package = ROOT / "tests" / "support" / "snow_observable"
    (settings,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    assert settings == (package / "pyproject.toml").read_text(encoding="utf-8")
    shown = "".join(re.findall(r"```python\n(.*?)```", page, re.S)).splitlines()
    code = (package / "gossan_snow" / "__init__.py").read_text(encoding="utf-8").splitlines()
    shown, code = ([line.strip() for line in text if line.strip()] for text in (shown, code))
    assert shown == code  # methods stand further left on the page
