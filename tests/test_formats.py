"""What `check` prints: text in colour or not, JSON and SARIF that their schemas accept, annotations of GitHub."""

import json
import re
import urllib.parse
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner

from lstmspec import Code, Diagnostic
from lstmspec.cli import main
from lstmspec.cli._out import AUTO, in_colour
from lstmspec.diagnostics import Place, Replacement, distinct, own, render
from lstmspec.loading._file_sites import Spot, whole
from lstmspec.render import FORMATS, Report, schema, shown, text

SARIF = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text())
OURS = json.loads(schema())
# A character beyond the Basic Multilingual Plane is one for Python and two code units for SARIF.
LINE = "h.next = tanh(W @ x)  # 𝔥 é 𝔥"
SOURCE = f"first\n{LINE}\nlast 𝔥 line\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.py").write_text(SOURCE)
    return tmp_path


@pytest.fixture
def report(folder):
    """A finding of every kind: with and without places, columns, cells, helps and mends; errors and warnings."""
    file = str(folder / "a b.py")
    product = Spot(Place(file, 2, 14, 2, 19))
    lines = Spot(Place(file, 2, 26, 3, 6))
    edits = (Replacement(product, "W @ h"), Replacement(lines, "ß"))
    findings = [
        Diagnostic(Code.LS102, "100% of a, b: c", product, "Cell", "h.next", "W : (k)", ("one", "two"), "h", edits),
        Diagnostic(Code.LS303, "stale", lines, "Cell"),
        Diagnostic(Code.LS213, "`a b.py` cannot be read", whole(file)),
        Diagnostic(Code.LS213, "nothing of that name", help="a\nb"),
        Diagnostic(Code.LS101, "elsewhere", Spot(Place("/else where/ü.py", 1, None, 1, None)), "Cell", "f"),
    ]
    return Report(findings, cells=3, files=2)


def results(report):
    return json.loads(FORMATS["sarif"](report))["runs"][0]["results"]


# -- the summary and the exit code -------------------------------------------------------------------------------------


def test_the_summary_counts_what_was_checked_and_found(report):
    assert report.summary == "3 cells in 2 files: 4 errors, 1 warning"
    assert Report([], 1, 1).summary == "1 cell in 1 file: no findings"


def test_exit_codes(report):
    assert report.exit_code == 2
    assert Report(report.findings[:2]).exit_code == 1
    assert Report(report.findings[1:2]).exit_code == 1
    assert Report([]).exit_code == 0


# -- text --------------------------------------------------------------------------------------------------------------


def test_text_is_the_findings_and_the_summary(report):
    *findings, summary = text(report).split("\n\n")
    assert findings == [render(finding) for finding in report.findings]
    assert summary == report.summary


def test_colours_change_nothing_of_the_text(report):
    coloured = text(report, colour=True)
    assert coloured != text(report)
    assert click.unstyle(coloured) == text(report)


@pytest.mark.parametrize(("index", "colour"), [(0, "red"), (1, "yellow")])
def test_what_is_coloured(report, index, colour):
    finding = report.findings[index]
    head, _, _, source, caret, *rest = shown(finding, colour=True).split("\n")
    assert head.startswith(click.style(f"{finding.code.severity.value}[{finding.code.name}]", fg=colour, bold=True))
    assert source == click.style("2 |", fg="blue", bold=True) + f" {LINE}"
    place = finding.site.place
    blank, carets = " " * place.column, "^" * ((place.end_column if index == 0 else len(LINE)) - place.column)
    assert click.style(f" {blank}{carets}", fg=colour, bold=True) in caret
    assert all(line.startswith(click.style("", fg="blue", bold=True, reset=False)) for line in rest)


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [
        ((), {}, False),  # the runner's stdout is no terminal
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),  # what is asked for wins
        (("--color", "never"), {}, False),
    ],
)
def test_when_it_is_coloured(options, environment, coloured):
    done = CliRunner().invoke(main, ["check", "nothing", *options], env=environment)
    assert ("\x1b[" in done.stdout) is coloured


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_auto_is_colour_on_a_terminal(environment, coloured, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert in_colour(AUTO) is coloured


# -- JSON --------------------------------------------------------------------------------------------------------------


def test_the_json_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(OURS)


def test_json_of_every_kind_fits_its_schema(report):
    for each in (report, Report([]), *(Report([finding]) for finding in report.findings)):
        jsonschema.Draft202012Validator(OURS).validate(json.loads(FORMATS["json"](each)))


def test_json_has_every_field(report):
    document = json.loads(FORMATS["json"](report))
    assert document["version"] == 1
    assert document["summary"] == {"cells": 3, "files": 2, "errors": 4, "warnings": 1}
    span = {"file": "a b.py", "line": 2, "column": 15, "end_line": 2, "end_column": 20}
    assert document["findings"][0] == {
        **{"code": "LS102", "severity": "error", "title": Code.LS102.value, "message": "100% of a, b: c", **span},
        **{"cell": "Cell", "equation": "h.next", "operands": "W : (k)", "notes": ["one", "two"], "help": "h"},
        "mend": [
            {**span, "text": "W @ h"},
            {"file": "a b.py", "line": 2, "column": 27, "end_line": 3, "end_column": 7, "text": "ß"},
        ],
    }
    assert document["findings"][3]["file"] is None
    assert document["findings"][4]["column"] is None


def test_columns_of_json_are_characters(report):
    first = json.loads(FORMATS["json"](report))["findings"][0]
    assert LINE[first["column"] - 1 : first["end_column"] - 1] == "W @ x"


@pytest.mark.parametrize(
    "fault",
    [
        lambda d: d["findings"][0].pop("help"),
        lambda d: d["findings"][0].update(severity="fatal"),
        lambda d: d["findings"][0].update(column=0),
        lambda d: d["findings"][0].update(code="E102"),
        lambda d: d["findings"][0].update(extra=1),
        lambda d: d["findings"][0]["mend"][0].pop("text"),
        lambda d: d["summary"].update(cells=-1),
        lambda d: d.pop("version"),
    ],
)
def test_the_json_schema_refuses_a_fault(report, fault):
    document = json.loads(FORMATS["json"](report))
    fault(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(OURS).validate(document)


def test_the_schema_is_printed():
    assert json.loads(CliRunner().invoke(main, ["schema"]).stdout) == OURS


# -- GitHub ------------------------------------------------------------------------------------------------------------


def test_github_gets_one_line_a_finding(report):
    product, lines, _, nowhere, _ = FORMATS["github"](report).split("\n")
    title = urllib.parse.quote(f"LS102: {Code.LS102.value}", safe=" ")
    assert product == (
        f"::error file=a b.py,line=2,endLine=2,col=15,endColumn=20,title={title}"
        "::100%25 of a, b: c%0Aone%0Atwo%0Ahelp: h"
    )
    assert lines.startswith("::warning file=a b.py,line=2,endLine=3,title=LS303")
    assert nowhere.startswith("::error title=LS213")
    assert nowhere.endswith("::nothing of that name%0Ahelp: a%0Ab")


def test_github_says_nothing_of_no_findings():
    assert FORMATS["github"](Report([])) == ""


# -- SARIF -------------------------------------------------------------------------------------------------------------


def test_sarif_of_every_kind_fits_the_official_schema(report):
    for each in (report, Report([]), *(Report([finding]) for finding in report.findings)):
        jsonschema.Draft4Validator(SARIF).validate(json.loads(FORMATS["sarif"](each)))


@pytest.mark.parametrize(
    "fault",
    [
        lambda run: run["results"][0].pop("message"),
        lambda run: run["results"][0].update(level="fatal"),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda run: run["results"][0]["fixes"][0]["artifactChanges"][0].update(replacements=[]),
        lambda run: run["tool"]["driver"].pop("name"),
        lambda run: run["invocations"][0].pop("executionSuccessful"),
        lambda run: run.update(columnKind="characters"),
    ],
)
def test_the_official_schema_refuses_a_fault(report, fault):
    log = json.loads(FORMATS["sarif"](report))
    fault(log["runs"][0])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SARIF).validate(log)


def test_sarif_has_a_rule_for_every_code_and_each_result_points_at_its_own(report):
    run = json.loads(FORMATS["sarif"](report))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [code.name for code in Code]
    assert len({rule["name"] for rule in rules}) == len(rules)
    assert all(re.fullmatch(r"[A-Za-z]+", rule["name"]) for rule in rules)
    for result, finding in zip(run["results"], report.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.code.name
        assert result["level"] == finding.code.severity.value


def test_sarif_says_whether_everything_was_checked(report):
    for each, complete in ((report, False), (Report(report.findings[:1]), True)):
        (invocation,) = json.loads(FORMATS["sarif"](each))["runs"][0]["invocations"]
        assert invocation["executionSuccessful"] is complete


def test_columns_of_sarif_are_utf16_code_units(report):
    product, lines, *_ = (result["locations"][0]["physicalLocation"]["region"] for result in results(report)[:2])
    assert product == {"startLine": 2, "startColumn": 15, "endLine": 2, "endColumn": 20}
    units = {number: line.encode("utf-16-le") for number, line in enumerate(SOURCE.split("\n"), 1)}
    start = units[2][2 * (lines["startColumn"] - 1) :].decode("utf-16-le")
    end = units[3][: 2 * (lines["endColumn"] - 1)].decode("utf-16-le")
    assert (start, end) == (LINE[26:], "last 𝔥")
    assert lines["startColumn"] == 26 + 1 + 1  # else there would be nothing to see here


def test_places_of_sarif(report, folder):
    run = json.loads(FORMATS["sarif"](report))["runs"][0]
    places = [r["locations"][0]["physicalLocation"] if "locations" in r else None for r in run["results"]]
    assert places[0]["artifactLocation"] == {"uri": "a%20b.py", "uriBaseId": "%SRCROOT%"}
    assert places[2]["region"] == {"startLine": 1}
    assert places[3] is None
    assert places[4]["artifactLocation"] == {"uri": "file:///else%20where/%C3%BC.py"}
    base = run["originalUriBaseIds"]["%SRCROOT%"]["uri"]
    assert base == f"{folder.as_uri()}/"
    assert Path(urllib.parse.unquote(urllib.parse.urlsplit(urllib.parse.urljoin(base, "a%20b.py")).path)).is_file()


def test_names_of_sarif(report):
    names = [result["locations"][0].get("logicalLocations") for result in results(report) if "locations" in result]
    assert names[0] == [{"name": "h.next", "fullyQualifiedName": "Cell.h.next", "kind": "member"}]
    assert names[1] == [{"name": "Cell", "fullyQualifiedName": "Cell", "kind": "type"}]
    assert names[2] is None


def test_a_fix_of_sarif_is_the_mend(report):
    (fix,) = results(report)[0]["fixes"]
    (change,) = fix["artifactChanges"]
    assert fix["description"]["text"] == "h"
    assert [edit["insertedContent"]["text"] for edit in change["replacements"]] == ["W @ h", "ß"]
    region = change["replacements"][0]["deletedRegion"]
    assert LINE[region["startColumn"] - 1 : region["endColumn"] - 1] == "W @ x"
    assert ["fixes" in result for result in results(report)] == [True, False, False, False, False]


# -- all ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_had_from_the_command_line(kind):
    done = CliRunner().invoke(main, ["check", "LSTM", "--format", kind])
    assert done.exit_code == 0
    assert done.stdout.rstrip("\n") == FORMATS[kind](Report([], cells=1, files=1))
    assert done.stderr == ("" if kind == "text" else "1 cell in 1 file: no findings\n")


def test_an_unknown_format_is_a_usage_error():
    assert CliRunner().invoke(main, ["check", "--format", "xml"]).exit_code == 2


# -- the same finding --------------------------------------------------------------------------------------------------


def at(file, line, cell="Cell", message="stale", equation="f"):
    return Diagnostic(Code.LS303, message, Spot(Place(file, line, 2, line, 5)) if file else None, cell, equation)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (at("a.py", 2), True),
        (at("a.py", 2, cell="Variant"), True),
        (at("a.py", 3), False),
        (at("b.py", 2), False),
        (at("a.py", 2, message="other"), False),
        (at("a.py", 2, equation="g"), False),
        (at("", 0), False),
    ],
)
def test_a_finding_is_the_same_in_the_same_words_at_the_same_place(other, same):
    first = at("a.py", 2)
    assert distinct([first, other]) == ([first] if same else [first, other])
    assert distinct([other], known=[first]) == ([] if same else [other])


def test_one_without_a_place_is_its_cells():
    findings = [at("", 0), at("", 0), at("", 0, cell="Other")]
    assert [finding.cell for finding in distinct(findings)] == ["Cell", "Other"]


def test_a_variant_inherits_findings_in_the_same_words_wherever_they_stand():
    of_base, of_variant = [at("a.py", 2)], [at("b.py", 7, cell="Variant"), at("b.py", 7, "Variant", "new")]
    assert [finding.message for finding in own(of_variant, of_base)] == ["new"]
