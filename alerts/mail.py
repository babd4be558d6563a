"""The layout of mails: what a lead mail and a digest say, as text and as HTML, and the bytes that go to a server.

Nothing of a post ever stands in a header. Every identifier is written so that no mail program makes a link or a call of
it, every excerpt is masked, and the one live link of a mail is the console's. A message is rendered once, before it is
stored; a repeat after a lost answer is the same bytes but for the date.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import frozen
from django.template import Context, Engine, Template

from alerts import wording
from alerts.routing import proposals
from extraction.defang import defang, mask, mask_raw
from extraction.kinds.base import kinds
from model.document import DocumentVersion, Mention, Role
from model.errors import DeliveryRefusedError
from model.ids import delivery_id
from model.lead import Lead, LeadIdentifier
from model.message import Message, Recipient

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

EXCERPT = 300
"""Characters of a post that a mail may show (notes on mail safety)."""

SHOWN_IDENTIFIERS = 12
SHOWN_SOURCES = 6

_TEMPLATES = Path(__file__).parent / "templates"
_DIGITS = re.compile(r"\d(?:[\d .\-\u00a0]{4,}\d)")
_LONG = 8
"""Digits from which a run may be a telephone or account number."""

_CALLABLE = frozenset(
    {"phone", "hotline", "account", "card", "wallet", "shortcode", "account_partial", "phone_partial"}
)


@frozen(kw_only=True)
class Letterhead:
    """What is the same in every mail of an installation.

    department: as it signs. sender: address that mails come from; its domain also makes the Message-IDs, so it must
    not change while mails are under way. console_url: without a trailing slash, the only live link. province: the
    installation's own province code, "" for the whole country.
    """

    department: str = "Sở Khoa học và Công nghệ"
    sender: str = "canhgiac@localhost"
    console_url: str = "http://127.0.0.1:8600"
    province: str = ""

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2] or "localhost"


@frozen(kw_only=True)
class LeadCase:
    """A lead with what its mail tells of it.

    documents: versions of its documents, the first ones. titles: of its saved queries. warnings: time and source title
    of official warnings, earliest first. source_titles: by source id. place: Vietnamese label or "".
    """

    lead: Lead
    documents: Sequence[DocumentVersion]
    titles: Sequence[str]
    form_names: Sequence[str] = ()
    warnings: Sequence[tuple[datetime, str]] = ()
    source_titles: Mapping[str, str] = {}
    places: Sequence[str] = ()


def message_id(delivery: str, head: Letterhead) -> str:
    """RFC 5322 identifier of a delivery's message, the same for every attempt."""
    return f"{delivery}@{header_text(head.domain)}"


def lead_message(
    case: LeadCase,
    recipient: Recipient,
    address: str,
    *,
    head: Letterhead,
    now: datetime,
    purpose: str = "lead",
    stand_in: Recipient | None = None,
) -> tuple[str, Message]:
    """Delivery id and message that tells a recipient of a lead. purpose: `lead`, `update:<what>` or `correction`.

    Later messages of the same lead thread under the first one of that address.
    """
    lead = case.lead
    delivery = delivery_id(lead.id, recipient.channel, address, purpose)
    first = delivery_id(lead.id, recipient.channel, address, "lead")
    shown = _lead_view(case, recipient, head=head, now=now, purpose=purpose, stand_in=stand_in)
    subject = _subject(case, purpose)
    return delivery, Message(
        subject=subject,
        text=_render("lead.txt", shown),
        html=_render("lead.html", {**shown, "subject": subject}),
        message_id=message_id(delivery, head),
        references=() if purpose == "lead" else (message_id(first, head),),
        headers={"X-CanhGiac-Lead": lead.code, "Auto-Submitted": "auto-generated"},
    )


def _subject(case: LeadCase, purpose: str) -> str:
    place = case.places[0].partition(" (")[0] if case.places else "chưa rõ địa bàn"
    urgent = "[KHẨN]" if case.lead.priority == "immediate" else ""
    kind = {"lead": "[CHƯA XÁC MINH]", "correction": "[ĐÍNH CHÍNH]"}.get(purpose, "[TIN THÊM][CHƯA XÁC MINH]")
    title = case.titles[0] if case.titles else case.lead.title
    return header_text(f"{urgent if purpose != 'correction' else ''}{kind} {case.lead.code} {title} – {place}")


def _lead_view(
    case: LeadCase, recipient: Recipient, *, head: Letterhead, now: datetime, purpose: str, stand_in: Recipient | None
) -> dict[str, object]:
    lead = case.lead
    masked = recipient.masking == "identifiers"
    shown = [identifier for identifier in lead.identifiers if identifier.role is not Role.VICTIM]
    first = case.documents[0] if case.documents else None
    escalation = ""
    if stand_in is not None and recipient.escalate_after is not None:
        escalation = f"nếu chưa ai nhận trước {clock(now + recipient.escalate_after)}, tin chuyển cho {stand_in.name}"
    return {
        "lead": lead.code,
        "purpose": purpose.partition(":")[0],
        "urgent": lead.priority == "immediate",
        "form": "; ".join(case.form_names) or (case.titles[0] if case.titles else lead.title),
        "level": wording.level(lead.score, urgent=lead.priority == "immediate"),
        "score": str(lead.score),
        "published": clock(first.document.published) if first and first.document.published else "không rõ",
        "collected": clock(lead.first_seen),
        "sent": clock(now),
        "novelty": defang(lead.novelty),
        "reason": defang(lead.reason),
        "warning": _warning(case),
        "identifiers": [_identifier(number, one, masked) for number, one in enumerate(shown[:SHOWN_IDENTIFIERS], 1)],
        "more_identifiers": str(len(shown) - SHOWN_IDENTIFIERS) if len(shown) > SHOWN_IDENTIFIERS else "",
        "excerpt": excerpt(first) if first else "",
        "excerpt_source": _source_words(first, case) if first else "",
        "documents": wording.number(len(lead.documents)),
        "sources": _sources(case),
        "reach": wording.reach(case.documents),
        "places": [defang(place) for place in case.places] or ["chưa xác định được từ nội dung"],
        "evidence": " ".join(_eights(evidence_hash(case.documents))),
        "proposals": [{"body": body, "what": what} for body, what in proposals(lead)],
        "draft": wording.draft(case.lead, case.titles, head.department),
        "holder": recipient.name,
        "escalation": escalation,
        "link": f"{head.console_url}/vu-viec/{lead.code}/",
        "queries": "; ".join(case.titles),
        "department": head.department,
    }


def _identifier(number: int, one: LeadIdentifier, masked: bool) -> dict[str, str]:
    kind = kinds().get(one.entity.kind)
    attributes = one.attributes
    details = [
        f"ngân hàng {attributes['bank']}" if attributes.get("bank") else "",
        f"chủ tài khoản ghi là {attributes['holder']}" if attributes.get("holder") and not masked else "",
        f"nhái {attributes['look_alike']}" if attributes.get("look_alike") else "",
        "liên kết rút gọn" if attributes.get("shortener") in ("true", "yes", "1") else "",
        f"mã ghi số tiền {wording.number(int(amount))} đồng"
        if (amount := attributes.get("amount", "")).isdecimal()
        else "",
        wording.pictured(attributes),
    ]
    times = f"{one.mentions} lần trong {one.documents} bài" if one.documents > 1 else f"{one.mentions} lần"
    value = mask(one.entity.kind, one.entity.value) if masked else one.entity.value
    return {
        "number": str(number),
        "label": _capital(kind.label if kind else one.entity.kind),
        "value": show(one.entity.kind, value),
        "details": defang(", ".join(detail for detail in details if detail)),
        "image": defang(attributes.get("image", "")),
        "role": f"máy đoán: {wording.ROLES[one.role]}",
        "times": times,
    }


def show(kind: str, value: str) -> str:
    """A value as mails write it: defanged, and digits in groups that no program takes for a number to call."""
    if kind == "phone" and value.startswith("+84"):
        value = f"0{value[3:]}"
    if kind in _CALLABLE:
        return re.sub(r"\d{4,}", lambda run: _groups(run[0]), defang(value))
    return re.sub(r"\d{8,}", lambda run: _groups(run[0]), defang(value))


def _groups(digits: str) -> str:
    parts = [digits[:4], *(digits[place : place + 3] for place in range(4, len(digits), 3))]
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [parts[-2] + parts[-1]]
    return "·".join(parts)


def excerpt(version: DocumentVersion) -> str:
    """The beginning of a post with every identifier masked, defanged, at most EXCERPT characters."""
    document = version.document
    title = _masked(document.title, [mention for mention in document.mentions if mention.field == "title"])
    text = _masked(document.text, [mention for mention in document.mentions if mention.field == "text"])
    said = _masked(document.image_text, [mention for mention in document.mentions if mention.field == "image"])
    text = f"{text} [Trong ảnh:] {said}" if said else text
    words = " ".join(f"{title} — {text}".split() if title and not text.startswith(title) else text.split())
    words = "".join(char for char in words if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    cut = words if len(words) <= EXCERPT else f"{words[:EXCERPT].rsplit(' ', 1)[0]} …"
    return defang(_DIGITS.sub(_hidden, cut))


def _hidden(run: re.Match[str]) -> str:
    """A run of digits that was not read as an identifier, hidden when it is long enough to be one; a price is not."""
    return re.sub(r"\d", "•", run[0]) if sum(char.isdigit() for char in run[0]) >= _LONG else run[0]


def _masked(text: str, mentions: Sequence[Mention]) -> str:
    for mention in sorted(mentions, key=lambda mention: -mention.start):
        if 0 <= mention.start < mention.end <= len(text) and mention.role not in (Role.CHROME, Role.EXAMPLE):
            text = text[: mention.start] + mask_raw(mention.raw) + text[mention.end :]
    return text


def _warning(case: LeadCase) -> str:
    if not case.warnings:
        return "Chưa thấy cơ quan nào cảnh báo"
    at, who = case.warnings[0]
    gap = case.lead.warning_gap_hours
    ahead = f"; hệ thống thấy trước {wording.hours(gap)}" if gap is not None and gap > 0 else ""
    return defang(f"{who}, {clock(at)}{ahead}")


def _sources(case: LeadCase) -> list[str]:
    counts: dict[str, int] = {}
    for version in case.documents:
        counts[version.document.source] = counts.get(version.document.source, 0) + 1
    lines = [
        defang(f"{case.source_titles.get(source, source)}: {number} bài")
        for source, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return lines[:SHOWN_SOURCES] + (
        [f"và {len(lines) - SHOWN_SOURCES} nguồn khác"] if len(lines) > SHOWN_SOURCES else []
    )


def _source_words(version: DocumentVersion, case: LeadCase) -> str:
    document = version.document
    return defang(
        f"{wording.SOURCE_KINDS[document.source_kind]}, {case.source_titles.get(document.source, document.source)}"
    )


def evidence_hash(documents: Sequence[DocumentVersion]) -> str:
    """SHA-256 over id, version, title and text of the documents, and over their pictures, in order: what was seen, provably."""
    digest = hashlib.sha256()
    for version in documents:
        document = version.document
        pictures = [part for picture in document.pictures for part in (picture.digest, picture.text)]
        for part in (document.id, str(version.version), document.title, document.text, *pictures):
            data = part.encode("utf-8", "replace")
            digest.update(str(len(data)).encode() + b":" + data)
    return digest.hexdigest()


def _eights(digest: str) -> list[str]:
    return [digest[place : place + 8] for place in range(0, len(digest), 8)]


def clock(moment: datetime) -> str:
    """`07:42 ngày 21/11/2026`, Vietnamese time."""
    return f"{moment.astimezone(HANOI):%H:%M ngày %d/%m/%Y}"


def header_text(text: str) -> str:
    """Text that is safe as a header value: one line, no control or format characters, no encoded-word start.

    On Python before 3.13 an encoded word inside a value is decoded into raw line breaks and adds headers
    (CVE-2024-6923), so `=?` is broken here as well.
    """
    kept = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    kept = "".join(char for char in kept if unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.replace("=?", "= ?").split())[:200]


class _Policy(EmailPolicy):
    """Writes the subject with `email`'s older folder: the newer one loses the space between two encoded words of a long
    Vietnamese subject (Python 3.11.7). It can go when the lowest Python that we support keeps it.
    """

    def fold(self, name: str, value: str) -> str:
        if name.lower() == "subject" and not str(value).isascii():
            encoded = Header(str(value), "utf-8", header_name=name, maxlinelen=76).encode(linesep=self.linesep)
            return f"{name}: {encoded}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def compose(message: Message, *, sender: str, sender_name: str, address: str, date: datetime) -> bytes:
    """The bytes of a message for one address. Raises DeliveryRefusedError when it cannot be a safe mail."""
    try:
        mail = EmailMessage(policy=_POLICY)
        mail["From"] = Address(display_name=header_text(sender_name), addr_spec=sender)
        mail["To"] = Address(addr_spec=address)
        mail["Subject"] = header_text(message.subject)
        mail["Date"] = date.astimezone(HANOI)
        mail["Message-ID"] = f"<{message.message_id}>"
        if message.references:
            mail["References"] = " ".join(f"<{reference}>" for reference in message.references)
            mail["In-Reply-To"] = f"<{message.references[-1]}>"
        for name, value in message.headers.items():
            mail[name] = header_text(value)
        mail.set_content(message.text, charset="utf-8", cte="base64")
        if message.html:
            mail.add_alternative(message.html, subtype="html", charset="utf-8", cte="base64")
        data = mail.as_bytes()
    except (ValueError, IndexError, TypeError, UnicodeError) as error:
        raise DeliveryRefusedError(f"cannot be written as a mail: {error}", recipient=address) from error
    _check_headers(data, expected=len(mail.items()), address=address)
    return data


def _check_headers(data: bytes, *, expected: int, address: str) -> None:
    """The header block holds the fields that were set and no others, whatever a library made of their values."""
    block = data.partition(b"\r\n\r\n")[0]
    fields = [line for line in block.split(b"\r\n") if line and line[:1] not in b" \t"]
    clean = all(re.match(rb"[A-Za-z-]+: ?", field) for field in fields)
    bare = re.search(rb"\r(?!\n)|(?<!\r)\n|\0", data)
    if len(fields) != expected or not clean or bare:
        raise DeliveryRefusedError("its headers are not those that were set", recipient=address)


@cache
def _template(name: str) -> Template:
    engine = Engine(dirs=[str(_TEMPLATES)], autoescape=name.endswith(".html"))
    return engine.get_template(name)


def _render(name: str, values: Mapping[str, object]) -> str:
    text = _template(name).render(
        Context(dict(values), autoescape=name.endswith(".html"), use_l10n=False, use_tz=False)
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def render(name: str, values: Mapping[str, object]) -> str:
    """A template of this folder, rendered; for the digest."""
    return _render(name, values)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
