"""All files of the generated package, as text: nothing is written here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import runtime
from ..diagnostics import Code, Diagnostic, SpecError
from ..language import System
from ..procedure import CannotLower, Model, procedures
from ._backend import Backend, CannotGenerate
from ._backends import BACKENDS
from ._cell_table import cell_of, source_of
from ._header import headed
from ._python import compiled, formatted

RUNTIME = "_runtime"
SHARED = ("__init__.py", "arguments.py", "cell.py", "checks.py", "messages.py", "parameters.py", "sizes.py")
ALWAYS = ("numpy", "jaxtyping", "beartype")  # what the runtime imports for every backend


@dataclass(frozen=True)
class Generated:
    """The whole package.

    Attributes:
        files: Relative path → text.
        cells: The folder of each cell → its name.

    """

    files: Mapping[str, str]
    cells: Mapping[str, str] = field(default_factory=dict)


def generate(
    systems: Sequence[System],
    progress: Callable[[str], None] = lambda name: None,
    backends: Sequence[Backend] = BACKENDS,
) -> Generated:
    """The generated package of some cells.

    Args:
        systems: The cells.
        progress: Called with each cell's name before it is generated.
        backends: What is generated of each.

    Raises:
        SpecError: a cell is ill-shaped, two cells have one folder, or a backend lacks an operation.

    """
    drafts = _drafts(systems, progress, backends)
    files = _verified(drafts.shared, formatted, compiled)
    for backend in backends:
        files |= _verified(drafts.own[backend.name], backend.formatted, backend.verify)
    digests = {path: drafts.specs.get(path.partition("/")[0], "") for path in files}
    return Generated({path: headed(text, digests[path]) for path, text in files.items()}, drafts.owners)


def source(system: System, backend: str) -> dict[str, str]:
    """The files of one cell's model, by their names in its folder: as `generate` writes them, without headers.

    Raises:
        SpecError: as `generate` does.
        ValueError: there is no such backend.

    """
    row = next((row for row in BACKENDS if row.name == backend), None)
    if row is None:
        raise ValueError(f"no backend `{backend}`; expected one of {', '.join(row.name for row in BACKENDS)}")
    drafts = _drafts([system], lambda name: None, [row])
    files = _verified(drafts.own[row.name], row.formatted, row.verify)
    return {path.partition("/")[2]: text for path, text in files.items()}


def drafted(systems: Sequence[System], backends: Sequence[Backend] = BACKENDS) -> dict[str, str]:
    """The files of the package before they are formatted, verified and get their headers. Raises SpecError."""
    drafts = _drafts(systems, lambda name: None, backends)
    return {**drafts.shared, **{path: text for own in drafts.own.values() for path, text in own.items()}}


@dataclass(frozen=True)
class _Drafts:
    """Files that no backend owns, those of each, digests of the specs and names of the cells by folder."""

    shared: dict[str, str]
    own: dict[str, dict[str, str]]
    specs: dict[str, str]
    owners: dict[str, str]


def _drafts(systems: Sequence[System], progress: Callable[[str], None], backends: Sequence[Backend]) -> _Drafts:
    drafts = _Drafts(_shared(backends), {backend.name: {} for backend in backends}, {}, {})
    for system in systems:
        progress(system.name)
        model = _model(system, drafts.owners)
        drafts.owners[model.folder] = system.name
        drafts.specs[model.folder] = _spec_digest(model)
        try:
            made = procedures(model)
            drafts.shared[f"{model.folder}/__init__.py"] = source_of(cell_of(model))
            for backend in backends:
                texts = backend.files(model, made)
                drafts.own[backend.name].update((f"{model.folder}/{name}", text) for name, text in texts.items())
        except (CannotGenerate, CannotLower) as error:
            raise _refused(system, f"a model cannot be generated: {error}") from error
    return drafts


def _verified(
    texts: Mapping[str, str],
    form: Callable[[Mapping[str, str]], dict[str, str]],
    verify: Callable[[str, str], None],
) -> dict[str, str]:
    files = form(texts)
    for path, text in files.items():
        verify(path, text)
    return files


def _shared(backends: Sequence[Backend]) -> dict[str, str]:
    """The files that no cell changes: the package's own, and the runtime that these backends need."""
    names = " and ".join(backend.title for backend in backends)
    needed = ", ".join(dict.fromkeys([*(name for backend in backends for name in backend.imports), *ALWAYS]))
    place = Path(runtime.__file__).parent
    wanted = [*SHARED, *(name for backend in backends for name in backend.runtime)]
    files = {f"{RUNTIME}/{name}": (place / name).read_text(encoding="utf-8") for name in wanted}
    return {
        "__init__.py": f'"""Models for {names}, generated by lstmspec. They import {needed}, and one another."""\n',
        **files,
    }


def _model(system: System, owners: Mapping[str, str]) -> Model:
    if not system.inputs:
        raise _refused(system, "a cell without inputs has no sequence to run over", "declare one: x = Input(n)")
    model = Model(system)
    if model.folder in owners:
        message = f"cells `{owners[model.folder]}` and `{system.name}` would share the folder `{model.folder}`"
        raise SpecError([Diagnostic(Code.LS203, message, system.site, system.name, help="rename one of them")])
    return model


def _refused(system: System, message: str, help_: str = "") -> SpecError:
    return SpecError([Diagnostic(Code.LS212, message, system.site, system.name, help=help_)])


def _spec_digest(model: Model) -> str:
    """A digest of all that a model's files follow from: words, equations, shapes, first values."""
    shapes = [f"{name} ({', '.join(str(size) for size in shape)})" for name, shape in model.spec.of.items()]
    starts = [f"{name} {start}" for name, start in model.declared_starts.items()]
    lines = [model.system.doc, *model.equations, *shapes, *starts]
    return hashlib.sha256("\n".join(lines).encode(errors="surrogatepass")).hexdigest()[:16]
