"""The table of a cell's names for a terminal: role, shape, and the chain of equations that forced each size."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence

from ..checker import Chain, Fact, Link, Shapes, shown
from ..diagnostics import Site, shown_path, where
from ..nodes import Name
from ..sizes import Shape, Size

ARROW = " ← "


def table(shapes: Shapes, settings: Mapping[str, int]) -> list[str]:
    """A row for each name, and a further line for each further size that has reasons of its own."""
    file = file_of(shapes)
    heads = [
        (fact.name, fact.role.value if fact.role else "equation", shown(sizes_at(fact.shape, settings)))
        for fact in shapes.facts
    ]
    widths = [max(len(head[column]) for head in heads) for column in range(3)]
    lines: list[str] = []
    for head, fact in zip(heads, shapes.facts, strict=True):
        first = "  ".join(text.ljust(width) for text, width in zip(head, widths, strict=True))
        for why in _reasons(fact, file):
            lines += _wrapped(first, why)
            first = " " * len(first)
    return lines


def chains(shapes: Shapes, name: Name, settings: Mapping[str, int]) -> str:
    """Every link of the chains of one name, a line each, with its place; its size in numbers where they are set."""
    shape, given = shapes.of[name], sizes_at(shapes.of[name], settings)
    lines = [f"{name} is {shown(shape)}" + (f", here {shown(given)}" if given != shape else "")]
    for chain in shapes.why.chains(name):
        head = f"  {chain.size}".rstrip() if chain.size else " "
        texts = [_link(link) for link in chain.links]
        width = max(len(text) for text in texts)
        for text, link in zip(texts, chain.links, strict=True):
            lines.append(f"{head}  {text.ljust(width)}  {where(link.site)}")
            head = " " * len(head)
    return "\n".join(lines)


def file_of(shapes: Shapes) -> str:
    """The file in which most of a cell's names are declared; their places are given as lines of it."""
    symbols, equations = shapes.system.symbols.values(), shapes.system.equations.values()
    sites = [site for site in (*(s.site for s in symbols), *(e.site for e in equations)) if site is not None]
    files = [site.code.co_filename for site in sites]
    return max(files, key=files.count) if files else ""


def sizes_at(shape: Shape, settings: Mapping[str, int]) -> Shape:
    """A shape with numbers for the sizes that are set."""
    return tuple(size_at(size, settings) for size in shape)


def size_at(size: Size, settings: Mapping[str, int]) -> Size:
    """A size with numbers for the symbols that are set."""
    return size.substitute(lambda atom: Size.of(settings[atom]) if atom in settings else None)


def _reasons(fact: Fact, file: str) -> list[str]:
    several = len(fact.chains) > 1
    return [f"{chain.size}: {_chained(chain, file)}" if several else _chained(chain, file) for chain in fact.chains]


def _chained(chain: Chain, file: str) -> str:
    shown_links = [(link, f"{_link(link)}{_line(link.site, file)}") for link in chain.links]
    declared = "; ".join(text for link, text in shown_links if link.declares)
    return ARROW.join([*(text for link, text in shown_links if not link.declares), *([declared] if declared else [])])


def _link(link: Link) -> str:
    return f"{link.text} in {link.equation}" if link.equation else link.text


def _line(site: Site | None, file: str) -> str:
    if site is None:
        return ""
    own = site.code.co_filename == file
    return f", line {site.line}" if own else f", {shown_path(site.code.co_filename)}:{site.line}"


def _wrapped(head: str, text: str) -> Sequence[str]:
    """A row within the terminal's width; in a file or a pipe a row is one line."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    if width < len(head) + 40:
        return [f"{head}  {text}"]
    fill: Callable[[str], list[str]] = textwrap.TextWrapper(
        width, initial_indent=f"{head}  ", subsequent_indent=" " * (len(head) + 4), break_long_words=False
    ).wrap
    return fill(text)
