"""Phrases found in a text, folded and whole-word, longest first, and how far they stand from each other.

A table of cues is a data file (`data/role_cues.txt`): classes in `[sections]`, phrases with marks separated by `|`, lines
that begin with `~` regular expressions over folded text. Distance is counted in words, and a comma, a sentence, a line
or a paragraph between two places counts as so many words more: people write what belongs together close together.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import accumulate
from operator import add
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
    """A folded text in which digits that stand for letters are letters; the folding, and where its words stand in the
    original: starts and ends. steps: how many words each word is from the one before it."""

    text: str
    folding: Folded
    starts: list[int]
    ends: list[int]
    steps: list[float]


_WORD = re.compile(b"[^ ]+")


@lru_cache(maxsize=8)
def _read(text: str) -> _Read:
    folding = folded(text)
    plain = folding.text
    if _LEET_HINT.search(plain):
        plain = _LEET_WORD.sub(lambda match: match[0].translate(_LEET), plain)
    words = plain.split(" ") if plain else []
    if folding.spread is not None:
        starts = [match.start() for match in _WORD.finditer(folding.spread)]
        ends = list(map(add, starts, map(len, words)))
    else:
        offsets = folding.offsets
        starts = [offsets[first] for first, _ in folding.words]
        ends = [offsets[first + len(word) - 1] + 1 for first, word in folding.words]
    return _Read(plain, folding, starts, ends, _steps(text, words, starts, ends))


def _steps(text: str, words: list[str], starts: list[int], ends: list[int]) -> list[float]:
    """How many words each word is from the one before it: one, and what the signs between them count."""
    steps = [1.0] * len(starts)
    for place, (end, start) in enumerate(zip(ends, starts[1:], strict=False)):
        if start - end != 1 or text[end] != " ":
            steps[place + 1] += _gap(text[end:start], words[place] in _TITLES)
    return steps


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
        return len(self._read.starts)

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
        return bisect_left(self._read.starts, end) - bisect_left(self._read.starts, start)

    def place(self, offset: int) -> float:
        """Position in words of the word at or before an original offset."""
        return self._places[bisect_right(self._read.starts, offset)]

    @cached_property
    def _places(self) -> list[float]:
        """Position of each word, the first at 1; before them, that of no word."""
        starts, ends, steps = self._read.starts, self._read.ends, self._read.steps.copy()
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


class CueTable:
    """The phrases of some sections of a data file. exclusive: where phrases overlap only the longest counts.

    One Aho-Corasick pass finds the phrases as whole words, and the places at which a pattern can begin.
    """

    def __init__(self, sections: dict[str, list[str]], *, exclusive: bool = True) -> None:
        self._exclusive = exclusive
        self._patterns: list[tuple[str, str]] = []
        self._compiled: dict[int, re.Pattern[str]] = {}
        self._numbered: list[int] = []
        self._free: list[int] = []
        tried: dict[str, list[int]] = {}
        needed: dict[str, list[int]] = {}
        by_fold: dict[str, dict[str, list[str]]] = {}
        for name, lines in sections.items():
            for line in lines:
                if line.startswith("~"):
                    self._add_pattern(name, line.lstrip("~"), tried, needed)
                    continue
                for phrase in filter(None, (part.strip() for part in line.split("|"))):
                    by_fold.setdefault(fold(phrase), {}).setdefault(exact(phrase), []).append(name)
        self._keys = sorted(by_fold)
        self._meanings = [
            tuple((written, tuple(names)) for written, names in by_fold[key].items()) for key in self._keys
        ]
        self._tried, self._needed = list(tried.values()), list(needed.values())
        self._machine = ahocorasick_rs.AhoCorasick(
            [*(f" {key} " for key in self._keys), *(f" {key}" for key in tried), *needed]
        )
        self._known: dict[tuple[int, str], tuple[str, ...]] = {}

    def _add_pattern(self, name: str, source: str, tried: dict[str, list[int]], needed: dict[str, list[int]]) -> None:
        """Keep a pattern under the strings that can begin it and those that it needs, so that it is tried where they are."""
        number = len(self._patterns)
        self._patterns.append((name, source))
        for beginning in beginnings(source):
            if beginning.startswith(DIGIT):
                self._numbered.append(number)
            else:
                tried.setdefault(beginning.removesuffix(DIGIT), []).append(number)
        further = needles(source)
        for needle in further:
            needed.setdefault(needle, []).append(number)
        if not further:
            self._free.append(number)

    def find(self, reading: CueText) -> list[Cue]:
        """Cues in text order, longest first where phrases overlap; none inside identifiers."""
        folded = reading.folded
        if not folded:
            return []
        phrases: list[tuple[int, int, int]] = []
        begun: list[tuple[int, int]] = []
        allowed = set(self._free)
        size, sizes = len(self._keys), len(self._keys) + len(self._tried)
        for index, start, end in self._machine.find_matches_as_indexes(f" {folded} ", overlapping=True):
            if index < size:
                phrases.append((start, 2 - end, index))
            elif index < sizes:
                begun.append((start, index - size))
            else:
                allowed.update(self._needed[index - sizes])
        tries = [(start, number) for start, index in begun for number in self._tried[index] if number in allowed]
        if not allowed.isdisjoint(self._numbered):
            tries += [(match.start(), number) for match in _FIGURE.finditer(folded) for number in self._numbered]
        phrases.sort()
        tries.sort()
        found = self._find_phrases(reading, phrases)
        found += self._find_patterns(reading, tries)
        found.sort()
        return found

    def _find_phrases(self, reading: CueText, candidates: Sequence[tuple[int, int, int]]) -> list[Cue]:
        """candidates: start, negative end and index of a key, in order."""
        text, folded, offsets, covered = reading.text, reading.folded, reading.offsets, reading.covered
        found: list[Cue] = []
        reached = 0
        for start, negative_end, index in candidates:
            if start < reached:
                continue
            begin, stop = offsets[start], offsets[-negative_end - 1] + 1
            if covered.find(1, begin, stop) >= 0:
                continue
            written = text[begin:stop]
            names = self._known.get((index, written))
            if names is None:
                names = self._learned(index, written)
            if names:
                phrase = folded[start:-negative_end]
                if self._exclusive:
                    reached = -negative_end
                for name in names:
                    found.append(Cue(begin, stop, name, phrase))
        return found

    def _find_patterns(self, reading: CueText, tries: Iterable[tuple[int, int]]) -> Iterator[Cue]:
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
                yield Cue(begin, stop, self._patterns[number][0], match[0], pattern=True)

    def _pattern(self, number: int) -> re.Pattern[str]:
        """A pattern, compiled when it is first tried: a child that reads one page needs few of them."""
        found = self._compiled[number] = re.compile(rf"(?<![^ ])(?:{self._patterns[number][1]})(?![^ ])")
        return found

    def _learned(self, index: int, written: str) -> tuple[str, ...]:
        """Classes of the phrases that the words as written can be, from now on known. A single word needs its marks."""
        if len(self._known) >= _KNOWN:
            self._known.clear()
        found = self._known[index, written] = self._judged(index, _plainly(written, self._keys[index]))
        return found

    def _judged(self, index: int, written: str) -> tuple[str, ...]:
        names: list[str] = []
        for meant, classes in self._meanings[index]:
            if agrees(written, meant, strict=" " not in meant and not bare(meant)):
                names += [name for name in classes if name not in names]
        return tuple(names)


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
