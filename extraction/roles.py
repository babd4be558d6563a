"""Why an identifier stands in a text: suspect, official, victim, neutral, example, chrome, spoofed or unknown.

Evidence is gathered: what kind of document it is (an offer, a warning, a victim's post, honest trade, a mistaken
transfer, an agency's notice), which phrases stand near the identifier and how near, which list it is in, and what the
identifier itself is (a police line, an installable file, a look-alike host). A model trained on labelled texts weighs it
together with the words of the document, the sentence and the identifier's surroundings; the likeliest role wins, its
share is the confidence, and the strongest phrase and words are the reason. A value of the allow-list is official, or
`spoofed` where the text says that it was faked or quotes it inside a scam message: never suspect.

Phrases are in `data/role_cues.txt`; what their classes mean is in `role_cues`, the allow-list in `official`, the kinds of
documents in `profiles`, the words' weights in `role_model`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from attrs import frozen

from extraction.cues import Cue, CueText, read_sections
from extraction.fold import fold
from extraction.official import host_of, is_official, is_official_domain, official_values
from extraction.profiles import Profile, labelled, profile_of, speaks_for_an_agency
from extraction.role_cues import AMBIGUOUS, AMBIGUOUS_REACH, LOCAL, OFFERS, PRIORS, tables
from extraction.role_model import Feature, RoleModel, document_features, near_features, read_words, role_model
from model.document import Mention, Role

__all__ = ["assign", "is_official_domain", "official_values"]

S, O, V, N, E, C, U = Role.SUSPECT, Role.OFFICIAL, Role.VICTIM, Role.NEUTRAL, Role.EXAMPLE, Role.CHROME, Role.UNKNOWN  # noqa: E741

KINDS: Mapping[str, Mapping[Role, float]] = {
    "hotline": {O: 1.0},
    "shortcode": {O: 1.5},
    "phone_prefix": {S: 1.2},
    "phone_partial": {S: 0.3},
    "file": {S: 1.8},
    "crypto": {S: 1.0},
}
"""Evidence from the kind of identifier alone."""

_OLD_TLDS = frozenset(
    (
        "vn",
        "com",
        "net",
        "org",
        "edu",
        "gov",
        "int",
        "mil",
        "eu",
        "us",
        "uk",
        "jp",
        "kr",
        "au",
        "de",
        "fr",
        "sg",
        "th",
        "io",
        "dev",
    )
)
"""Under any other one the fakes of the warnings read are many times commoner than honest hosts (domain notes, section 3)."""

_BRANDS = re.compile(
    r"(?:^|[.-])(?:vcb|vietcombank|bidv|vietinbank|agribank|techcombank|mbbank|acb|vpbank|tpb|tpbank|sacombank|hdbank|vib|shb|msb|ocb|eximbank|momo|"
    r"zalopay|vneid|dichvucong|dvc|vnpost|evn\w*|vssid|etax|thue|csgt|bocongan|congan|phatnguoi|shopee|lazada|tiki|viettel|vinaphone|"
    r"mobifone|ghtk|ghn|bhxh|baochinhphu|gov)(?=[.-])"
)
_PLAIN_HOSTS = frozenset(
    (
        "play.google.com",
        "apps.apple.com",
        "itunes.apple.com",
        "google.com",
        "maps.google.com",
        "goo.gl",
        "maps.app.goo.gl",
        "youtube.com",
        "youtu.be",
        "vietqr.io",
        "img.vietqr.io",
        "wikipedia.org",
        "vi.wikipedia.org",
        "vnexpress.net",
        "tuoitre.vn",
        "thanhnien.vn",
        "dantri.com.vn",
        "vietnamnet.vn",
        "nld.com.vn",
        "laodong.vn",
        "cafef.vn",
        "kenh14.vn",
        "soha.vn",
        "baolamdong.vn",
        "shopee.vn",
        "lazada.vn",
        "tiki.vn",
        "chotot.com",
        "vietnamairlines.com",
        "vietjetair.com",
        "github.com",
    )
)
"""Hosts that say nothing about who uses them: a link to one is neutral unless the text says otherwise."""

_NEWSROOM = re.compile(
    r"(?:toa-?soan|ban-?doc|bien-?tap|duong-?day-?nong|quang-?cao|phong-?vien|tri-?su|bandoc|news|baodientu)[\w.-]*@",
    re.IGNORECASE,
)
_PLACEHOLDER_HOST = re.compile(
    r"(?:^|[./-])(?:x{2,}|abc|xyz|example|vidu|tenmien|ten-mien|domain|yourdomain|website|tenweb|tencongty|tennganhang|tenshop|tentrang|diachi)(?=[./-]|$)"
)
_PLACEHOLDER_DIGITS = frozenset(
    (
        "0123456789",
        "123456789",
        "1234567890",
        "0987654321",
        "987654321",
        "0912345678",
        "0123456",
        "12345678",
        "84901234567",
    )
)
_DISGUISE = re.compile(r"[A-Za-zÀ-ỹ]|[^\x00-\x7f\s–—·•]")
_SPACED_DIGITS = re.compile(r"(?:\d[^\d]){6,}\d")

_CLAIMS: Mapping[str, float] = {"offer": 0.4, "phish": 0.4, "commerce": 0.6}
"""How far words of an agency are believed: offers claim to be official, shops have hotlines and offices."""

_REPEATED = 0.75
"""What each further piece of evidence for one role counts, to the power of its place."""

_WORDY = 7
"""Words beside the identifiers from which a text says something."""

_OTHER = 20_000
"""Code points of the other field that are read for the kind of document."""

_HEADER = 2.4
_OWN = "the site's own address"
_LEAST = 0.4
"""Evidence below which the role stays unknown."""


@cache
def _behind(name: str) -> tuple[re.Pattern[str], ...]:
    """What stands right behind an identifier: a victim's (`... của bà tại`), a caller's (`... gọi đòi nợ`)."""
    return tuple(re.compile(line[1:]) for line in read_sections("role_cues.txt")[name])


_JOINT = re.compile(
    r"(?:va|hoac|hay|cung|or|and|kiem|cung nhu)?(?: ?(?:so|sdt|dt|zalo|web|website|trang|fanpage|facebook|email|hotline|tele|dien thoai))?"
)


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
            or (
                len(between) < 24
                and "\n" not in between
                and not re.search(r"[.!?;]\s", between)
                and _JOINT.fullmatch(fold(between)) is not None
            )
        )
        if joined:
            groups[-1].append(index)
        else:
            groups.append([index])
        reached = max(reached, mention.end)
    return groups


class _Evidence:
    """Pieces of evidence per role. What is said in five ways is not five times as true: the second strongest piece
    counts less than the first, and so on."""

    def __init__(self) -> None:
        self._pieces: dict[Role, list[tuple[float, str]]] = {}

    def add(self, role: Role, amount: float, reason: str) -> None:
        """A piece for a role, or against it (a negative amount counts whole)."""
        if amount:
            self._pieces.setdefault(role, []).append((amount, reason))

    def scale(self, role: Role, factor: float) -> None:
        """Weaken all that was said for a role so far."""
        self._pieces[role] = [(amount * factor, reason) for amount, reason in self._pieces.get(role, [])]

    def total(self, role: Role) -> float:
        """What the pieces of a role weigh together."""
        amounts = sorted((amount for amount, _ in self._pieces.get(role, ())), reverse=True)
        return sum(amount * (_REPEATED**place if amount > 0 else 1.0) for place, amount in enumerate(amounts))

    def reason(self, role: Role) -> str:
        """The strongest piece of a role."""
        return max(self._pieces[role])[1] if self._pieces.get(role) else ""

    def ranked(self) -> list[tuple[float, Role]]:
        """Totals and roles, the best founded first."""
        return sorted(((self.total(role), role) for role in self._pieces), key=lambda item: (-item[0], item[1]))


# ---- what stands near


_WINDOW = 700
"""Code points to either side in which phrases can matter: beyond, the longest half-life leaves a twentieth."""


_BULLET = re.compile(r"^\s*(?:[-–—•*+▪●◦✔✅👉➡☎📞🔴❌⛔]|\(?\d{1,2}[.)/]\s|[a-z][.)]\s)")


def _listed(reading: CueText, local: Sequence[Cue], mentions: Sequence[Mention]) -> dict[int, tuple[Role, str]]:
    """Role that the header of its list gives to the mention with an index, where it stands in one.

    A header is a line without identifiers that ends in a colon or is short, and speaks of one role. It reaches over the
    lines that hold identifiers, to an empty line, a line of prose, a line without bullet after lines with bullets, or
    one that says where to report.
    """
    found: dict[int, tuple[Role, str]] = {}
    if "\n" not in reading.text:
        return found
    active: tuple[Role, str] | None = None
    bullets, offset = False, 0
    for line in reading.text.split("\n"):
        end = offset + len(line)
        inside = [index for index, mention in enumerate(mentions) if offset <= mention.start < end]
        here = [cue for cue in local if offset <= cue.start < end]
        words = reading.count(offset, end)
        bullet = _BULLET.match(line) is not None
        if not inside:
            active, bullets = _heading(line, here, words), False
        elif active is not None:
            own = _heading(line, here, words) if not bullet else None
            ends = (
                (bullets and not bullet)
                or words > 14 + 3 * len(inside)
                or (own is not None and own[0] is not active[0])
            )
            if ends:
                active = None
            else:
                found.update(dict.fromkeys(inside, active))
                bullets = bullet
        offset = end + 1
    return found


def _heading(line: str, here: Sequence[Cue], words: int) -> tuple[Role, str] | None:
    """The role that a line speaks of, when it can head a list."""
    weights = _Evidence()
    for cue in here:
        if cue.name in LOCAL and cue.name not in ("commerce", "honest", "self_voice", "authority", "actor", "ask"):
            weights.add(LOCAL[cue.name].role, LOCAL[cue.name].weight, cue.phrase)
    ranked = weights.ranked()
    if not ranked or not (line.rstrip().endswith(":") or (words <= 18 and not line.rstrip().endswith("."))):
        return None
    weight, role = ranked[0]
    return (role, weights.reason(role)) if weight >= 1.2 else None


_QUOTED = re.compile(r"[\"“«](?P<inside>[^\"“”»]{40,600})[\"”»]")


def _quotes(text: str, document: Sequence[Cue]) -> list[tuple[int, int]]:
    """Spans of quoted scam messages: quoted text that speaks as an offer or a false notice does."""
    speaks = [cue.start for cue in document if cue.name in OFFERS]
    if not speaks:
        return []
    return [
        match.span("inside")
        for match in _QUOTED.finditer(text)
        if any(match.start() < start < match.end() for start in speaks)
    ]


def _footers(text: str, local: Sequence[Cue]) -> list[tuple[int, int]]:
    """Spans of lines that speak as a site's footer does: two different phrases of the class `chrome` or more."""
    found: list[tuple[int, int]] = []
    offset = 0
    if sum(cue.name == "chrome" for cue in local) < 2:
        return found
    for line in text.split("\n"):
        end = offset + len(line)
        if len({cue.phrase for cue in local if cue.name == "chrome" and offset <= cue.start < end}) >= 2:
            found.append((offset, end))
        offset = end + 1
    return found


class _Around:
    """What stands around the mentions of a field."""

    def __init__(
        self, text: str, reading: CueText, local: Sequence[Cue], document: Sequence[Cue], mentions: Sequence[Mention]
    ) -> None:
        self._reading, self._cues = reading, local
        self._cue_starts = [cue.start for cue in local]
        self._starts = sorted({mention.start for mention in mentions})
        self.listed = _listed(reading, local, mentions)
        self.quotes = _quotes(text, document)
        self.footers = _footers(text, local)

    def near(self, start: int, end: int) -> dict[str, tuple[float, str]]:
        """The strongest phrase of each class near a span, as (strength 0 to 1, phrase).

        Each mention that stands between weakens a phrase.
        """
        first, last = self._reading.place(start), self._reading.place(max(start, end - 1))
        own, behind = bisect_left(self._starts, start), bisect_left(self._starts, end)
        best: dict[str, tuple[float, str]] = {}
        for cue in self._cues[
            bisect_left(self._cue_starts, start - _WINDOW) : bisect_left(self._cue_starts, end + _WINDOW)
        ]:
            rule = LOCAL.get(cue.name) or (AMBIGUOUS_REACH if cue.name in AMBIGUOUS else None)
            if rule is None:
                continue
            if cue.end <= start:
                distance, factor = first - self._reading.place(cue.end - 1) - 1, rule.before
                between = own - bisect_left(self._starts, cue.end)
            else:
                distance, factor = self._reading.place(cue.start) - last - 1, rule.after
                between = bisect_left(self._starts, cue.start) - behind
            strength = factor * 0.5 ** (max(0.0, distance + 3.0 * between) / rule.half)
            if strength > best.get(cue.name, (0.0, ""))[0]:
                best[cue.name] = (strength, cue.phrase)
        return best


# ---- the verdict


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
    case = describe(text, mentions, field=field, source_kind=source_kind, url=url, other_field_text=other_field_text)
    model = role_model()
    whole = model.total(case.document)
    return _agreed([_weighed(model, whole, found) for found in case.found])


SOURCES: Mapping[str, str] = {
    "facebook": "social", "comment": "social", "zalo": "channel", "telegram": "channel", "tiktok": "video",
    "youtube": "video", "post": "social", "notice": "warning", "government": "warning", "press": "news", "market": "classified", "web": "",
}  # fmt: skip
"""Kinds of sources by the names that others give them."""


@frozen(kw_only=True)
class Described:
    """A mention and what is known of it. evidence: by the phrases and rules; ruled: what they alone make of it;
    official: of the allow-list; settled: that is all, for the
    text says too little or it is the site's own address; features: what the model reads near it."""

    mention: Mention
    evidence: _Evidence
    ruled: Mention
    official: bool
    settled: bool
    features: tuple[Feature, ...]


@frozen(kw_only=True)
class Case:
    """The mentions of a field as described, and what the model reads of the document."""

    document: tuple[Feature, ...]
    found: tuple[Described, ...]


def describe(
    text: str, mentions: Sequence[Mention], *, field: str, source_kind: str, url: str, other_field_text: str
) -> Case:
    """What phrases, rules and words say of each mention; the arguments are those of `assign`."""
    source_kind = SOURCES.get(source_kind, source_kind)
    local_table, document_table = tables()
    reading = CueText(text, [(mention.start, mention.end) for mention in mentions])
    local, document = local_table.find(reading), document_table.find(reading)
    other = CueText(other_field_text[:_OTHER])
    other_local, other_document = local_table.find(other), document_table.find(other)
    official = [is_official(mention) for mention in mentions]
    foreign = [mention.kind for mention, listed in zip(mentions, official, strict=True) if not listed]
    sms = "link" in foreign and labelled(text)
    speaker = not sms and (speaks_for_an_agency(text, local) or speaks_for_an_agency(other_field_text, other_local))
    profile = profile_of([*document, *other_document], [*local, *other_local], source_kind, bool(foreign), speaker, sms)
    around = _Around(text, reading, local, document, mentions)
    wordy = reading.size - 4 * len(mentions) >= _WORDY and not any(cue.name == "question" for cue in local)
    words = read_words(text, mentions)
    places = [words.place(mention.start) for mention in mentions]
    order = sorted(set(places))
    result: dict[int, Described] = {}
    for group in _groups(text, mentions):
        start, end = min(mentions[index].start for index in group), max(mentions[index].end for index in group)
        near, quoted = around.near(start, end), _inside(start, around.quotes)
        for index in group:
            mention = mentions[index]
            evidence = _gathered(near, profile, around.listed.get(index))
            _from_value(mention, evidence, url, source_kind)
            _from_text(text, mention, evidence)
            if quoted:
                evidence.add(S, 1.8, "inside a quoted scam message")
            if _inside(start, around.footers):
                evidence.add(C, 3.2, "line of a site's footer")
            if official[index]:
                ruled = _official(mention, near, evidence, profile.fake or quoted)
            else:
                ruled = _decided(mention, evidence, wordy)
            features = (
                *near_features(words, places[index]),
                *_signs(mention, source_kind, order.index(places[index]), len(order)),
                *_ruled_signs(ruled, evidence, profile, official[index]),
                *_cue_signs(near),
            )
            result[index] = Described(
                mention=mention, evidence=evidence, ruled=ruled, official=official[index],
                settled=(ruled.role is U and not wordy) or (ruled.role is C and evidence.reason(C) == _OWN), features=features,
            )  # fmt: skip
    return Case(
        document=tuple(document_features(words, read_words(other_field_text[:_OTHER], ()))),
        found=tuple(result[index] for index in range(len(mentions))),
    )


def _signs(mention: Mention, source_kind: str, order: int, count: int) -> Iterator[Feature]:
    """What the identifier is, where the text is from, and its place among the identifiers."""
    yield "x", "bias", 1.0
    yield "x", f"kind {mention.kind}", 1.0
    yield "x", f"source {source_kind}", 1.0
    yield "x", f"kind {mention.kind} of {source_kind}", 0.7
    yield "x", "first" if order == 0 else "last" if order == count - 1 else "between", 0.5
    yield "x", f"{min(count, 5)} places", 0.5
    if mention.kind == "phone":
        home = (
            "landline"
            if mention.value.startswith("+842")
            else "mobile"
            if mention.value.startswith("+84")
            else "foreign"
        )
        yield "x", home, 1.0
    elif mention.kind in ("link", "email"):
        host = host_of(mention)
        yield "x", f"under .{host.rpartition('.')[2]}", 1.0
        if "-" in host:
            yield "x", "hyphen in host", 0.7
        if re.search(r"\d", host):
            yield "x", "digit in host", 0.7


_SURE = 0.8
_FAINT = 0.1


def _ruled_signs(ruled: Mention, evidence: _Evidence, profile: Profile, official: bool) -> Iterator[Feature]:
    """What phrases and rules make of it."""
    yield "x", f"ruled {ruled.role.value}", 0.5
    if ruled.confidence >= _SURE:
        yield "x", f"ruled {ruled.role.value} surely", 1.0
    yield "x", f"document {profile.kind}", 0.7 * profile.sure
    if official:
        yield "x", "allow-listed", 2.0
    for total, role in evidence.ranked():
        yield "x", f"evidence {role.value}", 0.5 * max(-2.0, min(4.0, total))


def _cue_signs(near: Mapping[str, tuple[float, str]]) -> Iterator[Feature]:
    """How strongly each class of phrases stands near it."""
    for name, (strength, _) in sorted(near.items()):
        if strength > _FAINT:
            yield "x", f"near {name}", strength


_OF_OFFICIAL = (O, Role.SPOOFED, C)
"""What a value of the allow-list can be."""


_SURE = 0.75
_SELDOM_OFFICIAL = frozenset({"account", "wallet", "crypto", "file", "phone"})
"""Where the phrases name a suspect and the words alone an authority, the words must be sure: a notice that quotes the
fraud's number speaks like the authority, and its own numbers are hotlines or stand on the allow-list."""


def _weighed(model: RoleModel, whole: Sequence[float], found: Described) -> Mention:
    """The likeliest role; a value of the allow-list is never suspect; where a text says too little nothing is known."""
    if found.settled:
        return found.ruled
    shares = model.shares(whole, model.total(found.features))
    if found.official:
        shares = {role: share for role, share in shares.items() if role in _OF_OFFICIAL}
    role = max(shares, key=lambda role: (shares[role], role))
    if role is O and found.ruled.role is S and shares[O] < _SURE and found.mention.kind in _SELDOM_OFFICIAL:
        role = S
    confidence = round(min(0.98, shares[role] / sum(shares.values())), 2)
    return _judged(found.mention, role, confidence, _why(model, found, role))


_WORDS_SHOWN = 3


def _why(model: RoleModel, found: Described, role: Role) -> str:
    """The strongest phrase or rule for the role, and the words near it that weighed most."""
    reasons = [found.ruled.reason if found.ruled.role is role else found.evidence.reason(role)]
    shown: list[str] = []
    for _, _, seen in model.strongest(found.features, role):
        told = "<" not in seen and any(character.isalpha() for character in seen)
        if told and not any(seen in other or other in seen for other in shown) and len(shown) < _WORDS_SHOWN:
            shown.append(seen)
    if shown:
        reasons.append(f"words: {', '.join(shown)}")
    return "; ".join(filter(None, reasons)) or "how texts like this one speak"


def _inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(begin <= place < stop for begin, stop in spans)


def _judged(mention: Mention, role: Role, confidence: float, reason: str) -> Mention:
    """The mention with its role; `evolve` takes three times as long."""
    return Mention(
        kind=mention.kind, value=mention.value, raw=mention.raw, field=mention.field, start=mention.start, end=mention.end,
        role=role, confidence=confidence, reason=reason, attributes=mention.attributes,
    )  # fmt: skip


def _gathered(near: Mapping[str, tuple[float, str]], profile: Profile, header: tuple[Role, str] | None) -> _Evidence:
    """Evidence from the phrases near it, the kind of document and the head of its list."""
    evidence = _Evidence()
    for name, (strength, phrase) in near.items():
        role, weight = AMBIGUOUS[name][profile.kind] if name in AMBIGUOUS else (LOCAL[name].role, LOCAL[name].weight)
        believed = _CLAIMS.get(profile.kind, 1.0) if role is O else 1.0
        evidence.add(role, weight * strength * believed, f"near: {phrase}")
    asked = max(near.get("contact", (0.0, ""))[0], near.get("service", (0.0, ""))[0], near.get("urge", (0.0, ""))[0])
    authority, phrase = near.get("authority", (0.0, ""))
    if profile.kind not in ("offer", "phish"):
        evidence.add(O, (2.8 if profile.kind == "mistaken" else 1.6) * min(asked, authority), f"contact of: {phrase}")
    if profile.kind in ("mistaken", "commerce") and "harmed" not in near:
        evidence.scale(V, 0.45)  # one's own number in a post about something else
    for role, weight in PRIORS[profile.kind].items():
        evidence.add(role, weight * profile.sure, profile.why)
    if header is not None:
        evidence.add(header[0], _HEADER, f"list under: {header[1]}")
    return evidence


def _from_value(mention: Mention, evidence: _Evidence, url: str, source_kind: str) -> None:
    """Evidence from what the identifier is."""
    for role, weight in KINDS.get(mention.kind, {}).items():
        evidence.add(role, weight, mention.kind)
    if mention.kind in ("link", "email"):
        _from_host(mention, evidence, url)
    elif mention.kind == "handle":
        platform, _, name = mention.value.partition(":")
        if platform in ("telegram", "whatsapp"):
            evidence.add(S, 0.7, f"{platform} handle")
        if "cskh" in name or "hotro" in name:
            evidence.add(S, 0.8, "handle that plays a service desk")
    elif mention.kind == "phone":
        _from_phone(mention, evidence, source_kind)
    if mention.kind in ("phone", "account", "wallet") and len(mention.raw) < 40:
        digits = re.sub(r"\D", "", mention.raw) or mention.value
        if digits in _PLACEHOLDER_DIGITS or re.fullmatch(r"0?\d?\d?(\d)\1{5,}", digits):
            evidence.add(E, 3.2, "placeholder digits")
        if _DISGUISE.search(mention.raw) or _SPACED_DIGITS.search(mention.raw):
            evidence.add(S, 0.4, "written in disguise")
    if mention.kind in ("link", "file"):
        evidence.scale(V, 0.2)  # links are nobody's own
    if mention.kind == "phone_partial" and mention.value.count("x") >= 6:
        evidence.add(E, 1.2, "nearly all digits masked")


def _from_phone(mention: Mention, evidence: _Evidence, source_kind: str) -> None:
    value = mention.value
    if not value.startswith("+84"):
        evidence.add(S, 1.0, "foreign number")
    elif value.startswith(("+842499", "+842899", "+842888", "+842877")):
        evidence.add(S, 0.8, "VoIP block of the watch list")
    elif value.startswith("+842"):
        evidence.add(O, 0.7 if source_kind in ("news", "warning") else 0.4, "landline")
        evidence.add(S, -0.4, "landline")


def _from_host(mention: Mention, evidence: _Evidence, url: str) -> None:
    host = host_of(mention).removeprefix("www.")
    if mention.kind == "email" and _NEWSROOM.match(mention.value):
        evidence.add(C, 2.6, "mailbox of a newsroom")
    if _PLACEHOLDER_HOST.search(host.rpartition(".")[0]):
        evidence.add(E, 3.6, "placeholder host")
        return
    labels = host.split(".")
    registrable = ".".join(labels[-2:])
    if host in _PLAIN_HOSTS or registrable in _PLAIN_HOSTS:
        evidence.add(N, 2.2, "common host")
        evidence.add(S, -1.2, "common host")
        return
    if mention.attributes.get("look_alike"):
        evidence.add(S, 2.0, f"look-alike of {mention.attributes['look_alike']}")
    elif _BRANDS.search(host):
        evidence.add(S, 1.4, "brand in a foreign host")
    if labels[-1] not in _OLD_TLDS or re.fullmatch(r"\d+(?:\.\d+){3}", host):
        evidence.add(S, 1.0, f"host under .{labels[-1]}")
    elif host.endswith((".edu.vn", ".org.vn")):
        evidence.add(O, 1.0, "school or association")
    own = re.sub(r"^\w+://(?:www\.)?([^/:]+).*", r"\1", url)
    if own and (host == own or own.endswith("." + host)):
        evidence.add(C, 2.0, _OWN)


_TEMPLATE = re.compile(r"(?:soan|nhan|cu phap|gui)(?: \w+){0,6} ?$")


def _from_text(text: str, mention: Mention, evidence: _Evidence) -> None:
    """Evidence from the words right around it: a blank of a template, somebody's own."""
    around = text[max(0, mention.start - 1) : mention.start].strip() + text[mention.end : mention.end + 1].strip()
    before = fold(text[max(0, mention.start - 24) : mention.start].rsplit("\n", 1)[-1])
    if mention.kind == "link" and before in ("theo", "nguon", "nguon tin", "theo bao"):
        evidence.add(C, 2.6, "named as the source")
        evidence.add(S, -1.0, "named as the source")
    if around in ("()", "[]", "<>", "{}") and _TEMPLATE.search(fold(text[max(0, mention.start - 40) : mention.start])):
        evidence.add(E, 4.0, "blank of a template")
    if text[mention.end : mention.end + 2].startswith((". ", "; ", "! ", "? ")):
        return
    behind = fold(text[mention.end : mention.end + 90].split("\n", 1)[0])
    if any(pattern.search(behind) for pattern in _behind("own_after")):
        evidence.add(V, 4.2, "called somebody's own")
    if any(pattern.search(behind) for pattern in _behind("behind")):
        evidence.add(S, 1.9, "named as the caller")


def _official(mention: Mention, near: Mapping[str, tuple[float, str]], evidence: _Evidence, fake: bool) -> Mention:
    """An allow-listed value: spoofed inside a scam message, or where the text says that it was faked; else official."""
    spoof, phrase = near.get("spoof", (0.0, ""))
    genuine = max(near.get(name, (0.0, ""))[0] for name in ("genuine", "report"))
    if fake and near.get("genuine", (0.0, ""))[0] < 0.8:
        return _judged(mention, Role.SPOOFED, 0.8, "allow-listed, bait of a scam message")
    if spoof > 0.4 and spoof >= genuine:
        return _judged(mention, Role.SPOOFED, 0.8, f"allow-listed; near: {phrase}")
    if evidence.total(C) > evidence.total(O) + 0.5:
        return _judged(mention, Role.CHROME, 0.7, evidence.reason(C))
    return _judged(mention, Role.OFFICIAL, 0.95, "allow-listed")


def _decided(mention: Mention, evidence: _Evidence, wordy: bool) -> Mention:
    """The role with most evidence; where there is too little, neutral in a text that says something, else unknown."""
    ranked = evidence.ranked()
    if not ranked or ranked[0][0] < _LEAST:
        if wordy:
            return _judged(mention, Role.NEUTRAL, 0.35, "nothing in the text speaks against it")
        return _judged(mention, Role.UNKNOWN, 0.3, "too little near it says why")
    weight, role = ranked[0]
    second = max(0.0, ranked[1][0]) if len(ranked) > 1 else 0.0
    confidence = round(min(0.98, 0.5 + 0.5 * (weight - second) / (weight + 0.5)), 2)
    return _judged(mention, role, confidence, evidence.reason(role))


def _agreed(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """One value has one role in a field: the best founded of its mentions speaks for those that are unknown."""
    best: dict[tuple[str, str], Mention] = {}
    for mention in mentions:
        key = (mention.kind, mention.value)
        if mention.role is not Role.UNKNOWN and (key not in best or mention.confidence > best[key].confidence):
            best[key] = mention
    return tuple(
        _judged(mention, better.role, better.confidence, better.reason)
        if mention.role is Role.UNKNOWN and (better := best.get((mention.kind, mention.value))) is not None else mention
        for mention in mentions
    )  # fmt: skip
