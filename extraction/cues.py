"""Phrases found in a text, folded and whole-word, longest first, and how far they stand from each other.

A table of cues is a data file (`data/role_cues.txt`): classes in `[sections]`, phrases with marks separated by `|`, lines
that begin with `~` regular expressions over folded text. Distance is counted in words, and a comma, a sentence, a line
or a paragraph between two places counts as so many words more: people write what belongs together close together.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

import ahocorasick_rs

from extraction.beginnings import DIGIT, beginnings, needles
from extraction.fold import exact, fold
from extraction.folded import Folded, folded
from extraction.marks import agrees, bare

GAPS = {"comma": 1.5, "dash": 2.0, "sentence": 8.0, "line": 4.0, "paragraph": 12.0}
"""Words that a boundary counts for. Set by hand on the development half of `tests/corpus/roles.jsonl`."""

_KNOWN = 50_000
"""Spellings of phrases whose meaning a table remembers."""

_MARKED = re.compile("[ăâđêôơưạảấầậắặếềệộớợứựịọụẹẻỉỏủẽũĩỹỷỵ]", re.IGNORECASE)

_LEET = str.maketrans("01345", "oieas")
_LEET_HINT = re.compile(r"[01345](?:[a-z]|(?<=[a-z].))")
_LEET_WORD = re.compile(
    r"(?<![^ ])(?=[a-z]*[01345][a-z]|[a-z]+[01345])(?![a-z]{0,2}\d{2,}|\d+[a-z]{1,2}(?: |$))[a-z01345]{2,}(?![^ ])"
)
"""Words with digits for letters (`nh4n t1en`), not amounts or codes (`500k`, `3n2d`, `a12`); the length stays."""

_TITLES = frozenset(
    {
        "tp",
        "q",
        "p",
        "ths",
        "ts",
        "mr",
        "ms",
        "mrs",
        "bs",
        "ls",
        "gs",
        "pgs",
        "tt",
        "kp",
        "st",
        "dr",
        "a",
        "c",
        "sdt",
        "dt",
        "d",
    }
)
"""Short forms whose dot ends no sentence."""


class Cue(NamedTuple):
    """A phrase of a class at a place: `start` and `end` are code points of the original text; `pattern`: found by a
    regular expression. Cues sort by place."""

    start: int
    end: int
    name: str
    phrase: str
    pattern: bool = False


class _Read(NamedTuple):
    """A folded text in which digits that stand for letters are letters, and the folding. steps: how many words each word
    is from the one before it: one, and what the signs between them count."""

    text: str
    folding: Folded
    steps: list[float]


@lru_cache(maxsize=8)
def _read(text: str) -> _Read:
    folding = folded(text)
    plain, words = folding.text, folding.tokens
    if _LEET_HINT.search(plain):
        plain = _LEET_WORD.sub(lambda match: match[0].translate(_LEET), plain)
        words = plain.split(" ")
    steps = [1.0] * len(words)
    for place, between in folding.gaps:
        steps[place] += _gap(between, words[place - 1] in _TITLES)
    return _Read(plain, folding, steps)


class CueText:
    """A text with its folded form, offsets and word positions. blank: spans whose inside is no evidence (identifiers)."""

    def __init__(self, text: str, blank: Sequence[tuple[int, int]] = ()) -> None:
        self.text = text
        self._read = _read(text)
        self.folded = self._read.text
        self.blank = sorted(blank)

    @property
    def size(self) -> int:
        """How many words the text has."""
        return len(self._read.steps)

    @cached_property
    def marked(self) -> bool:
        """Whether the text is written with marks."""
        return bool(_MARKED.search(self.text))

    @property
    def offsets(self) -> Sequence[int]:
        """For each folded character, the place in the original that it came from."""
        return self._read.folding.offsets

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original offsets of a piece of the folded text."""
        return self.offsets[start], self.offsets[end - 1] + 1

    @cached_property
    def covered(self) -> bytes:
        """1 for each character of the original that lies in an identifier; empty when there are none."""
        mask = bytearray(len(self.text) if self.blank else 0)
        for begin, stop in self.blank:
            mask[begin:stop] = b"\x01" * (stop - begin)
        return bytes(mask)

    def count(self, start: int, end: int) -> int:
        """How many words begin in a piece of the original text."""
        starts = self._read.folding.starts
        return bisect_left(starts, end) - bisect_left(starts, start)

    def place(self, offset: int) -> float:
        """Position in words of the word at or before an original offset."""
        return self._places[bisect_right(self._read.folding.starts, offset)]

    @cached_property
    def _places(self) -> list[float]:
        """Position of each word, the first at 1; before them, that of no word."""
        starts, ends, steps = self._read.folding.starts, self._read.folding.ends, self._read.steps.copy()
        reached = 0
        for begin, stop in self.blank:  # an identifier counts as one word
            first = max(bisect_right(ends, begin), bisect_left(ends, reached))
            for index in range(first + 1, min(bisect_left(starts, stop), bisect_left(ends, stop) + 1)):
                steps[index] = 0.0
            reached = max(reached, stop)
        return list(accumulate(steps, initial=0.0))


@lru_cache(maxsize=4096)
def _gap(between: str, title: bool) -> float:
    """Extra words for what stands between two words. title: the first is a short form whose dot ends no sentence."""
    if "\n" in between:
        return GAPS["paragraph"] if between.count("\n") > 1 else GAPS["line"]
    marks = between.strip()
    if not marks:
        return 0.0
    spaced = between[-1].isspace() or len(marks) > 2
    if any(mark in marks for mark in "!?;…") or (marks.startswith(".") and spaced and not title):
        return GAPS["sentence"]
    if marks.startswith(".") or marks in ("/", "'", "’", ":", "'s", "“", "”", '"'):
        return 0.0
    if any(mark in marks for mark in ",()"):
        return GAPS["comma"]
    if ord(marks[0]) > 0x2100:
        return GAPS["line"]
    return GAPS["dash"] if marks[0] in "-–—|•*+=>~" else 0.0


Meaning = tuple[tuple[int, tuple[str, ...]], ...]
"""What a phrase as written can be: number of the layer, classes of the phrase in it."""


class CueTable:
    """The phrases of some sections of a data file, in layers: where phrases of a layer overlap, only the longest counts
    (exclusive) and those of other layers count beside it.

    One Aho-Corasick pass finds the phrases of all layers as whole words, and the places at which a pattern can begin. A
    pattern is tried there, if the text holds one of the strings that it needs.
    """

    def __init__(self, *layers: dict[str, list[str]], exclusive: bool = True) -> None:
        self._exclusive = exclusive
        self._layers = len(layers)
        self._patterns: list[tuple[int, str, str]] = []
        self._compiled: dict[int, re.Pattern[str]] = {}
        self._numbered: list[int] = []
        self._free = 0
        """Bits of the patterns that need nothing."""
        tried: dict[str, list[int]] = {}
        needed: dict[str, int] = {}
        by_fold: dict[str, dict[str, dict[int, list[str]]]] = {}
        for layer, sections in enumerate(layers):
            for name, lines in sections.items():
                for line in lines:
                    if line.startswith("~"):
                        self._add_pattern(layer, name, line.lstrip("~"), tried, needed)
                        continue
                    for phrase in filter(None, (part.strip() for part in line.split("|"))):
                        classes = by_fold.setdefault(fold(phrase), {}).setdefault(exact(phrase), {})
                        classes.setdefault(layer, []).append(name)
        self._keys = sorted(by_fold)
        self._meanings = [tuple(by_fold[key].items()) for key in self._keys]
        self._tried, self._needed = list(tried.values()), list(needed.values())
        """Numbers of the patterns that each beginning begins; bits of those that each needle opens."""
        self._machine = ahocorasick_rs.AhoCorasick(
            [*(f" {key} " for key in self._keys), *(f" {key}" for key in tried), *needed]
        )
        self._known: dict[tuple[int, str], Meaning] = {}

    def _add_pattern(
        self, layer: int, name: str, source: str, tried: dict[str, list[int]], needed: dict[str, int]
    ) -> None:
        """Keep a pattern under the strings that can begin it and those that it needs, so that it is tried where they are."""
        number = len(self._patterns)
        self._patterns.append((layer, name, source))
        for beginning in beginnings(source):
            if beginning.startswith(DIGIT):
                self._numbered.append(number)
            else:
                tried.setdefault(beginning.removesuffix(DIGIT), []).append(number)
        further = needles(source)
        for needle in further:
            needed[needle] = needed.get(needle, 0) | 1 << number
        if not further:
            self._free |= 1 << number

    def find(self, reading: CueText) -> list[Cue]:
        """Cues of all layers in text order, longest first where phrases overlap; none inside identifiers."""
        layers = self.find_layers(reading)
        return layers[0] if len(layers) == 1 else sorted(cue for layer in layers for cue in layer)

    def find_layers(self, reading: CueText) -> list[list[Cue]]:
        """The cues of each layer, in text order; none inside identifiers."""
        found: list[list[Cue]] = [[] for _ in range(self._layers)]
        if not reading.folded:
            return found
        text = f" {reading.folded} "
        phrases: list[tuple[int, int, int]] = []
        begun: list[tuple[int, int]] = []
        allowed, needed = self._free, self._needed
        size, sizes = len(self._keys), len(self._keys) + len(self._tried)
        for index, start, end in self._machine.find_matches_as_indexes(text, overlapping=True):
            if index >= sizes:
                allowed |= needed[index - sizes]
            elif index < size:
                phrases.append((start, 2 - end, index))
            else:
                begun.append((start, index - size))
        phrases.sort()
        self._find_phrases(reading, phrases, found)
        self._find_patterns(reading, self._tries(reading.folded, begun, allowed), found)
        for cues in found:
            cues.sort()
        return found

    def _tries(self, folded: str, begun: Sequence[tuple[int, int]], allowed: int) -> list[tuple[int, int]]:
        """Places and numbers of the patterns to try, in order. allowed: bits of those whose needles the text holds."""
        tries = [(start, number) for start, index in begun for number in self._tried[index] if allowed >> number & 1]
        numbered = [number for number in self._numbered if allowed >> number & 1]
        if numbered:
            tries += [(match.start(), number) for match in _FIGURE.finditer(folded) for number in numbered]
        tries.sort()
        return tries

    def _find_phrases(
        self, reading: CueText, candidates: Sequence[tuple[int, int, int]], found: Sequence[list[Cue]]
    ) -> None:
        """candidates: start, negative end and index of a key, in order."""
        text, folded, offsets, covered = reading.text, reading.folded, reading.offsets, reading.covered
        reached = [0] * self._layers
        free = 0
        for start, negative_end, index in candidates:
            if start < free:
                continue
            begin, stop = offsets[start], offsets[-negative_end - 1] + 1
            if covered.find(1, begin, stop) >= 0:
                continue
            written = text[begin:stop]
            meaning = self._known.get((index, written))
            if meaning is None:
                meaning = self._learned(index, written)
            for layer, names in meaning:
                if start >= reached[layer]:
                    found[layer] += [Cue(begin, stop, name, folded[start:-negative_end]) for name in names]
                    if self._exclusive:
                        reached[layer] = -negative_end
                        free = min(reached)

    def _find_patterns(self, reading: CueText, tries: Iterable[tuple[int, int]], found: Sequence[list[Cue]]) -> None:
        """tries: places and numbers of patterns, in order."""
        folded, compiled = reading.folded, self._compiled
        reached: dict[int, int] = {}
        for start, number in tries:
            if start < reached.get(number, 0):
                continue
            match = (compiled.get(number) or self._pattern(number)).match(folded, start)
            if match is None or match.end() == start:
                continue
            begin, stop = reading.span(*match.span())
            if reading.covered.find(1, begin, stop) < 0 and _named_words_agree(match, reading):
                reached[number] = match.end()
                layer, name, _ = self._patterns[number]
                found[layer].append(Cue(begin, stop, name, match[0], pattern=True))

    def _pattern(self, number: int) -> re.Pattern[str]:
        """A pattern, compiled when it is first tried: a child that reads one page needs few of them."""
        found = self._compiled[number] = re.compile(rf"(?<![^ ])(?:{self._patterns[number][2]})(?![^ ])")
        return found

    def _learned(self, index: int, written: str) -> Meaning:
        """Layers and classes of the phrases that the words as written can be, from now on known."""
        if len(self._known) >= _KNOWN:
            self._known.clear()
        found = self._known[index, written] = self._judged(index, _plainly(written, self._keys[index]))
        return found

    def _judged(self, index: int, written: str) -> Meaning:
        """A single word needs its marks."""
        names: dict[int, dict[str, None]] = {}
        for meant, classes in self._meanings[index]:
            if agrees(written, meant, strict=" " not in meant and not bare(meant)):
                for layer, found in classes.items():
                    names.setdefault(layer, {}).update(dict.fromkeys(found))
        return tuple((layer, tuple(found)) for layer, found in names.items())


_FIGURE = re.compile(r"(?<![^ ])\d")
_SIMPLE = re.compile(r"[^\W_]+(?: [^\W_]+)*")


def _plainly(written: str, folded: str) -> str:
    """`exact(written)`, without its cost where the words stand plainly."""
    if written.isascii():
        return folded
    return unicodedata.normalize("NFC", written.lower()) if _SIMPLE.fullmatch(written) else exact(written)


def _named_words_agree(match: re.Match[str], reading: CueText) -> bool:
    """Whether the words that a pattern names (`(?P<chỉ>chi)`) are written with their marks, or without any."""
    for meant, place in match.re.groupindex.items():
        if match[place]:
            begin, stop = reading.span(*match.span(place))
            if not agrees(exact(reading.text[begin:stop]), meant.replace("_", " "), strict=reading.marked):
                return False
    return True


def read_sections(name: str) -> dict[str, list[str]]:
    """The sections of a data file of this package, in order; `#` lines are comments."""
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (files("extraction") / "data" / name).read_text("utf-8").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            lines = sections.setdefault(line[1:-1], [])
        else:
            lines.append(line)
    return sections


def pick(sections: dict[str, list[str]], names: Collection[str]) -> dict[str, list[str]]:
    """Some sections of a file."""
    return {name: sections[name] for name in names}


def distinct(cues: Iterable[Cue]) -> dict[str, int]:
    """How many different phrases of each class were found."""
    phrases: dict[str, set[str]] = {}
    for cue in cues:
        phrases.setdefault(cue.name, set()).add(cue.phrase)
    return {name: len(found) for name, found in phrases.items()}
