"""For other front ends than the command line, such as the pytest plugin: the same SPECs, loading and settings."""

from ._cell_findings import contained as contained
from ._cell_findings import site_of as site_of
from ._load import load as load
from ._load import unit_at as unit_at
from ._settings import Settings as Settings
from ._settings import SettingsError as SettingsError
from ._settings import settings_from as settings_from
from ._specs import Target as Target
from ._specs import located as located
from ._specs import merged as merged
