"""What stands around the identifiers of a field: phrases near them, lists and their heads, quotes, footers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from extraction.cues import Cue, CueText
from extraction.fold import fold
from extraction.role_cues import LOCAL, OFFERS, REACH, table
from extraction.role_evidence import Evidence
from model.document import Mention, Role

Phrases = Mapping[str, tuple[float, str]]
"""The strongest phrase of each class near an identifier: strength 0 to 1, phrase."""


@frozen(kw_only=True)
class Field:
    """A text and its phrases. reading: blind to what stands in `mentions`; local: phrases that speak of identifiers near
    them; document: phrases that tell what kind of document it is."""

    text: str
    mentions: Sequence[Mention]
    reading: CueText
    local: Sequence[Cue]
    document: Sequence[Cue]


def read_field(text: str, mentions: Sequence[Mention]) -> Field:
    """The phrases of a text."""
    reading = CueText(text, [(mention.start, mention.end) for mention in mentions])
    local, document = table().find_layers(reading)
    return Field(text=text, mentions=mentions, reading=reading, local=local, document=document)


# ---- which stand together

_JOINT = re.compile(
    r"(?:va|hoac|hay|cung|or|and|kiem|cung nhu)?(?: ?(?:so|sdt|dt|zalo|web|website|trang|fanpage|facebook|email|hotline|tele|dien thoai))?"
)
_END = re.compile(r"[.!?;]\s|\n")
_LONGEST_JOINT = 24


def groups(text: str, mentions: Sequence[Mention]) -> list[list[int]]:
    """Indexes of mentions that stand together: overlapping, or with nothing but a joint between them."""
    order = sorted(range(len(mentions)), key=lambda index: (mentions[index].start, mentions[index].end))
    found: list[list[int]] = []
    reached = -1
    for index in order:
        start = mentions[index].start
        if found and (start <= reached or _is_joint(text[reached : min(start, reached + _LONGEST_JOINT)])):
            found[-1].append(index)
        else:
            found.append([index])
        reached = max(reached, mentions[index].end)
    return found


def _is_joint(between: str) -> bool:
    return len(between) < _LONGEST_JOINT and not _END.search(between) and _JOINT.fullmatch(fold(between)) is not None


# ---- lists, quotes, footers

_BULLET = re.compile(r"^\s*(?:[-–—•*+▪●◦✔✅👉➡☎📞🔴❌⛔]|\(?\d{1,2}[.)/]\s|[a-z][.)]\s)")
_NO_HEADING = frozenset(("commerce", "honest", "self_voice", "authority", "actor", "ask"))
"""Classes of phrases that head no list."""


def _lines(field: Field) -> Iterator[tuple[int, int, str, Sequence[int], Sequence[Cue]]]:
    """For each line: where it begins and ends, what it says, the indexes of mentions and the phrases that begin in it."""
    order = sorted(range(len(field.mentions)), key=lambda index: field.mentions[index].start)
    mentions = [field.mentions[index].start for index in order]
    cues = [cue.start for cue in field.local]
    offset = 0
    for line in field.text.split("\n"):
        end = offset + len(line)
        inside = order[bisect_left(mentions, offset) : bisect_left(mentions, end)]
        yield offset, end, line, inside, field.local[bisect_left(cues, offset) : bisect_left(cues, end)]
        offset = end + 1


def _listed(field: Field) -> dict[int, tuple[Role, str]]:
    """Role that the header of its list gives to the mention with an index, where it stands in one.

    A header is a line without identifiers that ends in a colon or is short, and speaks of one role. It reaches over the
    lines that hold identifiers, to an empty line, a line of prose, a line without bullet after lines with bullets, or
    one that says where to report.
    """
    found: dict[int, tuple[Role, str]] = {}
    active: tuple[Role, str] | None = None
    bullets = False
    for start, end, line, inside, here in _lines(field) if "\n" in field.text else ():
        if not inside:
            active, bullets = _heading(line, here, field.reading.count(start, end)), False
        elif active is not None:
            bullet, words = _BULLET.match(line) is not None, field.reading.count(start, end)
            own = None if bullet else _heading(line, here, words)
            if (bullets and not bullet) or words > 14 + 3 * len(inside) or (own and own[0] is not active[0]):
                active = None
            else:
                found.update(dict.fromkeys(inside, active))
                bullets = bullet
    return found


def _heading(line: str, here: Sequence[Cue], words: int) -> tuple[Role, str] | None:
    """The role that a line speaks of, when it can head a list."""
    if not here or not (line.rstrip().endswith(":") or (words <= 18 and not line.rstrip().endswith("."))):
        return None
    weights = Evidence()
    for cue in here:
        if cue.name in LOCAL and cue.name not in _NO_HEADING:
            weights.add(LOCAL[cue.name].role, LOCAL[cue.name].weight, cue.phrase)
    ranked = weights.ranked()
    if not ranked or ranked[0][0] < 1.2:
        return None
    return ranked[0][1], weights.reason(ranked[0][1])


_QUOTED = re.compile(r"[\"“«](?P<inside>[^\"“”»]{40,600})[\"”»]")

Span = tuple[int, int]


def _quotes(field: Field) -> list[Span]:
    """Spans of quoted scam messages: quoted text that speaks as an offer or a false notice does."""
    speaks = [cue.start for cue in field.document if cue.name in OFFERS]
    return [
        match.span("inside")
        for match in (_QUOTED.finditer(field.text) if speaks else ())
        if bisect_left(speaks, match.start() + 1) < bisect_left(speaks, match.end())
    ]


def _footers(field: Field) -> list[Span]:
    """Spans of lines that speak as a site's footer does: two different phrases of the class `chrome` or more."""
    if sum(cue.name == "chrome" for cue in field.local) < 2:
        return []
    return [
        (start, end)
        for start, end, _, _, here in _lines(field)
        if len({cue.phrase for cue in here if cue.name == "chrome"}) >= 2
    ]


def inside(place: int, spans: Sequence[Span]) -> bool:
    """Whether a place lies in one of the spans."""
    return any(begin <= place < stop for begin, stop in spans)


# ---- phrases near

_WINDOW = 700
"""Code points to either side in which phrases can matter: beyond, the longest half-life leaves a twentieth."""
_BETWEEN = 3.0
"""Words that each mention between counts for."""


class Around:
    """What stands around the mentions of a field. listed: role and head of the list for the indexes of mentions in
    lists; quotes, footers: spans."""

    def __init__(self, field: Field) -> None:
        self._reading = field.reading
        self._starts = sorted({mention.start for mention in field.mentions})
        place = field.reading.place
        self._cues = [
            (cue, place(cue.start), place(cue.end - 1), REACH[cue.name]) for cue in field.local if cue.name in REACH
        ]
        self._cue_starts = [cue[0].start for cue in self._cues]
        self.listed = _listed(field)
        self.quotes = _quotes(field)
        self.footers = _footers(field)

    def near(self, start: int, end: int) -> Phrases:
        """The strongest phrase of each class near a span. Each mention that stands between weakens a phrase."""
        first, last = self._reading.place(start), self._reading.place(max(start, end - 1))
        starts, own, behind = self._starts, bisect_left(self._starts, start), bisect_left(self._starts, end)
        best: dict[str, tuple[float, str]] = {}
        window = slice(bisect_left(self._cue_starts, start - _WINDOW), bisect_left(self._cue_starts, end + _WINDOW))
        for cue, begins, ends, reach in self._cues[window]:
            if cue.end <= start:
                distance, factor = first - ends - 1, reach.before
                between = own - bisect_left(starts, cue.end)
            else:
                distance, factor = begins - last - 1, reach.after
                between = bisect_left(starts, cue.start) - behind
            strength = factor * 0.5 ** (max(0.0, distance + _BETWEEN * between) / reach.half)
            if strength > best.get(cue.name, (0.0, ""))[0]:
                best[cue.name] = (strength, cue.phrase)
        return best
