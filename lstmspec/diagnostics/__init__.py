"""What is wrong, where, and what would be right: values, a closed list of codes, and their rendering as text."""

from ._codes import Code as Code
from ._codes import Severity as Severity
from ._diagnostic import Diagnostic as Diagnostic
from ._diagnostic import Replacement as Replacement
from ._diagnostic import SpecError as SpecError
from ._diagnostic import Style as Style
from ._diagnostic import distinct as distinct
from ._diagnostic import lines as lines
from ._diagnostic import render as render
from ._diagnostic import where as where
from ._refused import fitting as fitting
from ._refused import found_before as found_before
from ._refused import refused as refused
from ._refused import unfitting as unfitting
from ._refused import unknown_attribute as unknown_attribute
from ._refused import unknown_name as unknown_name
from ._refused import wrong_type as wrong_type
from ._site import Place as Place
from ._site import Site as Site
from ._site import here as here
from ._site import relative_path as relative_path
from ._site import shown_path as shown_path
from ._written import one_line as one_line
from ._written import printable as printable
from ._written import said as said
from ._written import written as written
