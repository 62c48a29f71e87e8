"""For other front ends than the command line, such as the pytest plugin: the same SPECs, loading and settings."""

from ._findings import contained as contained
from ._findings import site_of as site_of
from ._load import unit_at as unit_at
from ._paths import Target as Target
from ._paths import located as located
from ._paths import merged as merged
from ._settings import Settings as Settings
from ._settings import SettingsError as SettingsError
from ._settings import settings_from as settings_from
