"""Expressions: immutable trees over names, the one form that every later stage reads."""

from ._dimension import Reported as Reported
from ._dimension import dimension as dimension
from ._dimension import dims as dims
from ._name import Kind as Kind
from ._name import Name as Name
from ._node import Node as Node
from ._node import Operand as Operand
from ._node import Reference as Reference
from ._node import as_node as as_node
from ._node import number as number
from ._node import ref as ref
from ._number import real as real
from ._text import brief as brief
from ._text import number_text as number_text
from ._text import text as text
from ._text import text_for as text_for
from ._unknown import UnknownName as UnknownName
from ._walk import SUMS as SUMS
from ._walk import names_in as names_in
from ._walk import occurrences as occurrences
from ._walk import replace as replace
from ._walk import subnodes as subnodes
from ._walk import terms_of as terms_of
from ._walk import terms_read as terms_read
