"""Why an identifier stands in a text: suspect, official, victim, neutral, example, chrome, spoofed or unknown.

Evidence is gathered: what kind of document it is (an offer, a warning, a victim's post, honest trade, a mistaken
transfer, an agency's notice), which phrases stand near the identifier and how near, which list it is in, and what the
identifier itself is (a police line, an installable file, a look-alike host). A model trained on labelled texts weighs it
together with the words of the document, the sentence and the identifier's surroundings; the likeliest role wins, its
share is the confidence, and the strongest phrase and words are the reason. A value of the allow-list is official, or
`spoofed` where the text says that it was faked or quotes it inside a scam message: never suspect.

Phrases are in `data/role_cues.txt`; what their classes mean is in `role_cues`, what stands around identifiers in
`role_context`, what phrases and rules say of one in `role_evidence`, the allow-list in `official`, the kinds of documents
in `profiles`, the words as the model reads them in `role_words`, their weights in `role_model`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from attrs import frozen

from extraction.official import host_of, is_official, is_official_domain, official_values
from extraction.profiles import Profile, labelled, profile_of, speaks_for_an_agency
from extraction.role_context import Around, Field, Phrases, groups, inside, read_field
from extraction.role_evidence import (  # fmt: skip
    OWN,
    C,
    Evidence,
    O,
    S,
    U,
    Verdict,
    add_value,
    add_words,
    by_phrases,
    ruled,
    ruled_official,
)
from extraction.role_model import RoleModel, Sign, role_model
from extraction.role_words import Lexicon, Near, Whole, Words, beside, in_document, near, read_words
from model.document import Mention, Role

__all__ = ["assign", "is_official_domain", "official_values"]

SOURCES: Mapping[str, str] = {
    "facebook": "social", "comment": "social", "zalo": "channel", "telegram": "channel", "tiktok": "video",
    "youtube": "video", "post": "social", "notice": "warning", "government": "warning", "press": "news", "market": "classified", "web": "",
}  # fmt: skip
"""Kinds of sources by the names that others give them."""

_WORDY = 7
"""Words beside the identifiers from which a text says something."""

_OTHER = 20_000
"""Code points of the other field that are read for the kind of document."""


def assign(
    text: str,
    mentions: Sequence[Mention],
    *,
    source_kind: str = "",
    url: str = "",
    other_field_text: str = "",
) -> tuple[Mention, ...]:
    """The mentions of one field with role, confidence (0 to 1) and reason.

    mentions: of this field, spans in `text`. other_field_text: the title for the text, the text for the title; it tells
    what kind of document this is. url: of the page, so that its own address is seen as chrome.
    """
    if not mentions:
        return ()
    model = role_model()
    case = describe(text, mentions, model.lexicon, source_kind=source_kind, url=url, other_field_text=other_field_text)
    whole = model.of_document(case.document)
    return _agreed([judge(model, whole, found) for found in case.found])


# ---- what is known


class Ruled(NamedTuple):
    """A mention and what phrases and rules say of it. verdict: what they alone make of it; official: of the allow-list;
    phrases: near it; ranked: the evidence, the best founded role first."""

    mention: Mention
    official: bool
    phrases: Phrases
    evidence: Evidence
    ranked: Sequence[tuple[float, Role]]
    verdict: Verdict


class Described(NamedTuple):
    """What is known of a mention. settled: the rules' verdict holds, for the text says too little or it is the site's own
    address; words, signs: what the model reads near it and of itself."""

    ruled: Ruled
    settled: bool
    words: Near
    signs: Sequence[Sign]


@frozen(kw_only=True)
class Case:
    """The mentions of a field as described, and what the model reads of the document."""

    document: Whole
    found: Sequence[Described]


@frozen(kw_only=True)
class _Page:
    """What the mentions of a field share. wordy: the text says something beside its identifiers; order: the tokens that
    are identifiers."""

    text: str
    url: str
    source_kind: str
    profile: Profile
    around: Around
    words: Words
    wordy: bool
    order: Sequence[int]


def describe(
    text: str, mentions: Sequence[Mention], lexicon: Lexicon, *, source_kind: str, url: str, other_field_text: str
) -> Case:
    """What phrases, rules and words say of each mention; lexicon: numbers the words; the rest as in `assign`."""
    source_kind = SOURCES.get(source_kind, source_kind)
    field, other = read_field(text, mentions), read_field(other_field_text[:_OTHER], ())
    official = [is_official(mention) for mention in mentions]
    foreign = {mention.kind for mention, listed in zip(mentions, official, strict=True) if not listed}
    words = read_words(text, mentions, lexicon)
    wordy = field.reading.size - 4 * len(mentions) >= _WORDY
    page = _Page(
        text=text, url=url, source_kind=source_kind, profile=_profile(field, other, source_kind, foreign), around=Around(field),
        words=words, wordy=wordy and not any(cue.name == "question" for cue in field.local),
        order=sorted({words.place(mention.start) for mention in mentions}),
    )  # fmt: skip
    ruled = _by_rules(page, mentions, official)
    company = _company(ruled)
    return Case(
        document=in_document(words, read_words(other.text, (), lexicon)),
        found=[_described(page, one, company) for one in ruled],
    )


def _profile(field: Field, other: Field, source_kind: str, foreign: set[str]) -> Profile:
    """The kind of document. foreign: kinds of the identifiers that are not of the allow-list."""
    sms = "link" in foreign and labelled(field.text)
    speaker = not sms and any(speaks_for_an_agency(one.text, one.local) for one in (field, other))
    return profile_of(
        [*field.document, *other.document], [*field.local, *other.local], source_kind, bool(foreign), speaker, sms
    )


def _by_rules(page: _Page, mentions: Sequence[Mention], official: Sequence[bool]) -> list[Ruled]:
    """What phrases and rules say of each mention; those that stand together share what stands near."""
    found: dict[int, Ruled] = {}
    for group in groups(page.text, mentions):
        start, end = min(mentions[index].start for index in group), max(mentions[index].end for index in group)
        phrases = page.around.near(start, end)
        for index in group:
            header = page.around.listed.get(index)
            found[index] = _ruled(page, mentions[index], start, phrases, header, official[index])
    return [found[index] for index in range(len(mentions))]


def _ruled(
    page: _Page, mention: Mention, start: int, phrases: Phrases, header: tuple[Role, str] | None, official: bool
) -> Ruled:
    """start: where the mentions begin among which it stands; phrases: near them; header: of its list."""
    evidence = by_phrases(phrases, page.profile, header)
    add_value(evidence, mention, page.url, page.source_kind)
    add_words(evidence, page.text, mention)
    quoted = inside(start, page.around.quotes)
    if quoted:
        evidence.add(S, 1.8, "inside a quoted scam message")
    if inside(start, page.around.footers):
        evidence.add(C, 3.2, "line of a site's footer")
    ranked = evidence.ranked()
    verdict = (
        ruled_official(phrases, evidence, page.profile.fake or quoted)
        if official
        else ruled(evidence, ranked, page.wordy)
    )
    return Ruled(mention, official, phrases, evidence, ranked, verdict)


Company = Mapping[str, set[str]]
"""What is said of the values of a field by their rules' verdicts, and which values it is said of."""


def _company(ruled: Sequence[Ruled]) -> Company:
    said: dict[str, set[str]] = {}
    for one in ruled:
        sure = " surely" if one.verdict.confidence >= _SURE else ""
        said.setdefault(f"other ruled {one.verdict.role.value}{sure}", set()).add(one.mention.value)
    return said


def _described(page: _Page, one: Ruled, company: Company) -> Described:
    place, verdict = page.words.place(one.mention.start), one.verdict
    signs = [
        *_own_signs(one.mention, page.source_kind),
        *_place_signs(page.order.index(place), len(page.order)),
        *_ruled_signs(one, page.profile),
        *((f"near {name}", strength) for name, (strength, _) in one.phrases.items() if strength > _FAINT),
        *((name, 0.5) for name, values in company.items() if len(values) > 1 or one.mention.value not in values),
        *((name, 1.0) for name in beside(page.words, place)),
    ]
    settled = (verdict.role is U and not page.wordy) or (verdict.role is C and one.evidence.reason(C) == OWN)
    return Described(ruled=one, settled=settled, words=near(page.words, place), signs=signs)


# ---- signs

_SURE = 0.75
"""Confidence from which a role counts as sure."""
_FAINT = 0.1
"""Strength below which a phrase is no sign."""
_DIGIT = re.compile(r"\d")


def _own_signs(mention: Mention, source_kind: str) -> Iterator[Sign]:
    """What the identifier is and where the text is from."""
    kind, value = mention.kind, mention.value
    yield "bias", 1.0
    yield f"kind {kind}", 1.0
    yield f"source {source_kind}", 1.0
    yield f"kind {kind} of {source_kind}", 0.7
    if kind == "phone":
        home = "landline" if value.startswith("+842") else "mobile" if value.startswith("+84") else "foreign"
        yield home, 1.0
    elif kind in ("link", "email"):
        host = host_of(mention)
        yield f"under .{host.rpartition('.')[2]}", 1.0
        if "-" in host:
            yield "hyphen in host", 0.7
        if _DIGIT.search(host):
            yield "digit in host", 0.7


def _place_signs(order: int, count: int) -> Iterator[Sign]:
    """Its place among the identifiers."""
    yield "first" if order == 0 else "last" if order == count - 1 else "between", 0.5
    yield f"{min(count, 5)} places", 0.5


def _ruled_signs(one: Ruled, profile: Profile) -> Iterator[Sign]:
    """What phrases and rules make of it."""
    yield f"ruled {one.verdict.role.value}", 0.5
    if one.verdict.confidence >= _SURE:
        yield f"ruled {one.verdict.role.value} surely", 1.0
    yield f"document {profile.kind}", 0.7 * profile.sure
    if one.official:
        yield "allow-listed", 2.0
    for total, role in one.ranked:
        yield f"evidence {role.value}", 0.5 * max(-2.0, min(4.0, total))


# ---- the verdict

_ANY = frozenset(Role)
_OF_OFFICIAL = frozenset((O, Role.SPOOFED, C))
"""What a value of the allow-list can be."""


def judge(model: RoleModel, whole: int, found: Described) -> Mention:
    """The likeliest role; a value of the allow-list is never suspect; where a text says too little nothing is known.

    whole: what the words of the document weigh.
    """
    one = found.ruled
    if found.settled:
        return _judged(one.mention, *one.verdict)
    total = whole + model.of_words(found.words) + model.of_signs(found.signs)
    role, share = model.likeliest(total, _OF_OFFICIAL if one.official else _ANY)
    return _judged(one.mention, role, round(min(0.98, share), 2), _why(model, found, role))


_WORDS_SHOWN = 3


def _why(model: RoleModel, found: Described, role: Role) -> str:
    """The strongest phrase or rule for the role, and the words near it that weighed most."""
    one = found.ruled
    reasons = [one.verdict.reason if one.verdict.role is role else one.evidence.reason(role)]
    shown: list[str] = []
    for seen in model.strongest(found.words, role):
        told = "<" not in seen and any(map(str.isalpha, seen))
        if told and not any(seen in other or other in seen for other in shown):
            shown.append(seen)
            if len(shown) == _WORDS_SHOWN:
                break
    if shown:
        reasons.append(f"words: {', '.join(shown)}")
    return "; ".join(filter(None, reasons)) or "how texts like this one speak"


def _judged(mention: Mention, role: Role, confidence: float, reason: str) -> Mention:
    """The mention with its role; `evolve` takes three times as long."""
    return Mention(
        kind=mention.kind, value=mention.value, raw=mention.raw, field=mention.field, start=mention.start, end=mention.end,
        role=role, confidence=confidence, reason=reason, attributes=mention.attributes,
    )  # fmt: skip


def _agreed(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """One value has one role in a field: the best founded of its mentions speaks for those that are unknown."""
    if not any(mention.role is U for mention in mentions):
        return tuple(mentions)
    best: dict[tuple[str, str], Mention] = {}
    for mention in mentions:
        key = (mention.kind, mention.value)
        if mention.role is not U and (key not in best or mention.confidence > best[key].confidence):
            best[key] = mention
    return tuple(
        _judged(mention, better.role, better.confidence, better.reason)
        if mention.role is U and (better := best.get((mention.kind, mention.value))) is not None else mention
        for mention in mentions
    )  # fmt: skip
