"""Oracles of the built-in cells: the papers' equations, written out anew, and cells that others wrote."""
