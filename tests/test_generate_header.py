"""Headers of generated files: they fit where nobody edited, whatever editors and version control change."""

import pytest
from writing import SPEC

from lstmspec.emit._header import headed, header_of

BODY = '"""One."""\n\nx = 1\n\ny = 2  # why\n'


SAME = {
    "as it is": lambda text: text,
    "line endings": lambda text: text.replace("\n", "\r\n"),
    "some line endings": lambda text: text.replace("1\n", "1\r\n"),
    "byte order mark": lambda text: f"\ufeff{text}",
    "both": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    "blanks at the ends": lambda text: text.replace("= 1", "= 1  \t"),
    "no newline at the end": lambda text: text.rstrip("\n"),
    "blank lines at the end": lambda text: f"{text}\n  \n",
}
OTHER = {
    "a character": lambda text: text.replace("= 1", "= 3"),
    "a comment": lambda text: text.replace("# why", "# how"),
    "a docstring": lambda text: text.replace("One", "Two"),
    "a line more": lambda text: f"{text}z = 3\n",
    "a line less": lambda text: text.replace("x = 1\n", ""),
    "a blank line less": lambda text: text.replace("x = 1\n\n", "x = 1\n"),
    "indented": lambda text: text.replace("x = 1", " x = 1"),
    "cut off": lambda text: text[:-12],
    "another digest": lambda text: text.replace("body ", "body 0", 1)[: text.index("\n")] + text[text.index("\n") :],
    "no digest": lambda text: text.replace(text.splitlines(keepends=True)[1], ""),
    "nothing below": lambda text: "".join(text.splitlines(keepends=True)[:2]),
}
NONE = {
    "nothing": lambda text: "",
    "no header": lambda text: BODY,
    "a line above": lambda text: f"# mine\n{text}",
    "a quotation": lambda text: text.replace("# Generated", '"""Generated'),
    "another program": lambda text: text.replace("lstmspec", "protoc"),
}


@pytest.mark.parametrize("comment", ["#", "//"])
@pytest.mark.parametrize("spec", ["", SPEC])
@pytest.mark.parametrize("change", SAME)
def test_a_header_fits(change, spec, comment):
    header = header_of(SAME[change](headed(BODY, spec, comment)))
    assert header is not None and header.spec == spec and header.intact


@pytest.mark.parametrize("spec", ["", SPEC])
@pytest.mark.parametrize("change", [name for name in OTHER if name != "another digest"])
def test_a_header_does_not_fit(change, spec):
    header = header_of(OTHER[change](headed(BODY, spec)))
    assert header is not None and not header.intact


def test_a_header_with_another_digest_does_not_fit():
    lines = headed(BODY, SPEC).splitlines(keepends=True)
    lines[1] = f"# spec {SPEC}  body {SPEC}\n"
    assert header_of("".join(lines)).intact is False


@pytest.mark.parametrize("change", NONE)
def test_a_text_without_header(change):
    assert header_of(NONE[change](headed(BODY))) is None
