"""What one document says about a fraud: its join keys, its suspects, and the marks that honest posts seldom carry."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from ahocorasick_rs import AhoCorasick
from attrs import frozen

from extraction.extract import key_rank, keys
from extraction.fold import fold
from model.document import Document, DocumentVersion, Mention, Role

OFFICIAL_KINDS = frozenset({"news", "warning"})
"""Source kinds that tell about a fraud instead of committing it: they join leads and never tie two leads together."""

STRONG_KINDS = frozenset({"phone", "hotline", "account", "wallet", "crypto", "card", "link", "handle", "email", "file"})
"""Kinds that name one person's tool; prefixes, partial numbers and short codes do not."""

LIST_KEYS = 12
"""A document with more join keys than this is a list (a copied black list): it joins leads and never ties two together."""

OPENNESS = (
    "ky hop dong", "hop dong lao dong", "dong bhxh", "dong bao hiem", "bao hiem xa hoi", "bao hiem day du", "thu viec",
    "phong nhan su", "nop ho so truc tiep", "phong van truc tiep", "phong van tai", "tai van phong", "den van phong", "tru so",
    "tai quay", "tai chi nhanh", "chi nhanh", "tai cua hang", "tai diem giao dich", "ghe shop", "ghe tiem", "xuat hoa don", "hoa don vat",
    "khong thu phi", "khong thu bat", "mien phi tai", "khong nhan coc", "khong can coc", "khong phai dat coc", "den xem", "qua xem", "xem hang",
    "xem phong", "xem nha", "xem dat", "xem xe", "cong chung ngay", "cong chung sang ten", "nhan phong roi", "xem phong roi", "thanh toan khi",
    "tra tien khi", "tien mat khi", "kiem tra hang", "dong kiem", "doi tra", "bao hanh", "tra soat", "lam don", "giay phep", "ma so thue", "mst",
    "to tiet kiem", "giu em be", "giu tre", "trong tre", "phu bep", "phu quan", "phuc vu ban", "bao com", "bao an", "ca sang", "ca toi",
    "tai nha van hoa", "uy ban", "mat tran", "phong cong tac xa hoi", "tai benh vien", "tai truong",
)  # fmt: skip
"""What people say who can be found at a place and answer for themselves (folded words). It proves nothing: a swindler can
write it too. It only asks for more than one sign: see `alerts.scoring`."""

SOFT_OFFERS = frozenset({"loan", "job", "travel", "prepay", "med"})
"""Offers (`offer (<name>)` in the reason that `extraction.roles` gives) that honest people make in nearly the same words. A
guess from such words alone waits until the identifier recurs, or until somebody tells of a loss."""

_OPENNESS = AhoCorasick([f" {phrase} " for phrase in OPENNESS])
_OFFER = re.compile(r"offer \((\w+)\)")
_PLAIN = re.compile(r"[+(]?[0-9][0-9+().\-\s\u00a0/]*")
_WHAT = re.compile(r"(?i)^(zalo|sđt|sdt|tel)\s*[:.]?\s*")
_DIGIT_OR_O = re.compile(r"\d|[oO]")
_BETWEEN = re.compile(r"(?<=\d)[^\d]+(?=\d)")
_DIGIT_BY_DIGIT = 6


@frozen(kw_only=True)
class Evidence:
    """One document as the grouping sees it.

    at: `collected`. keys: join keys of its suspects, best first. copies: `copy:<document id>` of itself and of the
    documents that it is a copy of. echoes: join keys of identifiers that nothing in this text speaks against: it belongs to a
    lead in whose posts something does. bridges: may tie two leads together. queries: saved queries that it met.
    suspects: what the lead lists. marks: `disguised`, `look_alike`, `installable`, `shortener`, `open` (the author can
    be found at a place, as far as he says). honest_only: it names
    identifiers and none of them is suspect. ground: why its identifiers are
    suspect, `told` (a text accuses or describes a trick), `offer` (an offer no honest one makes) or `soft` (an offer in words
    that honest ones use). family: its near-duplicate family. reach: views, or interactions where views are not told. leads:
    codes of leads that it stood on when it was read.
    """

    document: str
    seq: int
    at: datetime
    published: datetime | None = None
    source: str
    source_kind: str
    keys: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    echoes: tuple[str, ...] = ()
    bridges: bool = True
    queries: tuple[str, ...] = ()
    suspects: tuple[Mention, ...] = ()
    narratives: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    honest_only: bool = False
    ground: str = "told"
    family: str = ""
    reach: int = 0
    leads: tuple[str, ...] = ()

    @property
    def official(self) -> bool:
        return self.source_kind in OFFICIAL_KINDS

    @property
    def joins(self) -> tuple[str, ...]:
        """Everything by which it can meet others: keys first, then copies."""
        return self.keys + self.copies

    @property
    def strong(self) -> tuple[Mention, ...]:
        """Suspects of kinds that name one person's tool."""
        return tuple(mention for mention in self.suspects if mention.kind in STRONG_KINDS)


def read(
    version: DocumentVersion, *, queries: Sequence[str] = (), copies: Collection[str] = (), family: str = ""
) -> Evidence:
    """The evidence of a document version. queries: ids of saved queries it met; copies: ids of documents that it is a copy of."""
    document = version.document
    suspects = document.suspects
    joins = sorted({key for mention in suspects for key in keys(mention)}, key=lambda key: (key_rank(key), key))
    official = document.source_kind in OFFICIAL_KINDS
    echoes = _echoes(document.mentions) if not official else ()
    return Evidence(
        document=document.id,
        seq=version.seq,
        at=document.collected,
        published=document.published,
        source=document.source,
        source_kind=document.source_kind,
        keys=tuple(joins),
        copies=tuple(f"copy:{one}" for one in dict.fromkeys((document.id, *sorted(copies)))),
        echoes=echoes,
        bridges=not official and len(joins) <= LIST_KEYS and bool(joins or not echoes),
        queries=tuple(queries),
        suspects=suspects,
        narratives=document.narratives,
        regions=document.regions,
        marks=frozenset(mark for mention in suspects for mark in _marks(mention, official=official))
        | (_openness(document) if suspects and not official else frozenset()),
        honest_only=_honest_only(document.mentions),
        ground=_ground(suspects),
        family=family or version.family or document.id,
        reach=document.views or sum(n or 0 for n in (document.likes, document.comments, document.shares)),
        leads=version.leads,
    )


def _echoes(mentions: Sequence[Mention]) -> tuple[str, ...]:
    plain = [one for one in mentions if one.role in (Role.NEUTRAL, Role.UNKNOWN) and one.kind in STRONG_KINDS]
    return tuple(dict.fromkeys(key for mention in plain for key in keys(mention)))


def _ground(suspects: Sequence[Mention]) -> str:
    offers = [_OFFER.search(mention.reason) for mention in suspects if mention.kind in STRONG_KINDS]
    if not offers or None in offers:
        return "told"
    return "soft" if {offer[1] for offer in offers if offer} <= SOFT_OFFERS else "offer"


def _marks(mention: Mention, *, official: bool) -> set[str]:
    found = set()
    if mention.attributes.get("look_alike"):
        found.add("look_alike")
    if mention.attributes.get("shortener") in ("true", "yes", "1"):
        found.add("shortener")
    if mention.kind == "file":
        found.add("installable")
    read_by = mention.attributes.get("read_by")  # a payment code's own text is no disguise
    if not official and mention.kind in ("phone", "account", "wallet") and read_by != "qr" and _disguised(mention.raw):
        found.add("disguised")
    return found


def _openness(document: Document) -> frozenset[str]:
    words = f" {fold(document.title)} {fold(document.text)} "
    return frozenset({"open"} if _OPENNESS.find_matches_as_indexes(words) else ())


def _disguised(raw: str) -> bool:
    """Written so that a filter does not see a number: letters, symbols or a break at nearly every digit."""
    digits = _WHAT.sub("", raw.strip())
    if not _PLAIN.fullmatch(digits):
        return bool(_DIGIT_OR_O.search(digits)) and "http" not in digits and "." not in digits.strip(".")
    return len(_BETWEEN.findall(digits)) >= _DIGIT_BY_DIGIT


def _honest_only(mentions: Sequence[Mention]) -> bool:
    named = [mention for mention in mentions if mention.role not in (Role.CHROME, Role.EXAMPLE)]
    return bool(named) and all(mention.role in (Role.OFFICIAL, Role.NEUTRAL, Role.VICTIM) for mention in named)
