"""One pass over a page that tells which strings it holds, so that nothing is looked for where it cannot be.

Each rule of the reading declares a `Gate`: the strings without any of which it finds nothing; or `Places`, when it looks
only where they stand. All share one Aho-Corasick machine, which passes a page once; a rule whose gate is shut costs a
test of one bit.
"""

from __future__ import annotations

import ahocorasick_rs

from extraction.reading import Page

_bits: dict[str, int] = {}
_singles: dict[str, int] = {}
_placed: dict[str, list[int]] = {}
_ascii_singles: list[tuple[str, int]] = []
_gates = _lists = 0
_machine: tuple[ahocorasick_rs.AhoCorasick, list[int], list[list[int]]] | None = None


class Gate:
    """Open for a page whose `base` holds one of the strings."""

    def __init__(self, *strings: str) -> None:
        global _gates, _machine
        self._bit = 1 << _gates
        for string in strings:
            bits = _bits if len(string) > 1 else _singles
            bits[string] = bits.get(string, 0) | self._bit
        _gates += 1
        _machine = None

    def __call__(self, page: Page) -> bool:
        signs = page.signs
        if signs is None:
            signs = _pass(page)
        return signs & self._bit != 0


class Places:
    """Where the strings stand in the `base` of a page: their beginnings, ascending."""

    def __init__(self, *strings: str) -> None:
        global _lists, _machine
        self._index = _lists
        for string in strings:
            _placed.setdefault(string, []).append(self._index)
        _lists += 1
        _machine = None

    def __call__(self, page: Page) -> list[int]:
        if page.signs is None:
            _pass(page)
        return page.places[self._index]


def _pass(page: Page) -> int:
    """Finds a bit for each gate that is open, and the places of what is looked for where it stands."""
    global _machine
    if _machine is None:
        _ascii_singles[:] = [(sign, bit) for sign, bit in _singles.items() if sign.isascii()]
        strings = list({**_bits, **_placed})
        _machine = (
            ahocorasick_rs.AhoCorasick(strings),
            [_bits.get(string, 0) for string in strings],
            [_placed.get(string, []) for string in strings],
        )
    machine, bits, placed = _machine
    found = 0
    places: list[list[int]] = [[] for _ in range(_lists)]
    for index, start, _ in machine.find_matches_as_indexes(page.base, overlapping=True):
        found |= bits[index]
        for which in placed[index]:
            places[which].append(start)
    for sign, bit in _ascii_singles if page.base.isascii() else _singles.items():
        if sign in page.base:
            found |= bit
    page.signs, page.places = found, places
    return found
