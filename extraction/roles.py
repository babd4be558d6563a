"""Why an identifier stands in a text: suspect, official, victim, neutral, example, chrome, spoofed or unknown.

Evidence is added up: what kind of document it is (an offer, a warning, a victim's post, honest trade, a mistaken
transfer, an agency's notice), which phrases stand near the identifier and how near, which list it is in, and what the
identifier itself is (a police line, an installable file, a look-alike host). The role with most evidence wins, the
strongest single piece is the reason, and the lead over the second is the confidence. A value of the allow-list is
official, or `spoofed` where the text says that it was faked or quotes it inside a scam message: never suspect.

Phrases are in `data/role_cues.txt`; what their classes mean is in the tables below.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from attrs import evolve, frozen

from extraction.cues import Cue, CueTable, CueText, distinct, pick, read_sections
from extraction.fold import fold
from model.document import Mention, Role

S, O, V, N, E, C = Role.SUSPECT, Role.OFFICIAL, Role.VICTIM, Role.NEUTRAL, Role.EXAMPLE, Role.CHROME  # noqa: E741


@frozen
class CueClass:
    """What phrases of a class say. weight: evidence when they touch the identifier; before, after: factor for phrases
    that stand before and after it; half: words in which the evidence halves."""

    role: Role
    weight: float
    before: float = 1.0
    after: float = 1.0
    half: float = 8.0


LOCAL: Mapping[str, CueClass] = {
    "fraud": CueClass(S, 1.6, before=0.9),
    "impersonation": CueClass(S, 2.2),
    "scam_contact": CueClass(S, 1.8, after=0.8),
    "scam_pay": CueClass(S, 1.7),
    "avoid": CueClass(S, 1.2, after=0.9),
    "fake_link": CueClass(S, 1.8, after=0.8),
    "actor": CueClass(S, 1.2, before=1.0, after=0.6),
    "ask": CueClass(S, 1.0),
    "report": CueClass(O, 2.0, after=0.6),
    "service": CueClass(O, 1.0, after=0.5),
    "genuine": CueClass(O, 2.0, after=0.7),
    "authority": CueClass(O, 1.0, after=0.7, half=6.0),
    "self_voice": CueClass(O, 0.6),
    "victim": CueClass(V, 3.2, after=0.7, half=5.0),
    "first_person": CueClass(V, 0.8, after=0.5, half=4.0),
    "neutral": CueClass(N, 2.0, half=14.0),
    "commerce": CueClass(N, 0.9),
    "honest": CueClass(N, 1.0),
    "example": CueClass(E, 2.6, after=0.4, half=3.0),
    "chrome": CueClass(C, 2.4, after=0.7, half=5.0),
}

OFFERS = ("offer_loan", "offer_job", "offer_gamble", "offer_invest", "offer_recovery", "offer_travel", "offer_mule",
          "offer_forged", "offer_prize", "phish", "offer_adult", "offer_med")  # fmt: skip
DOCUMENT = (*OFFERS, "solicit", "warning_voice", "complaint", "agency_voice")

PRIORS: Mapping[str, Mapping[Role, float]] = {
    "offer": {S: 2.4},
    "warning": {S: 0.8, O: 0.3},
    "complaint": {S: 1.2},
    "commerce": {N: 1.8},
    "mistaken": {N: 3.0},
    "agency": {O: 1.6},
    "": {},
}
"""Evidence from the kind of document. In warnings 72 % of full numbers were suspect and 22 % official (82 read)."""

CONTACT: Mapping[str, tuple[Role, float]] = {
    "offer": (S, 0.6),
    "warning": (O, 0.9),
    "complaint": (N, 0.3),
    "commerce": (N, 1.0),
    "mistaken": (N, 1.0),
    "agency": (O, 1.0),
    "": (N, 0.9),
}
"""What a bare `liên hệ`, `gọi`, `zalo` says: it depends on the document."""

KINDS: Mapping[str, Mapping[Role, float]] = {
    "hotline": {O: 1.2},
    "shortcode": {O: 1.5},
    "phone_prefix": {S: 1.2},
    "file": {S: 1.6},
    "crypto": {S: 0.8},
}
"""Evidence from the kind of identifier alone."""

_HEADER = 2.2
_LEAST = 0.55
"""Evidence below which the role stays unknown."""


@cache
def _official_rows() -> tuple[dict[str, str], ...]:
    text = (files("extraction") / "data" / "official.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _number_kind(number: str) -> tuple[str, str]:
    digits = number.lstrip("+")
    if digits.startswith(("1800", "1900")) or (digits.startswith("069") and len(digits) == 10):
        return "hotline", digits
    if len(digits) <= 5 or not digits.isdigit():
        return "shortcode", digits
    return "phone", number if number.startswith("+") else "+84" + digits[1:]


@cache
def _official_numbers(press: bool) -> frozenset[tuple[str, str]]:
    return frozenset(
        _number_kind(number.strip())
        for row in _official_rows()
        if (row["kind"] == "press-chrome") is press
        for number in row["hotline"].split(";")
        if number.strip()
    )


@cache
def _official_hosts() -> tuple[frozenset[str], frozenset[str]]:
    """Hosts of the allow-list, and hosts of the platforms, on which anybody may have a page."""
    hosts: set[str] = set()
    platforms: set[str] = set()
    for row in _official_rows():
        for host in filter(None, row["domain"].split(";")):
            if "<" not in host and row["kind"] != "press-chrome":
                (platforms if row["kind"] == "platform" else hosts).add(host.strip().removeprefix("*."))
    return frozenset(hosts), frozenset(platforms)


@cache
def official_values() -> frozenset[tuple[str, str]]:
    """(kind, value) of the allow-list `data/official.csv`: hotlines, short codes, phones, and domains as `link`."""
    return _official_numbers(False) | {("link", host) for host in _official_hosts()[0]}


def is_official_domain(domain: str) -> bool:
    """Whether the host is of the allow-list, below one of its domains, or below gov.vn. Platforms are not official."""
    host = domain.lower().rstrip(".").removeprefix("www.")
    if host == "gov.vn" or host.endswith(".gov.vn"):
        return True
    labels = host.split(".")
    hosts = _official_hosts()[0]
    return any(".".join(labels[start:]) in hosts for start in range(len(labels) - 1))


def _host(mention: Mention) -> str:
    if mention.kind == "email":
        return mention.value.rpartition("@")[2]
    host = mention.attributes.get("host") or re.split(r"[/?#]", mention.value, maxsplit=1)[0]
    return re.sub(r":\d+$", "", host)


def _is_official(mention: Mention) -> bool:
    if mention.kind in ("link", "email"):
        return is_official_domain(_host(mention))
    return (mention.kind, mention.value) in _official_numbers(False)


@cache
def _tables() -> tuple[CueTable, CueTable]:
    """Phrases that stand near an identifier; phrases that tell what kind of document it is."""
    sections = read_sections("role_cues.txt")
    local = CueTable(
        pick(
            sections,
            ["none", "contact", "closing_word", "header", *LOCAL]
            if "closing_word" in sections
            else ["none", "contact", "header", *LOCAL],
        )
    )
    return local, CueTable(pick(sections, ["none", *DOCUMENT]))


@frozen(kw_only=True)
class _Profile:
    """What kind of document it is: `kind` of PRIORS, the phrases that say so, and whether an offer is in it at all."""

    kind: str
    why: str
    offer: float
    phish: float
    warning: float


def _profile(document: Sequence[Cue], local: Sequence[Cue], source_kind: str) -> _Profile:
    found, near = distinct(document), distinct(local)
    offers = {name: found.get(name, 0) for name in OFFERS}
    best = max(offers, key=lambda name: offers[name])
    news = source_kind in ("news", "warning")
    warning = found.get("warning_voice", 0) + 3.0 * news
    honest = near.get("honest", 0)
    scores = {
        "offer": offers[best] * 1.0 + sum(offers.values()) * 0.3 + 0.2 * min(3, found.get("solicit", 0)) + 0.8 * (source_kind in ("ad", "landing", "app"))
        - 1.2 * warning - 0.8 * honest if offers[best] else 0.0,
        "warning": 0.9 * warning if warning >= 2 else 0.0,
        "complaint": 1.1 * found.get("complaint", 0) - (2.0 if news else 0.0),
        "commerce": 0.5 * near.get("commerce", 0) + 1.0 * honest + 0.6 * (source_kind == "classified") - 0.6 * warning,
        "mistaken": 2.2 * near.get("neutral", 0) - 0.8 * warning,
        "agency": 0.5 * found.get("agency_voice", 0) + 0.2 * near.get("authority", 0) - (1.5 if near.get("commerce", 0) > 2 else 0.0),
    }  # fmt: skip
    kind = max(scores, key=lambda name: scores[name])
    if scores[kind] < 0.9:
        kind = ""
    why = {"offer": f"offer ({best.removeprefix('offer_')})", "warning": "warning text", "complaint": "victim's report",
           "commerce": "honest trade", "mistaken": "mistaken transfer or lost and found", "agency": "notice of an agency"}.get(kind, "")  # fmt: skip
    return _Profile(kind=kind, why=why, offer=scores["offer"], phish=float(found.get("phish", 0)), warning=warning)


_JOINT = re.compile(r"(?:va|hoac|hay|cung|or|and|kiem|so|sdt|zalo|dt|tele|telegram|&)?")


def _groups(text: str, mentions: Sequence[Mention]) -> list[list[int]]:
    """Indexes of mentions that stand together: overlapping, or with nothing but a joint between them."""
    order = sorted(range(len(mentions)), key=lambda index: (mentions[index].start, mentions[index].end))
    groups: list[list[int]] = []
    reached = -1
    for index in order:
        mention = mentions[index]
        between = text[reached : mention.start] if reached >= 0 else ""
        joined = reached >= 0 and (
            mention.start <= reached
            or (len(between) < 24 and "\n" not in between and not re.search(r"[.!?;]\s", between) and _JOINT.fullmatch(fold(between)) is not None))  # fmt: skip
        if joined:
            groups[-1].append(index)
        else:
            groups.append([index])
        reached = max(reached, mention.end)
    return groups


class _Evidence(dict[Role, float]):
    """Sum per role, with the strongest piece remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons: dict[Role, tuple[float, str]] = {}

    def add(self, role: Role, amount: float, reason: str) -> None:
        self[role] = self.get(role, 0.0) + amount
        if amount > self.reasons.get(role, (0.0, ""))[0]:
            self.reasons[role] = (amount, reason)


def _near(
    reading: CueText, cues: Sequence[Cue], start: int, end: int, starts: Sequence[int]
) -> dict[str, tuple[float, str]]:
    """The strongest phrase of each class near a span: (strength before weighting by class is applied, phrase)."""
    first, last = reading.place(start), reading.place(max(start, end - 1))
    best: dict[str, tuple[float, str]] = {}
    for cue in cues:
        rule = LOCAL.get(cue.name) or (CueClass(N, 1.0, after=0.4, half=4.0) if cue.name == "contact" else None)
        if rule is None:
            continue
        if cue.end <= start:
            distance, factor = first - reading.place(cue.end - 1) - 1, rule.before
            between = sum(1 for other in starts if cue.end <= other < start)
        else:
            distance, factor = reading.place(cue.start) - last - 1, rule.after
            between = sum(1 for other in starts if end <= other < cue.start)
        distance += 3.0 * between
        strength = factor * 0.5 ** (max(0.0, distance) / rule.half)
        if strength > best.get(cue.name, (0.0, ""))[0]:
            best[cue.name] = (strength, cue.phrase)
    return best


_BULLET = re.compile(r"^\s*(?:[-–—•*+▪●◦✔✅👉➡☎📞🔴]|\(?\d{1,2}[.)/]|[a-z][.)])")


def _listed(
    reading: CueText, local: Sequence[Cue], document: Sequence[Cue], mentions: Sequence[Mention]
) -> dict[int, tuple[Role, str]]:
    """Role that the header of its list gives to the mention with an index, where it stands in one."""
    found: dict[int, tuple[Role, str]] = {}
    active: tuple[Role, str] | None = None
    offset = 0
    for line in reading.text.split("\n"):
        end = offset + len(line)
        inside = [index for index, mention in enumerate(mentions) if offset <= mention.start < end]
        weights = _Evidence()
        for cue in local:
            if offset <= cue.start < end and cue.name in LOCAL:
                weights.add(LOCAL[cue.name].role, LOCAL[cue.name].weight, cue.phrase)
        words = len(fold(line).split())
        if not inside:
            heading = line.rstrip().endswith(":") or (0 < words <= 18)
            if words:
                role = max(weights, key=lambda item: weights[item]) if weights else None
                active = (
                    (role, weights.reasons[role][1]) if role is not None and heading and weights[role] >= 1.2 else None
                )
            elif active is None:
                active = None
        elif active is not None:
            closing = any(offset <= cue.start < end and cue.name == "report" for cue in local)
            if _BULLET.match(line) or words <= 14 + 3 * len(inside):
                if closing and active[0] is S:
                    active = None
                else:
                    found.update(dict.fromkeys(inside, active))
            else:
                active = None
        offset = end + 1
    return found


def assign(
    text: str,
    mentions: Sequence[Mention],
    *,
    field: str = "text",
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
    local_table, document_table = _tables()
    spans = [(mention.start, mention.end) for mention in mentions]
    reading = CueText(text, spans)
    local, document = local_table.find(reading), document_table.find(reading)
    other = CueText(other_field_text[:20_000])
    profile = _profile([*document, *document_table.find(other)], [*local, *local_table.find(other)], source_kind)
    listed = _listed(reading, local, document, mentions)
    starts = sorted({mention.start for mention in mentions})
    result = list(mentions)
    for group in _groups(text, mentions):
        start, end = min(mentions[index].start for index in group), max(mentions[index].end for index in group)
        near = _near(
            reading, local, start, end, [other_start for other_start in starts if not start <= other_start < end]
        )
        for index in group:
            result[index] = _judge(mentions[index], near, profile, listed.get(index), url)
    return tuple(result)


def _judge(
    mention: Mention,
    near: Mapping[str, tuple[float, str]],
    profile: _Profile,
    header: tuple[Role, str] | None,
    url: str,
) -> Mention:
    evidence = _Evidence()
    for name, (strength, phrase) in near.items():
        if name == "contact":
            role, weight = CONTACT[profile.kind]
        else:
            role, weight = LOCAL[name].role, LOCAL[name].weight
        evidence.add(role, weight * strength, f"near: {phrase}")
    for role, weight in PRIORS[profile.kind].items():
        evidence.add(role, weight, profile.why)
    for role, weight in KINDS.get(mention.kind, {}).items():
        evidence.add(role, weight, mention.kind)
    if header is not None:
        evidence.add(header[0], _HEADER, f"list under: {header[1]}")
    _from_value(mention, evidence, url)
    if _is_official(mention):
        return _official(mention, evidence, profile)
    return _decided(mention, evidence)


def _from_value(mention: Mention, evidence: _Evidence, url: str) -> None:
    """Evidence from what the identifier is."""
    if mention.attributes.get("look_alike"):
        evidence.add(S, 2.2, f"look-alike of {mention.attributes['look_alike']}")
    if mention.kind == "handle" and mention.value.startswith("telegram:"):
        evidence.add(S, 0.7, "telegram handle")


def _official(mention: Mention, evidence: _Evidence, profile: _Profile) -> Mention:
    suspect, official = evidence.get(S, 0.0), evidence.get(O, 0.0) + 1.0
    if suspect > official:
        return evolve(mention, role=Role.SPOOFED, confidence=0.8, reason=f"allow-listed; {evidence.reasons[S][1]}")
    return evolve(mention, role=Role.OFFICIAL, confidence=0.95, reason="allow-listed")


def _decided(mention: Mention, evidence: _Evidence) -> Mention:
    if not evidence:
        return evolve(mention, role=Role.UNKNOWN, confidence=0.3, reason="nothing near it says why")
    ranked = sorted(evidence, key=lambda role: (-evidence[role], role))
    best = ranked[0]
    if evidence[best] < _LEAST:
        return evolve(mention, role=Role.UNKNOWN, confidence=0.3, reason="too little near it says why")
    second = evidence[ranked[1]] if len(ranked) > 1 else 0.0
    confidence = round(min(0.98, 0.5 + 0.5 * (evidence[best] - second) / (evidence[best] + 0.5)), 2)
    return evolve(mention, role=best, confidence=confidence, reason=evidence.reasons[best][1])
