"""For front ends, such as the command line and the pytest plugin: SPECs, what they name, and the settings of a run."""

from ._attempt import is_installed as is_installed
from ._cell_findings import contained as contained
from ._cell_findings import site_of as site_of
from ._child import Action as Action
from ._children import Outcome as Outcome
from ._children import apart as apart
from ._file_cells import Unit as Unit
from ._file_findings import CellFindings as CellFindings
from ._file_findings import FileFindings as FileFindings
from ._load import findings_of_specs as findings_of_specs
from ._load import load as load
from ._load import load_units as load_units
from ._load import unit_at as unit_at
from ._modules import module_of as module_of
from ._modules import place_of_module as place_of_module
from ._modules import put_folder_on_path as put_folder_on_path
from ._pool import Limits as Limits
from ._settings import Settings as Settings
from ._settings import SettingsError as SettingsError
from ._settings import settings_from as settings_from
from ._specs import SPEC as SPEC
from ._specs import Folder as Folder
from ._specs import Target as Target
from ._specs import located as located
from ._specs import merged as merged
from ._worker import started as started
