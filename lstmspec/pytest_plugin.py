"""A pytest plugin that makes each cell of a project a test: `pytest -p lstmspec.pytest_plugin`.

The project's configuration says where cells are, in the words of `lstmspec check`:

    [tool.pytest.ini_options]
    addopts = "-p lstmspec.pytest_plugin"
    lstmspec = ["src/mypackage/cells", "specs"]

A cell is the test `specs/mine.py::Mine`. With `lstmspec_verify = true`, or `--lstmspec-verify`, there is a test
`specs/mine.py::Mine[verify]` too: its generated models, proved as by `lstmspec verify --quick`. A file that cannot be
loaded is a test that fails. What `[tool.lstmspec]` selects and ignores holds here too.

It is no entry point on purpose: pytest imports those in every run of everybody who has the package, and this one
imports SymPy.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from .cell import CellMeta
from .diagnostics import Diagnostic, SpecError
from .loading import Settings, SettingsError, Target, contained, located, merged, settings_from, site_of, unit_at
from .proofs import findings, verify

TARGETS = pytest.StashKey[dict[Path, Target]]()
SETTINGS = pytest.StashKey[Settings]()
LOADING = "(loading)"  # no identifier, so no cell's name


class Refused(Exception):
    """A cell, or a file, has findings."""

    def __init__(self, findings: Sequence[Diagnostic]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n\n".join(str(finding) for finding in findings))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the settings."""
    help_ = "files, folders and modules whose cells lstmspec is to check, a test each"
    parser.addini("lstmspec", help_, type="linelist", default=[])
    help_ = "prove the generated models of these cells too, a test each"
    parser.addini("lstmspec_verify", help_, type="bool", default=False)
    parser.getgroup("lstmspec").addoption("--lstmspec-verify", action="store_true", help=help_)


def pytest_configure(config: pytest.Config) -> None:
    """Find the files, running none, and have them collected wherever they are, unless the user asks for other tests.

    Raises:
        pytest.UsageError: something that is named does not exist, or has no cells.

    """
    with contextlib.chdir(config.rootpath):
        targets = [*merged(target for spec in config.getini("lstmspec") for target in _targets(spec))]
        try:
            config.stash[SETTINGS] = settings_from(config.rootpath)
        except SettingsError as error:
            raise pytest.UsageError(error.message) from error
    config.stash[TARGETS] = {target.path: target for target in targets}
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args += [str(target.path) for target in targets]


def _targets(spec: str) -> Sequence[Target]:
    found = located(spec)
    if isinstance(found, Target):
        return (found,)
    if isinstance(found, Diagnostic):
        raise pytest.UsageError(f"lstmspec = {spec}: {found}")
    if found.findings:
        raise pytest.UsageError(f"lstmspec = {spec}: {Refused(found.findings)}")
    if not found.targets:
        raise pytest.UsageError(f"lstmspec = {spec}: no file below it declares a cell")
    return found.targets


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SpecFile | None:
    """A file of cells, beside what else it may be for pytest."""
    known = file_path in parent.config.stash[TARGETS]
    # One that is named is a module of tests for pytest whatever its name; that is answered below.
    as_module = parent.session.isinitpath(file_path) and not _is_test_file(parent.config, file_path)
    return SpecFile.from_parent(parent, path=file_path) if known and not as_module else None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> SpecFile | None:
    """Keep pytest from importing a file of cells as if it were one of tests."""
    known = module_path in parent.config.stash[TARGETS]
    return (
        SpecFile.from_parent(parent, path=module_path)
        if known and not _is_test_file(parent.config, module_path)
        else None
    )


def _is_test_file(config: pytest.Config, path: Path) -> bool:
    return any(path.match(pattern) for pattern in config.getini("python_files"))


class SpecFile(pytest.File):
    """A file of cells."""

    def collect(self) -> Iterator[SpecItem]:
        """A test for each cell, and one that fails for a file that has findings of its own."""
        settings = self.config.stash[SETTINGS]
        unit = unit_at(self.config.stash[TARGETS][self.path], settings.timeout)
        own = [finding for finding in unit.findings if settings.reports(finding)]
        if own:
            yield SpecItem.from_parent(self, name=LOADING, findings=own)
        proves = self.config.getoption("--lstmspec-verify") or self.config.getini("lstmspec_verify")
        for cell in unit.cells:
            yield SpecItem.from_parent(self, name=cell.__name__, cell=cell)
            if proves:
                yield ProofItem.from_parent(self, name=f"{cell.__name__}[verify]", cell=cell)


class SpecItem(pytest.Item):
    """The test that a cell, or the loading of a file, has no findings."""

    def __init__(
        self, *, cell: CellMeta | None = None, findings: Sequence[Diagnostic] = (), name: str, parent: SpecFile
    ) -> None:
        super().__init__(name, parent)
        self.cell = cell
        self.findings = findings

    def runtest(self) -> None:
        """Check. Raises Refused when there are findings that are reported."""
        settings = self.config.stash[SETTINGS]
        if found := [finding for finding in (*self.findings, *self.of_cell()) if settings.reports(finding)]:
            raise Refused(found)

    def of_cell(self) -> Sequence[Diagnostic]:
        """The findings of the cell."""
        return contained(self.cell) if self.cell is not None else ()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The findings as `lstmspec check` prints them; a traceback would be that of the checker."""
        return str(excinfo.value) if isinstance(excinfo.value, Refused) else str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the cell stands."""
        site = site_of(self.cell) if self.cell is not None else None
        return self.path, site.place.line - 1 if site is not None else None, self.name


class ProofItem(SpecItem):
    """The test that the generated models of a cell compute it."""

    def of_cell(self) -> Sequence[Diagnostic]:
        """The findings of the proof; of a cell that is not right itself there are none."""
        if self.cell is None or self.cell.shapes.diagnostics:
            pytest.skip("the cell has findings of its own")
        try:
            return findings(verify(self.cell, quick=True))
        except SpecError as error:
            return error.diagnostics
        except ImportError as error:
            pytest.skip(f"its models cannot be run: {error}")
