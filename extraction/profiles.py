"""What kind of document a text is: an offer, a scam message, a warning, a complaint, honest trade, a notice, news."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from extraction.cues import Cue, distinct
from extraction.role_cues import LOCAL, OFFERS
from model.document import Role


@frozen(kw_only=True)
class Profile:
    """What kind of document it is: `kind` of PRIORS and why; fake: a scam message, where official values are bait."""

    kind: str
    why: str
    sure: float = 1.0
    fake: bool = False


_WHY = {"phish": "scam message", "warning": "warning text", "complaint": "victim's report", "commerce": "honest trade",
        "mistaken": "mistaken transfer, lost and found or appeal", "agency": "notice of an agency", "news": "news"}  # fmt: skip


_TOLD = ("fraud", "impersonation", "scam_contact", "lost", "fake_link", "ask", "actor")
"""Classes of phrases in which people tell what was done to them."""

_UNLAWFUL = frozenset(("offer_gamble", "offer_mule", "offer_forged", "offer_adult", "offer_recovery"))
"""What no honest trader offers, however he promises to let the buyer look first."""


def _offers(document: Sequence[Cue]) -> dict[str, float]:
    """How much each kind of offer is spoken of: the longer a phrase, the less an honest text says it by chance."""
    weights: dict[str, dict[str, float]] = {name: {} for name in OFFERS[:-1]}
    for cue in document:
        if cue.name in weights:
            words = cue.phrase.count(" ") + 1
            weights[cue.name][cue.phrase] = 1.0 if cue.pattern or words >= 4 else (0.4, 0.7, 0.85)[words - 1]
    return {name: sum(phrases.values()) for name, phrases in weights.items()}


def profile_of(
    document: Sequence[Cue], local: Sequence[Cue], source_kind: str, bait: bool, speaker: bool, sms: bool
) -> Profile:
    """bait: the text holds an identifier that is not of the allow-list; speaker: it opens in an agency's name;
    sms: it is built as a message of a brand (`ACB: ...`) with a link that is not the brand's."""
    found, near = distinct(document), distinct(local)
    offers = _offers(document)
    offers["offer_prepay"] = 0.6 * min(2, near.get("prepay", 0))
    best = max(offers, key=lambda name: offers[name])
    news = source_kind in ("news", "warning")
    voice = found.get("warning_voice", 0)
    warning = voice + (1.5 if news and voice else 0.0)
    unlawful = best in _UNLAWFUL
    honest, commerce = (0, 0) if unlawful else (near.get("honest", 0), near.get("commerce", 0))
    pushed = source_kind in ("ad", "landing", "app", "channel")
    scores = {
        "offer": (1.0 * offers[best] + 0.3 * (sum(offers.values()) - offers[best]) + 0.2 * min(3, found.get("solicit", 0)) + 0.5 * pushed - 0.7 * warning - 0.9 * honest - 0.15 * commerce - 0.6 * found.get("complaint", 0)
                  - 2.0 * news) if offers[best] else 0.0,
        "phish": 1.3 * found.get("phish", 0) + 1.0 * sms - 0.8 * warning - 0.7 * found.get("complaint", 0) - 0.5 * commerce + 0.8 * (source_kind == "landing") - 1.5 * news,
        "warning": 0.8 * warning + 1.5 * speaker if warning >= 2 or (speaker and voice) else 0.0,
        "complaint": 1.1 * found.get("complaint", 0) + 0.4 * sum(name in near for name in _TOLD) - 0.4 - (3.0 if news else 0.0),
        "commerce": 0.5 * commerce + 0.9 * honest + 0.6 * (source_kind == "classified") - 0.5 * warning - 0.5 * near.get("prepay", 0) - 0.8 * news,
        "mistaken": 1.5 * near.get("neutral", 0) - 0.8 * warning - 0.3 * found.get("complaint", 0) - 1.0 * (source_kind == "warning"),
        "agency": 0.5 * found.get("agency_voice", 0) + 0.2 * near.get("authority", 0) + 0.9 * (source_kind == "warning") - 0.6 * voice - 0.3 * commerce + 1.5 * (speaker and not voice),
        "news": 0.7 if source_kind == "news" else 0.0,
    }  # fmt: skip
    if scores["commerce"] < 0.9 and source_kind != "classified":
        scores["commerce"] = 0.0
    if speaker:
        scores["commerce"] = scores["mistaken"] = scores["complaint"] = 0.0
    kind = max(scores, key=lambda name: scores[name])
    if scores[kind] < 0.6:
        kind = ""
    why = f"offer ({best.removeprefix('offer_')})" if kind == "offer" else _WHY.get(kind, "")
    fake = kind in ("offer", "phish") and (bait or source_kind == "landing")
    return Profile(kind=kind, why=why, sure=min(1.0, max(0.4, scores[kind] / 1.5)) if kind else 1.0, fake=fake)


_AT_ONCE = 40
"""Code points within which a text that an agency signs names it."""

_OPENING = re.compile(
    r"^.{0,90}?(?::| thông báo| khẳng định| cảnh báo| khuyến cáo| nhắc| đề nghị| trả lời| xin thông báo)",
    re.IGNORECASE | re.DOTALL,
)


def speaks_for_an_agency(text: str, local: Sequence[Cue]) -> bool:
    """Whether the text opens with the name of an agency that then speaks: `UBND xã Quảng Lập: ...`."""
    if not any(cue.name == "authority" and cue.start < _AT_ONCE for cue in local):
        return False
    opening = _OPENING.match(text.lstrip("[(*#⚠️ \n"))
    if opening is None:
        return False
    early = [cue for cue in local if cue.end <= opening.end() + 4]
    return any(cue.name == "authority" and cue.start < _AT_ONCE for cue in early) and not any(
        LOCAL[cue.name].role is Role.SUSPECT for cue in early if cue.name in LOCAL
    )


_LABEL = re.compile(r"^\W{0,3}(?:\[[^\]\n]{2,24}\]|[A-Z][A-Z0-9 .&-]{1,20}:|\([A-Z][A-Za-z ]{1,20}\))")


def labelled(text: str) -> bool:
    """Whether a text opens as a message of a brand does: `VCB: ...`, `[BIDV] ...`."""
    return len(text) <= 400 and _LABEL.match(text) is not None
