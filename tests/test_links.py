"""Documentation leads somewhere: its links, their anchors, the paths that it names, the codes that it lists."""

import re

import pytest
from links import ROOT, dead_links, dead_paths, slugs
from pages import PAGES, blocks

from lstmspec import Code

EVERY = {
    **PAGES,
    "lstmspec/zoo/README.md": ROOT / "lstmspec" / "zoo" / "README.md",
}
WRITTEN = (  # by commands, into folders that no checkout has
    "out/forecast.png",
    ".venv-pyrefly",
    "FILE.py",
    "pyproject.toml",
    "cells.py",
    ".pre-commit-config.yaml",
)


def titles(text):
    return [block.title for block in blocks(text) if block.title]


@pytest.mark.parametrize("page", EVERY)
def test_links_lead_somewhere(page):
    assert dead_links(EVERY[page].read_text(encoding="utf-8"), EVERY[page]) == []


@pytest.mark.parametrize("page", EVERY)
def test_paths_that_are_named_exist(page):
    text = EVERY[page].read_text(encoding="utf-8")
    assert dead_paths(text, (*WRITTEN, *titles(text))) == []


def test_every_page_is_in_the_index():
    text = PAGES["docs/index.md"].read_text(encoding="utf-8")
    others = [name.removeprefix("docs/") for name in PAGES if name.startswith("docs/") and name != "docs/index.md"]
    assert others and [name for name in others if f"]({name})" not in text] == []


def test_every_code_is_in_the_table_with_its_title():
    text = PAGES["docs/checker.md"].read_text(encoding="utf-8").split("## Codes\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| (LS\d+) \| (.*) \|$", text, re.MULTILINE) == [(code.name, code.value) for code in Code]


@pytest.mark.parametrize(
    ("link", "dead"),
    [
        ("[a](README.md)", False),
        ("[a](README.md#install)", False),
        ("[a](#here)", False),
        ("[a](docs/)", False),
        ("[a](https://pyrefly.org)", False),
        ("[a](readme.md)", True),
        ("[a](README.md#instal)", True),
        ("[a](#there)", True),
        ("[a](../elsewhere.md)", True),
        ("[a](docs#here)", True),
        ("![a](docs/no.png)", True),
        ("[a](http://pyrefly.org)", True),
    ],
)
def test_a_link_that_leads_nowhere_is_seen(link, dead):
    assert bool(dead_links(f"# Here\n\n{link}\n", ROOT / "page.md")) is dead


@pytest.mark.parametrize(
    ("path", "dead"),
    [
        ("lstmspec/cell.py", False),
        ("cell.py", False),
        ("emit/<name>/", False),
        ("essays_*.py", True),
        ("zoo/counterparts/papers_*.py", False),
        ("python scripts/bench.py --every", False),
        ("python scripts/bank.py --every", True),
        ("lstmspec/shell.py", True),
        ("lstmspec/emit/render", True),
        ("models/", True),
        ("dL/df", False),
        ("own.py", False),
    ],
)
def test_a_path_that_is_not_there_is_seen(path, dead):
    assert bool(dead_paths(f"Text `{path}`.\n", ("own.py",))) is dead


def test_headings_have_the_anchors_of_github():
    text = "# A page\n\n## From `a` to b: why?\n\n```sh\n# none\n```\n\n## A page\n"
    assert slugs(text) == ["a-page", "from-a-to-b-why", "a-page-1"]
