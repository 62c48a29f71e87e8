"""README and docs/: every block of code runs and prints what stands there, and a block that does not is seen."""

import pytest
from pages import PAGES, blocks, differences, faults


def test_the_pages_are_these():
    assert {"README.md", "docs/index.md", "docs/language.md", "docs/measurements.md"} <= PAGES.keys()


def test_the_first_page_is_short():
    assert len(PAGES["README.md"].read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_says(page, tmp_path):
    found = faults(PAGES[page].read_text(encoding="utf-8"), tmp_path)
    assert not found, "\n\n".join(found)


CELL = """```python title="cells.py"
from lstmspec import Cell, Input, State, affine, dims, tanh

n, k = dims("n k")


class Mine(Cell):
    x, h = Input(n), State(k)
    h.next = tanh(affine(x, h))
```
"""
RIGHT = {
    "output of Python": "```python\nfor u in range(3):\n    print(u)\n```\n\n```\n0\n…\n```\n",
    "names stay": "```python\na = 3\n```\n```python\nprint(a)\n```\n```\n3\n```\n",
    "an error": "```python\nint('x')\n```\n```\nValueError: invalid literal…\n```\n",
    "a cell": f"{CELL}\n```console\n$ lstmspec check cells.py\n1 cell in 1 file: no findings\n```\n",
    "a model": f"{CELL}\n```console\n$ lstmspec generate cells.py\n```\n```python\nimport generated.mine.numpy\n```\n",
    "an exit status": "```console\n$ lstmspec nothing\nUsage: …\n…\n$ echo $?\n2\n```\n",
    "a workflow": f"{CELL}\n```yaml\n- run: lstmspec check cells.py\n```\n",
    "a setup": "```sh\npython3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e '.[test]'\n```\n",
}
WRONG = {
    "another output": ("```python\nprint(1)\n```\n\n```\n2\n```\n", "line 1: it prints something else"),
    "an output that is not shown": ("```python\nprint(1)\n```\n", "line 1: it prints something else"),
    "an output that is not there": ("```python\npass\n```\n\n```\n2\n```\n", "line 1: it prints something else"),
    "an error that is not shown": ("```python\nint('x')\n```\n", "+ValueError"),
    "a command that fails": ("```console\n$ lstmspec nothing\n```\n", "ends with 2"),
    "a command's other output": (f"{CELL}\n```console\n$ lstmspec check cells.py\n2 cells\n```\n", "+1 cell in 1 file"),
    "an output left out": ("```console\n$ lstmspec check LSTM\n…\n```\n", "+1 cell in 1 file"),
    "a workflow that fails": ("```yaml\n- run: lstmspec check cells.py\n```\n", "ends with 2"),
    "a workflow of nothing": ("```yaml\nrun: this\n```\n", "runs nothing"),
    "an extra that is not there": (
        "```sh\npython3 -m venv .v && .v/bin/pip install -e '.[tests]'\n```\n",
        "no extra tests",
    ),
    "a script that is not there": ("```sh\npython3 -m venv .v && .v/bin/python scripts/no.py\n```\n", "ends with 2"),
    "a language that does not run": ("```cobol\nadd\n```\n", "'cobol'"),
    "an output of nothing": ("```\n2\n```\n", "no test runs"),
    "an output of a file": (f"{CELL}\n```\n2\n```\n", "no test runs"),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_a_page_that_is_right_has_no_faults(text, tmp_path):
    assert faults(text, tmp_path) == []


@pytest.mark.parametrize(("text", "fault"), WRONG.values(), ids=WRONG)
def test_a_page_that_is_wrong_is_seen(text, fault, tmp_path):
    found = faults(text, tmp_path)
    assert len(found) == 1 and fault in found[0], found


@pytest.mark.parametrize(
    "text", ["```python\n", "  ```python\nx\n  ```\n", "```python {1}\nx\n```\n", "```\na\n```\n```"]
)
def test_a_fence_that_would_hide_a_block_is_refused(text):
    with pytest.raises(ValueError, match="fences"):
        blocks(text)


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\n…\nd", "a\nb\nc\nd\n", True),
        ("a\n…\nd", "a\nb\nc\n", False),
        ("a …", "a b\n", True),
        ("a …", "b b\n", False),
        ("within 3e-16", "within 5.1e-15", True),
        ("within 3e-16", "within 5.1", False),
        ("a.c", "abc", False),
        ("a", "a\nb", False),
    ],
)
def test_outputs_are_compared(shown, printed, same):
    assert (differences(shown, printed) == "") is same
