"""The command line: `lstmspec check | explain | grad | generate | list`."""

from ._main import main as main
