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
from typing import NamedTuple

import ahocorasick_rs
import regex  # type: ignore[import-untyped]

from extraction.fold import exact, fold
from extraction.folded import folded, words_of
from extraction.marks import agrees, bare

GAPS = {"comma": 1.5, "dash": 2.0, "sentence": 8.0, "line": 4.0, "paragraph": 12.0}
"""Words that a boundary counts for. Set by hand on the development half of `tests/corpus/roles.jsonl`."""

_KNOWN = 50_000
"""Spellings of phrases whose meaning a table remembers."""

_ANY, _NUMBER = "*", "0"
"""Keys of patterns that any word, and any word that begins with a digit, can begin."""

_MARKED = re.compile("[ăâđêôơưạảấầậắặếềệộớợứựịọụẹẻỉỏủẽũĩỹỷỵ]", re.IGNORECASE)

_LEET = str.maketrans("01345", "oieas")
_LEET_HINT = re.compile(r"[a-z][01345]|[01345][a-z]")
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
    regular expression."""

    name: str
    phrase: str
    start: int
    end: int
    pattern: bool = False


@lru_cache(maxsize=8)
def _read(text: str) -> tuple[str, list[int], list[tuple[int, str]]]:
    """The folded text with digits that stand for letters read as letters, the offsets, and the words."""
    found = folded(text)
    if _LEET_HINT.search(found.text):
        plain = _LEET_WORD.sub(lambda match: match[0].translate(_LEET), found.text)
        return plain, found.offsets, words_of(plain)
    return found.text, found.offsets, found.words


class CueText:
    """A text with its folded form, offsets and word positions. blank: spans whose inside is no evidence (identifiers)."""

    def __init__(self, text: str, blank: Sequence[tuple[int, int]] = ()) -> None:
        self.text = text
        self.folded, self.offsets, self.words = _read(text)
        self.blank = sorted(blank)

    @cached_property
    def marked(self) -> bool:
        """Whether the text is written with marks."""
        return bool(_MARKED.search(self.text))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original offsets of a piece of the folded text."""
        return self.offsets[start], self.offsets[end - 1] + 1

    def blanked(self, start: int, end: int) -> bool:
        """Whether a piece of the original text lies in an identifier, partly or wholly."""
        if not self.blank:
            return False
        place = bisect_right(self.blank, (start, len(self.text))) - 1
        near = self.blank[max(0, place) : place + 2]
        return any(start < stop and begin < end for begin, stop in near)

    def count(self, start: int, end: int) -> int:
        """How many words begin in a piece of the original text."""
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)

    def place(self, offset: int) -> float:
        """Position in words of the word at or before an original offset."""
        index = bisect_right(self._starts, offset) - 1
        return self._places[index] if index >= 0 else 0.0

    @cached_property
    def _starts(self) -> list[int]:
        return [self.offsets[first] for first, _ in self.words]

    @cached_property
    def _places(self) -> list[float]:
        starts, text = self._starts, self.text
        ends = [self.offsets[first + len(word) - 1] + 1 for first, word in self.words]
        steps = [1.0] * len(starts)
        for index, (end, start) in enumerate(zip(ends, starts[1:], strict=False)):
            if start - end != 1 or text[end] != " ":
                steps[index + 1] += _gap(text[end:start], self.words[index][1])
        reached = 0
        for begin, stop in self.blank:  # an identifier counts as one word
            first = max(bisect_right(ends, begin), bisect_left(ends, reached))
            for index in range(first + 1, min(bisect_left(starts, stop), bisect_left(ends, stop) + 1)):
                steps[index] = 0.0
            reached = max(reached, stop)
        return list(accumulate(steps))


def _gap(between: str, word: str) -> float:
    """Extra words for what stands between two words."""
    if "\n" in between:
        return GAPS["paragraph"] if between.count("\n") > 1 else GAPS["line"]
    marks = between.strip()
    if not marks:
        return 0.0
    spaced = between[-1].isspace() or len(marks) > 2
    if any(mark in marks for mark in "!?;…") or (marks.startswith(".") and spaced and word not in _TITLES):
        return GAPS["sentence"]
    if marks.startswith(".") or marks in ("/", "'", "’", ":", "'s", "“", "”", '"'):
        return 0.0
    if any(mark in marks for mark in ",()"):
        return GAPS["comma"]
    if ord(marks[0]) > 0x2100:
        return GAPS["line"]
    return GAPS["dash"] if marks[0] in "-–—|•*+=>~" else 0.0


class CueTable:
    """The phrases of some sections of a data file. exclusive: where phrases overlap only the longest counts."""

    def __init__(self, sections: dict[str, list[str]], *, exclusive: bool = True) -> None:
        self._exclusive = exclusive
        self._patterns: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        by_fold: dict[str, dict[str, list[str]]] = {}
        for name, lines in sections.items():
            for line in lines:
                if line.startswith("~"):
                    self._add_pattern(name, line.lstrip("~"))
                    continue
                for phrase in filter(None, (part.strip() for part in line.split("|"))):
                    by_fold.setdefault(fold(phrase), {}).setdefault(exact(phrase), []).append(name)
        self._keys = sorted(by_fold)
        self._meanings = [
            tuple((written, tuple(names)) for written, names in by_fold[key].items()) for key in self._keys
        ]
        self._machine = ahocorasick_rs.AhoCorasick(self._keys)
        self._known: dict[tuple[int, str], tuple[str, ...]] = {}

    def _add_pattern(self, name: str, source: str) -> None:
        """Keep a pattern under every word that can begin it, so that it is tried at those words alone."""
        pattern = re.compile(rf"(?<![^ ])(?:{source})(?![^ ])")
        partial = regex.compile(rf"(?:{source})(?![^ ])")
        known = {word for word in re.findall(r"[a-z]+", source) if partial.match(f"{word} ", partial=True)}
        any_word = partial.match("qzjqzj ", partial=True) is not None
        any_number = partial.match("7 ", partial=True) is not None or partial.match("77k ", partial=True) is not None
        for word in [
            *(known if not any_word else ()),
            *([_ANY] if any_word else ()),
            *([_NUMBER] if any_number else ()),
        ]:
            self._patterns.setdefault(word, []).append((name, pattern))

    def find(self, reading: CueText) -> list[Cue]:
        """Cues in text order, longest first where phrases overlap; none inside identifiers."""
        if not reading.folded:
            return []
        found = [*self._find_phrases(reading), *self._find_patterns(reading)]
        found.sort(key=lambda cue: (cue.start, cue.end, cue.name))
        return found

    def _find_phrases(self, reading: CueText) -> Iterator[Cue]:
        folded = reading.folded
        size = len(folded)
        candidates = sorted(
            (start, -end, index)
            for index, start, end in self._machine.find_matches_as_indexes(folded, overlapping=True)
            if (start == 0 or folded[start - 1] == " ") and (end == size or folded[end] == " ")
        )
        reached = 0
        for start, negative_end, index in candidates:
            if self._exclusive and start < reached:
                continue
            begin, stop = reading.span(start, -negative_end)
            if reading.blanked(begin, stop):
                continue
            names = self._meant(index, reading.text[begin:stop])
            if names:
                reached = -negative_end
                phrase = folded[start:-negative_end]
                yield from (Cue(name=name, phrase=phrase, start=begin, end=stop) for name in names)

    def _find_patterns(self, reading: CueText) -> Iterator[Cue]:
        reached: dict[int, int] = {}
        for start, patterns in self._tried(reading):
            for name, pattern in patterns:
                if start < reached.get(id(pattern), 0):
                    continue
                match = pattern.match(reading.folded, start)
                if match is None or match.end() == start:
                    continue
                begin, stop = reading.span(*match.span())
                if not reading.blanked(begin, stop) and _named_words_agree(match, reading):
                    reached[id(pattern)] = match.end()
                    yield Cue(name=name, phrase=match[0], start=begin, end=stop, pattern=True)

    def _tried(self, reading: CueText) -> list[tuple[int, Sequence[tuple[str, re.Pattern[str]]]]]:
        """Places of words that can begin a pattern, with the patterns."""
        known, always = self._patterns, self._patterns.get(_ANY, [])
        numbers = known.get(_NUMBER, [])
        if always:
            return [
                (start, [*(numbers if word[0].isdigit() else known.get(word, [])), *always])
                for start, word in reading.words
            ]
        return [
            (start, known.get(word, numbers))
            for start, word in reading.words
            if (word in known and word != _NUMBER) or (numbers and word[0].isdigit())
        ]

    def _meant(self, index: int, written: str) -> tuple[str, ...]:
        """Classes of the phrases that the words as written can be. A single word needs its marks."""
        found = self._known.get((index, written))
        if found is None:
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
