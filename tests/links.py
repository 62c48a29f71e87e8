"""Links of Markdown pages and paths in their backticks, and which of them lead nowhere."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"!?\[[^]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
SUFFIXES = "py md toml txt jinja json yaml yml sh png npz"
NAMED = re.compile(
    rf"[\w.*<>/-]+\.({'|'.join(SUFFIXES.split())})|[\w.*<>/-]+/|\.?(ci|docs|lstmspec|scripts|tests)/[\w./-]+"
)
BASES = ("", "lstmspec", "lstmspec/zoo/counterparts", "generated")  # the glossary's begin in the package


def slugs(text):
    """The anchors of a page's headings, as GitHub makes them."""
    found = []
    for heading in re.findall(r"^#+ (.*)$", CODE.sub("", text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", other) is not None for other in found)
        found.append(f"{slug}-{count}" if count else slug)
    return found


def dead_links(text, page):
    """The links of a page, a path, that lead nowhere."""
    return [target for target in LINK.findall(CODE.sub("", text)) if not _leads(target, text, page)]


def _leads(target, text, page):
    if re.match(r"https://[\w.-]+\.\w+", target):
        return True
    path, _, anchor = target.partition("#")
    place = page.parent / path if path else page
    if not place.resolve().is_relative_to(ROOT) and page.is_relative_to(ROOT):
        return False
    if not anchor:
        return place.exists()
    return anchor in slugs(text) if not path else place.is_file() and anchor in slugs(place.read_text(encoding="utf-8"))


def dead_paths(text, own=()):
    """The paths in backticks that do not exist; `<name>` and `*` stand for anything.

    Args:
        text: A page.
        own: Paths that commands of the page write.

    """
    words = [word for span in SPAN.findall(CODE.sub("", text)) for word in span.split()]
    return [word for word in words if NAMED.fullmatch(word) and word not in own and not _exists(word)]


def _exists(path):
    pattern = re.sub(r"<[\w-]+>", "*", path).rstrip("/")
    return any(True for base in BASES for _ in (ROOT / base).glob(pattern))
