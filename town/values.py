"""Invented phone numbers, accounts, links and handles, and the disguises people write them in.

Every phone number of the town is a mobile block followed by `00` and five drawn digits, every account has `00` inside
it, every host holds a drawn label that no dictionary has: valid in shape, and nobody's on purpose. Canonical values
follow the table of entity kinds (DESIGN section 5); the town computes them itself and never asks `extraction`.
"""

from __future__ import annotations

import hashlib
import random
import unicodedata
from collections.abc import Callable, Mapping

from attrs import field, frozen

MOBILE_BLOCKS = (
    "032",
    "035",
    "037",
    "038",
    "039",
    "056",
    "070",
    "077",
    "079",
    "081",
    "083",
    "085",
    "088",
    "090",
    "091",
    "094",
    "096",
    "097",
    "098",
)
BANKS: Mapping[str, tuple[tuple[str, ...], str, int]] = {
    "VCB": (("Vietcombank", "VCB", "Vietcom bank"), "10100", 13),
    "TCB": (("Techcombank", "TCB", "Techcom"), "1900", 14),
    "MB": (("MB Bank", "MBBank", "MB"), "0700", 13),
    "STB": (("Sacombank", "Sacom bank", "Sacombank"), "0500", 12),
    "ICB": (("VietinBank", "Vietinbank", "Vietin bank"), "1008", 12),
    "VPB": (("VPBank", "VP bank", "VPBank"), "2002", 10),
    "ACB": (("ACB", "ngân hàng Á Châu", "ACB"), "2100", 9),
    "BIDV": (("BIDV", "Bidv", "BIDV"), "3100", 14),
    "VBA": (("Agribank", "Agri bank", "Agribank"), "5400", 13),
    "TPB": (("TPBank", "TP bank", "TPBank"), "0200", 11),
}
"""Bank code -> names as people write them, leading digits and length of its invented accounts."""

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGIT_WORDS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SURNAMES = ("NGUYEN", "TRAN", "LE", "PHAM", "HOANG", "VO", "DANG", "BUI", "DO", "HO")
_MIDDLES = ("VAN", "THI", "QUOC", "NGOC", "MINH", "THANH", "HUU", "XUAN")
_GIVENS = (
    "AN",
    "BINH",
    "CUONG",
    "DUNG",
    "HANH",
    "HUNG",
    "KHOA",
    "LAN",
    "LONG",
    "MAI",
    "NAM",
    "NGA",
    "PHUC",
    "QUAN",
    "SON",
    "THAO",
    "TRANG",
    "TUAN",
    "VY",
    "YEN",
)


@frozen(kw_only=True)
class Invented:
    """One invented identifier. kind, value: canonical; digits: what is written of it; extra: bank, holder, ..."""

    kind: str
    value: str
    digits: str
    extra: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Surface:
    """An identifier as it stands on a page."""

    kind: str
    value: str
    raw: str


def dice(*key: object) -> random.Random:
    """Draws that depend on nothing but the key (seed, script, purpose)."""
    return random.Random(":".join(map(str, key)))  # noqa: S311  # the town wants repetition, not secrecy


def label(rng: random.Random, length: int = 5) -> str:
    """A label nobody would register: consonants and digits, beginning with a letter."""
    tail = "".join(rng.choice("bcdfghkmnpqrtvxz23456789") for _ in range(length - 1))
    return rng.choice("bdkmqvxz") + tail


def holder(rng: random.Random) -> str:
    """An account holder's name as banks print it."""
    return f"{rng.choice(_SURNAMES)} {rng.choice(_MIDDLES)} {rng.choice(_GIVENS)}"


def phone(rng: random.Random) -> Invented:
    """A mobile number."""
    digits = f"{rng.choice(MOBILE_BLOCKS)}00{rng.randrange(100_000):05d}"
    return Invented(kind="phone", value="+84" + digits[1:], digits=digits)


def landline(rng: random.Random, area: str = "0263") -> Invented:
    """A landline of the province, in a block (3000) that is not handed out."""
    digits = f"{area}3000{rng.randrange(1000):03d}"
    return Invented(kind="phone", value="+84" + digits[1:], digits=digits)


def hotline(rng: random.Random) -> Invented:
    """A 1900 number."""
    digits = f"1900{rng.randrange(1000):04d}"
    return Invented(kind="hotline", value=digits, digits=digits)


def account(rng: random.Random, bank: str = "", name: str = "") -> Invented:
    """A bank account; a bank is drawn when none is given."""
    bank = bank or rng.choice(sorted(BANKS))
    _names, lead, length = BANKS[bank]
    digits = lead + "".join(str(rng.randrange(10)) for _ in range(length - len(lead)))
    return Invented(
        kind="account", value=f"{bank}:{digits}", digits=digits, extra={"bank": bank, "holder": name or holder(rng)}
    )


def wallet(rng: random.Random) -> Invented:
    """A MoMo wallet, which is a phone number."""
    digits = phone(rng).digits
    return Invented(kind="wallet", value=f"MOMO:{digits}", digits=digits)


def link(rng: random.Random, shape: str) -> Invented:
    """A link after a shape such as `phatnguoi-*.top/tra-cuu`; each `*` becomes a drawn label."""
    while "*" in shape:
        shape = shape.replace("*", label(rng), 1)
    return Invented(kind="link", value=shape, digits=shape)


def file(rng: random.Random, shape: str) -> Invented:
    """An installable file after a shape such as `dien-luc-*.apk`."""
    name = shape.replace("*", label(rng))
    return Invented(kind="file", value=name, digits=name)


def handle(rng: random.Random, platform: str, shape: str) -> Invented:
    """A profile, group or channel; `#` in the shape becomes ten drawn digits, `*` a drawn label."""
    name = shape.replace("*", label(rng, 6)).replace("#", "".join(str(rng.randrange(10)) for _ in range(10)))
    return Invented(kind="handle", value=f"{platform}:{name}", digits=name, extra={"platform": platform})


def tron(rng: random.Random) -> Invented:
    """A TRON address with its checksum (base58check, version byte 0x41)."""
    body = b"\x41" + bytes(rng.randrange(256) for _ in range(20))
    data = body + hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _BASE58[rest] + text
    return Invented(kind="crypto", value=f"TRON:{text}", digits=text)


# ----------------------------------------------------------------------------------------------------- disguises


def _groups(digits: str, sizes: tuple[int, ...], joint: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return joint.join(part for part in [*parts, digits[at:]] if part)


PHONE_DISGUISES: Mapping[str, Callable[[str], str]] = {
    "plain": lambda d: d,
    "dots": lambda d: _groups(d, (4, 3, 3), "."),
    "spaces": lambda d: _groups(d, (4, 3, 3), " "),
    "spaces334": lambda d: _groups(d, (3, 3, 4), " "),
    "hyphens": lambda d: _groups(d, (4, 3, 3), "-"),
    "plus84": lambda d: "+84 " + _groups(d[1:], (3, 3, 3), " "),
    "bare84": lambda d: "84" + d[1:],
    "every_dot": lambda d: ".".join(d),
    "every_space": lambda d: " ".join(d),
    "letters": lambda d: _groups(d.replace("0", "O"), (4, 3, 3), "."),
    "lower_letters": lambda d: _groups(d.replace("0", "o"), (4, 3, 3), " "),
    "words": lambda d: " ".join(_DIGIT_WORDS[int(c)] for c in d),
    "zero_width": lambda d: _groups(d, (4, 3, 3), "\u200b"),
    "keycaps": lambda d: "".join(c + "\ufe0f\u20e3" for c in d),
    "fullwidth": lambda d: "".join(chr(ord(c) + 0xFEE0) for c in d),
}
OPEN_PHONE_STYLES = ("plain", "dots", "spaces", "spaces334", "hyphens", "plain", "dots", "spaces")
HIDDEN_PHONE_STYLES = (
    "every_dot",
    "every_space",
    "letters",
    "lower_letters",
    "words",
    "zero_width",
    "keycaps",
    "fullwidth",
    "bare84",
    "plus84",
)

ACCOUNT_DISGUISES: Mapping[str, Callable[[str], str]] = {
    "plain": lambda d: d,
    "spaces": lambda d: _groups(d, (4, 4, 4, 4), " "),
    "dots": lambda d: _groups(d, (4, 4, 4, 4), "."),
    "letters": lambda d: d.replace("0", "O"),
    "fullwidth": lambda d: "".join(chr(ord(c) + 0xFEE0) for c in d),
    "zero_width": lambda d: _groups(d, (4, 4, 4, 4), "\u200b"),
}

LINK_DISGUISES: Mapping[str, Callable[[str], str]] = {
    "https": lambda u: "https://" + u,
    "bare": lambda u: u,
    "brackets": lambda u: _host(u, "[.]"),
    "parens": lambda u: _host(u, "(.)"),
    "hxxps": lambda u: "hxxps://" + _host(u, "[.]"),
    "dot_word": lambda u: _last_dot(u, " chấm "),
    "spaced": lambda u: _last_dot(u, " . "),
}


def _host(url: str, dot: str) -> str:
    host, slash, path = url.partition("/")
    return host.replace(".", dot) + slash + path


def _last_dot(url: str, dot: str) -> str:
    host, slash, path = url.partition("/")
    head, _, tail = host.rpartition(".")
    return head + dot + tail + slash + path


ACCOUNT_LAYOUTS = (
    "STK {n} {b} - {h}",
    "{b} {n} {h}",
    "số tài khoản {n}, ngân hàng {b}, chủ tài khoản {h}",
    "STK: {n} ({b}) chủ TK {h}",
    "{b}: {n} - {h}",
)
BINS: Mapping[str, str] = {"VCB": "970436", "TCB": "970407", "MB": "970422", "STB": "970403", "ICB": "970415"}
"""Bank code -> BIN of its VietQR links, for the banks that the town's QR links pay."""
ACCOUNT_BLOCK = "\nNgân hàng: {b}\nSố TK: {n}\nChủ TK: {h}"
PRESS_LAYOUTS = (
    "số tài khoản {n} mở tại ngân hàng {b}, chủ tài khoản {h}",
    "tài khoản {n} ngân hàng {b} đứng tên {h}",
)
TELEGRAM_LAYOUTS = ("t.me/{n}", "https://t.me/{n}", "tele @{n}", "telegram @{n}")
FACEBOOK_LAYOUTS = ("facebook.com/{n}", "https://www.facebook.com/{n}", "fb.com/{n}")


def write(
    item: Invented, rng: random.Random, *, style: str = "", hidden: float = 0.0, press: bool = False
) -> tuple[str, Surface]:
    """The identifier as it is written, and its surface: the part of it that a test must find on the page.

    style: a named disguise; else one is drawn, a hidden one with probability `hidden`. press: as agencies and papers
    write (no disguise beyond dots and defanged links).
    """
    maker = _WRITERS[item.kind]
    text, raw = maker(item, rng, style, hidden, press)
    return text, Surface(kind=item.kind, value=item.value, raw=raw)


def _write_phone(item: Invented, rng: random.Random, style: str, hidden: float, press: bool) -> tuple[str, str]:
    if not style:
        styles = (
            ("plain", "dots", "spaces")
            if press
            else HIDDEN_PHONE_STYLES
            if rng.random() < hidden
            else OPEN_PHONE_STYLES
        )
        style = rng.choice(styles)
    if len(item.digits) == 11:
        raw = rng.choice(
            (_groups(item.digits, (4, 4, 3), "."), f"({item.digits[:4]}) {item.digits[4:8]} {item.digits[8:]}")
        )
    else:
        raw = PHONE_DISGUISES[style](item.digits)
    return raw, raw


def _write_hotline(item: Invented, rng: random.Random, style: str, hidden: float, press: bool) -> tuple[str, str]:
    raw = rng.choice((item.digits, _groups(item.digits, (4, 4), " "), _groups(item.digits, (4, 4), ".")))
    return raw, raw


def _write_account(item: Invented, rng: random.Random, style: str, hidden: float, press: bool) -> tuple[str, str]:
    if style == "vietqr":
        name = item.extra["holder"].replace(" ", "%20")
        raw = f"https://img.vietqr.io/image/{BINS[item.extra['bank']]}-{item.digits}-compact.png?accountName={name}"
        return raw, raw
    styles = ("plain",) if press or rng.random() >= hidden else tuple(ACCOUNT_DISGUISES)[1:]
    raw = ACCOUNT_DISGUISES[rng.choice(styles) if style in ("", "block") else style](item.digits)
    name = rng.choice(BANKS[item.extra["bank"]][0])
    layout = ACCOUNT_BLOCK if style == "block" else rng.choice(PRESS_LAYOUTS if press else ACCOUNT_LAYOUTS)
    return layout.format(n=raw, b=name, h=item.extra["holder"]), raw


def _write_wallet(item: Invented, rng: random.Random, style: str, hidden: float, press: bool) -> tuple[str, str]:
    raw = rng.choice((item.digits, _groups(item.digits, (4, 3, 3), " ")))
    return rng.choice(("Momo {}", "ví MoMo {}", "momo: {}")).format(raw), raw


def _write_link(item: Invented, rng: random.Random, style: str, hidden: float, press: bool) -> tuple[str, str]:
    if not style:
        styles = (
            ("brackets", "parens", "hxxps")
            if press
            else ("brackets", "dot_word", "spaced", "parens")
            if rng.random() < hidden
            else ("https", "bare")
        )
        style = rng.choice(styles)
    raw = LINK_DISGUISES[style](item.digits)
    return raw, raw


def _write_plain(item: Invented, rng: random.Random, style: str, hidden: float, press: bool) -> tuple[str, str]:
    return item.digits, item.digits


def _write_handle(item: Invented, rng: random.Random, style: str, hidden: float, press: bool) -> tuple[str, str]:
    platform = item.extra["platform"]
    if platform == "telegram":
        raw = rng.choice(TELEGRAM_LAYOUTS).format(n=item.digits)
    elif platform == "zalo":
        raw = rng.choice(("zalo.me/{n}", "https://zalo.me/{n}")).format(n=item.digits)
    else:
        raw = rng.choice(FACEBOOK_LAYOUTS).format(n=item.digits)
    return raw, raw


_WRITERS: Mapping[str, Callable[[Invented, random.Random, str, float, bool], tuple[str, str]]] = {
    "phone": _write_phone,
    "hotline": _write_hotline,
    "account": _write_account,
    "wallet": _write_wallet,
    "link": _write_link,
    "file": _write_plain,
    "crypto": _write_plain,
    "handle": _write_handle,
}


def ascii_fold(text: str) -> str:
    """Text without Vietnamese marks, as people type without an input method (`đ` becomes `d`)."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.replace("đ", "d").replace("Đ", "D")
