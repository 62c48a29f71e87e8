"""The built-in cells, one family a file. Nothing outside this folder knows a cell by name."""
