"""Scam forms (S01 to N38 of `data/scam_forms.csv`) that a text shows.

A form is shown when its phrases, and the words for its matter and its deed, weigh enough and a second condition holds. The
condition is an identifier that is suspect; where there is none, words that tell of a fraud, or twice the weight. A text without
identifiers is read only if it asks for something or speaks as a warning or a complaint does. Honest lenders, shops, banks and
papers say every phrase of this file too, but next to a number that is theirs. Forms compete for the same words: the particular one (a tax
office's false app) is told, the general one that goes with it (a false app) only where words of its own show it.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from functools import cache
from importlib.resources import files

import ahocorasick_rs
from attrs import frozen

from extraction.cues import Cue, CueTable, CueText, pick, read_sections
from extraction.fold import exact, fold
from extraction.folded import joined
from extraction.marks import agrees, bare
from extraction.syllables import is_syllable
from model.document import Mention, Role

_ENOUGH = 1.1
"""Weight that a form needs where an identifier is suspect. All weights here were set on 400 texts of three hands."""

_VOICED, _VOICES = 1.0, 2
"""Weight that it needs where none is, but the text holds so many phrases of people cheated or of warnings."""

_ALONE = 2.2
"""Weight that it needs where there is neither."""

_OFFERS = {"offer_loan": "S07", "offer_job": "S12", "offer_gamble": "S08", "offer_invest": "S11", "offer_recovery": "S18",
           "offer_mule": "N21", "offer_forged": "N22", "offer_adult": "N38", "offer_med": "N37", "offer_romance": "N18"}  # fmt: skip
"""Phrases of offers that the roles are read from, by the form that they show; each counts as a short phrase at most."""

_MATTER, _MATTER_MOST = 0.6, 1.4
_DEED, _DEED_MOST = 0.4, 1.2
_HALF = 0.4
_PLAIN = 0.6
"""What one word of the matter or the deed counts, and all of them at most; matter or deed alone count so much of it, a
single syllable so much of a word: `vay` is everywhere, `sinh trắc` is not."""

_NAME = 1.1
_NAMES = frozenset({"link", "file", "handle"})
"""What a name that tells a form counts, and the kinds of identifiers that have names."""

_LOOK_ALIKE = {"S09": 0.6, "S10": 0.5}
"""What a host that looks like an official one adds to false sites and false messages."""

_SECOND, _SHARE, _MOST = 1.2, 0.6, 3
"""A further form needs this weight in phrases that no form before it took, and this share of the first one's."""

_GENERAL = frozenset("S07 S08 S09 S10 S11 S12 S13 S15 S23 N18 N34 N35".split())  # noqa: SIM905
"""Forms whose words go with many others: lending, betting, false sites and messages, investing, tasks, hacked accounts,
goods not sent, gifts, small talk, apps, groups."""

_PARTICULAR, _OUTWEIGHS = 0.8, 2.0
"""A particular form of this weight is told before the general ones, unless one of them weighs so many times more."""

_ILLEGAL = frozenset("S04 S08 S16 S24 N11 N21 N22 N24 N38".split())  # noqa: SIM905
"""Offers that no honest trader makes: a number taken for a trader's does not make them honest."""

_NEVER = 1e9
_OFFICES = frozenset({Role.OFFICIAL, Role.CHROME, Role.SPOOFED, Role.EXAMPLE})
"""Where only offices are named, every form needs words that warn: else it is their own service."""

_SUSPICIOUS = frozenset({Role.SUSPECT, Role.UNKNOWN})
_MAX_TEXT = 20_000


@frozen(kw_only=True)
class Form:
    """A form of fraud. id: `S01` ... `N38`; name: Vietnamese; english: English; targets: whom it is aimed at;
    false_friends: honest texts that use the same words."""

    id: str
    name: str
    english: str = ""
    targets: str = ""
    false_friends: str = ""


def _rows() -> list[dict[str, str]]:
    text = (files("extraction") / "data" / "scam_forms.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def forms() -> dict[str, Form]:
    """All forms by id, in the order of the table."""
    return {
        row["id"]: Form(id=row["id"], name=row["name_vi"], english=row["name_en"], targets=row["targets"], false_friends=row["false_friends"])
        for row in _rows()
    }  # fmt: skip


def form(form_id: str) -> Form:
    """The form with this id. Raises KeyError for an unknown one."""
    return forms()[form_id]


@cache
def _table() -> CueTable:
    sections = {row["id"]: [row["typical_phrases"], row["slang_teencode"]] for row in _rows()}
    for name, lines in read_sections("narrative_cues.txt").items():
        sections[name] += [line for line in lines if not line.startswith("~~")]
        sections[f"{name}?"] = [line for line in lines if line.startswith("~~")]
    roles = read_sections("role_cues.txt")
    for offer, name in _OFFERS.items():
        sections[f"{name}?"] = [*sections.get(f"{name}?", []), *roles[offer]]
    sections["solicit"] = roles["solicit"]
    return CueTable(sections, exclusive=False)


Use = tuple[str, int, float]
"""What a word is used for: the form, 0 for its matter or 1 for its deed, and what it counts there."""


class _Words:
    """The words of `data/narrative_words.txt`. What a word counts is the less, the more forms share it."""

    def __init__(self) -> None:
        meanings: dict[str, dict[str, list[tuple[str, int]]]] = {}
        shared = Counter[str]()
        for name, (matter, deed, *_) in read_sections("narrative_words.txt").items():
            for part, line in enumerate((matter, deed)):
                for word in line.split("|"):
                    shared[fold(word)] += 1
                    meanings.setdefault(fold(word), {}).setdefault(exact(word), []).append((name, part))
        self._keys = sorted(meanings)
        self._meanings = [
            [(written, [(name, part, (_MATTER, _DEED)[part] * self._count(key, shared)) for name, part in uses])
             for written, uses in meanings[key].items()]
            for key in self._keys
        ]  # fmt: skip
        self._machine = ahocorasick_rs.AhoCorasick([f" {key} " for key in self._keys])
        self._known: dict[tuple[int, str], tuple[Use, ...]] = {}

    @staticmethod
    def _count(key: str, shared: Mapping[str, int]) -> float:
        return math.sqrt(1 / shared[key]) * (_PLAIN if is_syllable(key) else 1.0)

    def weights(self, reading: CueText) -> dict[str, float]:
        """Weights of the forms by the words of their matter and deed, each word once."""
        text, offsets = reading.text, reading.offsets
        seen = set[int]()
        parts: dict[str, list[float]] = {}
        for index, start, end in self._machine.find_matches_as_indexes(f" {reading.folded} ", overlapping=True):
            if index in seen:
                continue
            written = text[offsets[start] : offsets[end - 3] + 1]
            uses = self._known.get((index, written))
            if uses is None:
                uses = self._learned(index, written)
            if uses:
                seen.add(index)
                for name, part, weight in uses:
                    parts.setdefault(name, [0.0, 0.0])[part] += weight
        return {name: _together(matter, deed) for name, (matter, deed) in parts.items()}

    def _learned(self, index: int, written: str) -> tuple[Use, ...]:
        """The uses that a word as written has, from now on known. A single word needs its marks."""
        if len(self._known) >= _KNOWN:
            self._known.clear()
        plain = exact(written)
        found = self._known[index, written] = tuple(
            use
            for meant, uses in self._meanings[index]
            if agrees(plain, meant, strict=" " not in meant and not bare(meant))
            for use in uses
        )
        return found


_KNOWN = 50_000
"""Spellings of words whose uses are remembered."""


def _together(matter: float, deed: float) -> float:
    whole = min(_MATTER_MOST, matter) + min(_DEED_MOST, deed)
    return round(whole if matter and deed else _HALF * whole, 6)


@cache
def _word_table() -> _Words:
    return _Words()


@cache
def _pieces() -> tuple[ahocorasick_rs.AhoCorasick, list[str]]:
    """Pieces of names that frauds take for their hosts, files and handles, and the form of each."""
    told = [
        (piece, name)
        for name, (_, _, *further) in read_sections("narrative_words.txt").items()
        for piece in (further[0].split("|") if further else ())
    ]
    return ahocorasick_rs.AhoCorasick([piece for piece, _ in told]), [name for _, name in told]


def _named(mentions: Sequence[Mention]) -> dict[str, float]:
    """Weights of the forms that the names of suspect hosts, files and handles tell: `bhxh-truylinh.net`."""
    machine, forms_of = _pieces()
    names = {mention.value.lower() for mention in mentions if mention.role is Role.SUSPECT and mention.kind in _NAMES}
    told = {forms_of[found[0]]: _NAME for name in names for found in machine.find_matches_as_indexes(name)}
    if any(mention.role is Role.SUSPECT and mention.attributes.get("look_alike") for mention in mentions):
        told = {**_LOOK_ALIKE, **told}
    return told


def _weight(phrase: str) -> float:
    """What one phrase counts: the longer, the less an honest text says it by chance."""
    words = phrase.count(" ") + 1
    return 1.0 if words >= 4 else 0.8 if words == 3 else 0.6 if words == 2 else 0.35


_ORDER = str.maketrans("SN", "AB")
"""The table has S before N."""

Found = dict[tuple[int, int], tuple[float, str]]
"""The phrases of a form: place, weight and the phrase folded."""


def narratives(title: str, text: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
    """Ids of the forms that title and text show, in the order of the table."""
    reading = CueText(joined(title, text)[: _MAX_TEXT if title else _MAX_TEXT - 1])
    cues = _table().find(reading)
    phrases = _phrases(cues)
    roles = {mention.role for mention in mentions}
    if not phrases and roles.isdisjoint(_SUSPICIOUS):
        return ()
    if not mentions and not any(cue.name == "solicit" for cue in cues) and not _voices_in(reading):
        return ()
    weights = _word_table().weights(reading)
    for name, found in phrases.items():
        weights[name] = weights.get(name, 0.0) + _total(found)
    for name, weight in _named(mentions).items():
        weights[name] = weights.get(name, 0.0) + weight
    told = _told(_enough(weights, reading, roles), phrases)
    return tuple(name for name in forms() if name in told) if told else ()


def _phrases(cues: Sequence[Cue]) -> dict[str, Found]:
    phrases: dict[str, Found] = {}
    for cue in cues:
        name, _, _ = cue.name.partition("?")
        if cue.name != "solicit":
            weight = 0.6 if cue.name.endswith("?") else 1.0 if cue.pattern else _weight(cue.phrase)
            found = phrases.setdefault(name, {})
            found[cue.start, cue.end] = max((weight, cue.phrase), found.get((cue.start, cue.end), (0.0, "")))
    return phrases


def _enough(weights: dict[str, float], reading: CueText, roles: Set[Role]) -> dict[str, float]:
    """The forms that meet the second condition: a suspect identifier, words that tell of a fraud, or far more phrases."""
    if not roles.isdisjoint(_SUSPICIOUS):
        return {name: weight for name, weight in weights.items() if weight >= _ENOUGH}
    needed = _NEVER if roles and roles <= _OFFICES else _ALONE
    if any(weight >= _VOICED for weight in weights.values()):
        needed = _VOICED if _voices_in(reading) >= _VOICES else needed
    offered = min(needed, _ENOUGH) if Role.NEUTRAL in roles else needed
    return {name: weight for name, weight in weights.items() if weight >= (offered if name in _ILLEGAL else needed)}


@cache
def _voices() -> CueTable:
    """Words of people who were cheated, and of papers and offices that warn of it."""
    return CueTable(pick(read_sections("role_cues.txt"), ("warning_voice", "complaint")))


def _voices_in(reading: CueText) -> int:
    """How many different phrases of people cheated, or of warnings, stand in the text."""
    return len({cue.phrase for cue in _voices().find(reading)})


def _told(weights: dict[str, float], phrases: dict[str, Found]) -> set[str]:
    """The forms to tell: the particular before the general, the heavier before the lighter, none by another's words."""
    heaviest = max((weights[name] for name in weights if name not in _GENERAL), default=0.0)

    def rank(name: str) -> tuple[bool, float, str]:
        yields = name in _GENERAL and heaviest >= _PARTICULAR and weights[name] < _OUTWEIGHS * heaviest
        return yields, -weights[name], name.translate(_ORDER)

    told: list[str] = []
    taken: list[tuple[int, int]] = []
    for name in sorted(weights, key=rank):
        own = _total(phrases.get(name, {}), taken)
        if not told or (own >= max(_SECOND, _SHARE * weights[told[0]]) and len(told) < _MOST):
            told.append(name)
            taken += phrases.get(name, {})
    return set(told)


def _total(found: Found, taken: Sequence[tuple[int, int]] = ()) -> float:
    """The weights of phrases that overlap neither each other nor a place that is taken, the heaviest first, each once."""
    if len(found) == 1 and not taken:
        return next(iter(found.values()))[0]
    total, places, counted = 0.0, list(taken), set[str]()
    for (start, end), (weight, phrase) in sorted(found.items(), key=lambda item: (-item[1][0], item[0])):
        if phrase not in counted and all(end <= begin or stop <= start for begin, stop in places):
            total += weight
            places.append((start, end))
            counted.add(phrase)
    return total
