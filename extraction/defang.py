"""Identifiers made harmless for people: defanged so that no program links them, masked where they are a victim's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import evolve

from model.document import Mention, Role

_DIRECTION = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")
"""Invisible and direction marks: they let a shown address differ from the copied one."""

_DOTS = "[.\u3002\uff0e\uff61\u2024]"
"""Full stop and the dots that IDNA and mail programs read as one."""

_HOST_DOT = re.compile(rf"(?<!\[){_DOTS}(?=[^\W\d_]|xn--)|(?<=[^\W\d_]){_DOTS}(?=\w)")
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_SCHEME = re.compile(r"(?i)\bh(?:tt|xx)p(s?)(?=\s*(?:\[?:|/))")
_SLASHES = re.compile(r"(?<!\[):(?=\s*[/\\]{2})")
_PLAIN_SCHEME = re.compile(
    r"(?i)\b(mailto|tel|sms|smsto|callto|facetime|skype|ftp|sftp|file|intent|javascript|data|vbscript|magnet|"
    r"bitcoin|ethereum|tg|viber|whatsapp|market|geo|xmpp|irc|news|zalo|sip)(?::)(?=\S)"
)
_AT = re.compile(r"(?<!\[)[@\uff20\ufe6b]|(?<=\[)[@\uff20\ufe6b](?!\])")
_JOINER = "\u2060"


def defang(text: str) -> str:
    """The text with nothing left that a mail program or a messenger turns into a link; once is as good as twice.

    Dots in hosts become `[.]`, `@` becomes `[@]`, `://` becomes `[:]//`, http becomes hxxp, over the whole string, known
    top-level domain or not. Dots between digits stay, but in IP addresses.
    """
    text = _DIRECTION.sub("", text)
    text = _SCHEME.sub(lambda match: f"hxxp{match[1].lower()}", text)
    text = _SLASHES.sub("[:]", text)
    text = _PLAIN_SCHEME.sub(r"\1[:]", text)
    text = _AT.sub("[@]", text)
    text = _ADDRESS.sub(lambda match: match[0].replace(".", "[.]"), text)
    return _HOST_DOT.sub("[.]", text)


def quiet_numbers(text: str) -> str:
    """The text with word joiners in runs of seven digits and more, so that no telephone makes them tap-to-call.

    What is copied out of it still finds its posts: `fold` drops the joiners.
    """
    return re.sub(r"\+?\d[\d .\-]{5,}\d", lambda match: re.sub(r"(?<=\d)(?=\d)", _JOINER, match[0]), text)


def mask(kind: str, value: str) -> str:
    """The value with its middle hidden, as shown to people who need not know it: `+8490•••••567`, `VCB:•••••••••0001`.

    A phone keeps its first two national digits and its last three, an account or a wallet its bank and its last four.
    """
    if kind in ("account", "wallet", "account_partial", "crypto") and ":" in value:
        bank, number = value.split(":", 1)
        return f"{bank}:{_hidden(number, 0, 4)}"
    if kind == "email" and "@" in value:
        name, host = value.split("@", 1)
        return f"{_hidden(name, 1, 0)}@{host}"
    if kind == "handle" and ":" in value:
        platform, name = value.split(":", 1)
        return f"{platform}:{_hidden(name, 2, 3)}"
    if kind == "phone" and len(value) >= 10:
        return f"{value[:5]}{'•' * (len(value) - 8)}{value[-3:]}"
    return _hidden(value, 2, 3)


def _hidden(value: str, head: int, tail: int) -> str:
    """At least half of the value is hidden, however short it is."""
    if len(value) < 2 * (head + tail):
        head, tail = 0, min(tail, len(value) // 4)
    return value[:head] + "•" * (len(value) - head - tail) + value[len(value) - tail :]


def mask_raw(raw: str) -> str:
    """What is written, as long as before, with letters and digits hidden but the first two and the last three."""
    places = [place for place, character in enumerate(raw) if character.isalnum()]
    shown = {*places[:2], *places[-3:]} if len(places) >= 9 else set(places[-2:] if len(places) >= 6 else ())
    return "".join(
        character if place in shown or not character.isalnum() else "•" for place, character in enumerate(raw)
    )


def mask_private(text: str, mentions: Sequence[Mention]) -> tuple[str, tuple[Mention, ...]]:
    """The text of one field without what is never stored, at the same length, and its mentions, offsets still right.

    Victims' identifiers: a value that is a victim's in one place is hidden wherever it stands in the field; the hidden
    mention keeps kind, span, role and reason, its value and raw text are masked and its attributes (holder, host)
    dropped. Card numbers: all but the first six and the last four digits, as their value already is.
    """
    victims = {mention.entity for mention in mentions if mention.role is Role.VICTIM}
    characters = list(text)
    kept: list[Mention] = []
    for mention in mentions:
        raw = text[mention.start : mention.end]
        if mention.entity in victims:
            characters[mention.start : mention.end] = mask_raw(raw)
            kept.append(evolve(mention, value=mask(mention.kind, mention.value), role=Role.VICTIM, attributes={}))
            continue
        if mention.kind == "card":
            characters[mention.start : mention.end] = _mask_card(raw)
        kept.append(mention)
    hidden = "".join(characters)
    return hidden, tuple(evolve(mention, raw=hidden[mention.start : mention.end]) for mention in kept)


def _mask_card(raw: str) -> str:
    places = [place for place, character in enumerate(raw) if character.isalnum()]
    hidden = set(places[6:-4])
    return "".join("•" if place in hidden else character for place, character in enumerate(raw))
