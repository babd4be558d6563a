"""One pass over a page that tells which strings it holds, so that nothing is looked for where it cannot be.

Each rule of the reading declares a `Gate`: the strings without any of which it finds nothing. All gates share one
Aho-Corasick machine, which passes a page once; a rule whose gate is shut costs a test of one bit.
"""

from __future__ import annotations

import ahocorasick_rs

from extraction.reading import Page

_bits: dict[str, int] = {}
_gates = 0
_machine: tuple[ahocorasick_rs.AhoCorasick, list[int]] | None = None


class Gate:
    """Open for a page whose `base` holds one of the strings."""

    def __init__(self, *strings: str) -> None:
        global _gates, _machine
        self._bit = 1 << _gates
        self._single = [string for string in strings if len(string) == 1]
        for string in strings:
            if len(string) > 1:
                _bits[string] = _bits.get(string, 0) | self._bit
        _gates += 1
        _machine = None

    def __call__(self, page: Page) -> bool:
        signs = page.signs
        if signs is None:
            signs = page.signs = _passed(page.base)
        if signs & self._bit:
            return True
        return bool(self._single) and any(sign in page.base for sign in self._single)


def _passed(base: str) -> int:
    """A bit for each gate that is open by a string of two characters or more."""
    global _machine
    if _machine is None:
        _machine = ahocorasick_rs.AhoCorasick(list(_bits)), list(_bits.values())
    machine, bits = _machine
    found = 0
    for index in {match[0] for match in machine.find_matches_as_indexes(base, overlapping=True)}:
        found |= bits[index]
    return found
