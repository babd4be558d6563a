"""Provinces named in a text, under their names before and after July 2025."""

from __future__ import annotations


def regions(text: str) -> tuple[str, ...]:
    """Codes of the provinces (as of July 2025) that the text names, in order of first mention."""
    return ()


def place_label(code: str) -> str:
    """Name for people: `Lâm Đồng (gồm Bình Thuận, Đắk Nông cũ)`. An unknown code is returned as it is."""
    return code
