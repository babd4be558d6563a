"""What the classes of `data/role_cues.txt` say about an identifier near them, and about the document."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from attrs import frozen

from extraction.cues import CueTable, pick, read_sections
from model.document import Role

S, O, V, N, E, C, U = Role.SUSPECT, Role.OFFICIAL, Role.VICTIM, Role.NEUTRAL, Role.EXAMPLE, Role.CHROME, Role.UNKNOWN  # noqa: E741


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
    "fraud": CueClass(S, 1.5),
    "impersonation": CueClass(S, 2.2),
    "scam_contact": CueClass(S, 1.7, after=0.9),
    "scam_pay": CueClass(S, 1.7),
    "lost": CueClass(S, 1.8, half=12.0),
    "prepay": CueClass(S, 0.9),
    "avoid": CueClass(S, 1.3),
    "fake_link": CueClass(S, 2.0, after=0.9),
    "spoof": CueClass(S, 0.8, half=9.0),
    "actor": CueClass(S, 1.2, after=0.6),
    "ask": CueClass(S, 0.9),
    "report": CueClass(O, 2.2, after=0.35, half=9.0),
    "genuine": CueClass(O, 2.8, after=0.6, half=7.0),
    "authority": CueClass(O, 1.0, after=0.7, half=6.0),
    "self_voice": CueClass(O, 0.5),
    "victim": CueClass(V, 5.0, after=0.15, half=4.0),
    "harmed": CueClass(V, 4.0, before=0.5, after=0.7, half=4.0),
    "neutral": CueClass(N, 1.6, half=14.0),
    "commerce": CueClass(N, 0.7),
    "honest": CueClass(N, 0.9, half=14.0),
    "example": CueClass(E, 5.0, after=0.3, half=8.0),
    "chrome": CueClass(C, 2.4, after=0.6, half=5.0),
    "question": CueClass(U, 1.8, half=10.0),
}

OFFERS = ("offer_loan", "offer_job", "offer_gamble", "offer_invest", "offer_recovery", "offer_travel", "offer_mule",
          "offer_forged", "offer_prize", "offer_adult", "offer_med", "offer_romance", "phish")  # fmt: skip
DOCUMENT = (*OFFERS, "solicit", "warning_voice", "complaint", "agency_voice")

PRIORS: Mapping[str, Mapping[Role, float]] = {
    "offer": {S: 2.4},
    "phish": {S: 2.6},
    "warning": {S: 0.9, O: 0.4},
    "complaint": {S: 1.3},
    "commerce": {N: 1.8},
    "mistaken": {N: 2.6},
    "agency": {O: 1.3},
    "news": {N: 0.5, O: 0.2},
    "": {N: 0.3},
}
"""Evidence from the kind of document. In warnings 72 % of full numbers were suspect and 22 % official (82 read)."""

AMBIGUOUS: Mapping[str, Mapping[str, tuple[Role, float]]] = {
    "contact": {
        "offer": (S, 0.6), "phish": (S, 0.6), "warning": (O, 0.7), "complaint": (S, 0.2), "commerce": (N, 1.0),
        "mistaken": (N, 1.0), "agency": (O, 1.0), "news": (N, 0.8), "": (N, 0.8),
    },
    "service": {
        "offer": (S, 0.6), "phish": (S, 0.6), "warning": (O, 1.4), "complaint": (O, 0.9), "commerce": (N, 0.6),
        "mistaken": (O, 0.6), "agency": (O, 1.4), "news": (O, 1.2), "": (O, 1.2),
    },
    "urge": {
        "offer": (S, 0.6), "phish": (S, 0.6), "warning": (O, 1.2), "complaint": (O, 0.5), "commerce": (N, 0.6),
        "mistaken": (N, 0.6), "agency": (O, 1.2), "news": (O, 0.5), "": (O, 0.4),
    },
    "first_person": {
        "offer": (S, 0.3), "phish": (S, 0.3), "warning": (V, 0.4), "complaint": (V, 3.4), "commerce": (N, 0.8),
        "mistaken": (N, 1.2), "agency": (O, 0.3), "news": (V, 0.4), "": (N, 0.8),
    },
}  # fmt: skip
"""What a bare `liên hệ`, `hotline`, `để được hỗ trợ`, `gọi em` says: it depends on the document."""

REACH: Mapping[str, CueClass] = {**LOCAL, **dict.fromkeys(AMBIGUOUS, CueClass(N, 1.0, after=0.4, half=4.0))}
"""How far the phrases of each class reach."""


@cache
def table() -> CueTable:
    """Two layers: phrases that stand near an identifier; phrases that tell what kind of document it is."""
    sections = read_sections("role_cues.txt")
    return CueTable(pick(sections, ["none", "header", *AMBIGUOUS, *LOCAL]), pick(sections, ["none", *DOCUMENT]))
