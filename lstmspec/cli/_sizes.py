"""`--set`: sizes in every command that takes some, in each spelling: `n=1 k=32`, `n=1,k=32`, and `--set` once more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import click

from ..cell import CellMeta
from ..checker import check

OPTION = "--set"
DIGITS = "[0-9]{1,18}"  # of a size
_ONE = r"[A-Za-z_]\w*=[-\w]*"
_SIZES = re.compile(rf"{_ONE}(,{_ONE})*", re.ASCII)  # with what is no size, which is refused by name
sizes = click.option(
    OPTION,
    "sizes",
    multiple=True,
    metavar="NAME=SIZE...",
    callback=lambda context, option, values: _parsed(values),
    help="Numbers for these sizes: --set n=1 k=32, --set n=1,k=32 or --set n=1 --set k=32.",
)


class SizesCommand(click.Command):
    """A command in which several sizes may follow one `--set`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each size that follows another one a `--set` of its own."""
        return super().parse_args(ctx, list(_spread(args)))


def _spread(args: Iterable[str]) -> Iterator[str]:
    asked = False  # whether a size may stand here
    for before, arg in zip(["", *args], args, strict=False):
        more = asked and before != OPTION and _SIZES.fullmatch(arg) is not None
        yield from (OPTION, arg) if more else (arg,)
        asked = more or arg.split("=")[0] == OPTION or (asked and before == OPTION)


def _parsed(texts: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in (one for several in texts for one in several.split(",")):
        match = re.fullmatch(rf"(\w+)=({DIGITS})", text, re.ASCII)
        if match is None or int(match[2]) < 1:
            raise click.UsageError(f"{text!r} sets no size; expected NAME=SIZE with a positive integer, as in n=1")
        name, size = match[1], int(match[2])
        if found.setdefault(name, size) != size:
            raise click.UsageError(f"{OPTION} says two sizes for `{name}`: {found[name]} and {size}")
    return found


def require_known(settings: Mapping[str, int], cells: Sequence[CellMeta]) -> None:
    """Refuse a size that none of some cells has. Raises UsageError."""
    shapes = [check(cell) for cell in cells]
    if any(one.diagnostics for one in shapes):
        return  # nobody knows which dimensions it has
    known = dict.fromkeys(dim for one in shapes for dim in one.dims)
    if cells and (unknown := [name for name in settings if name not in known]):
        of = "this cell; it has" if len(cells) == 1 else "these cells; they have"
        raise click.UsageError(f"{OPTION}: `{unknown[0]}` is no dimension of {of} {', '.join(known)}")
