"""A mixed feed with a known truth: fraud campaigns among honest posts, as JSONL for `canhgiac ingest`.

Drawn from a seed. Its wording (`feed_texts.yaml`) and its numbers are its own: it shares no code with `town` and knows
nothing of `extraction`. Run as a script it writes the feed and the truth: `python feed_truth.py SEED FEED TRUTH`.
"""

from __future__ import annotations

import json
import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from attrs import frozen

TEXTS = yaml.safe_load((Path(__file__).parent / "feed_texts.yaml").read_text("utf-8"))
CAMPAIGNS, HONEST = 40, 1000
TOTAL = 1500
SOURCES = {
    "social": ("nhom_cho_mien_tay", "nhom_me_bim", "nhom_dong_huong"),
    "forum": ("dien_dan_xe", "dien_dan_so_hoa"),
    "channel": ("kenh_ban_tin_pho",),
    "classified": ("rao_vat_247",),
    "ad": ("quang_cao_mxh",),
    "news": ("bao_dien_tu_a", "bao_dien_tu_b"),
    "warning": ("trang_canh_bao_tinh",),
}
_BANKS = {
    "VCB": ("vcb", 10),
    "TCB": ("Techcombank", 12),
    "MB": ("MBbank", 12),
    "BIDV": ("BIDV", 14),
    "STB": ("Sacombank", 12),
    "VPB": ("vpbank", 9),
    "ACB": ("ACB", 8),
    "VBA": ("Agribank", 13),
}
_BLOCKS = ("033", "034", "036", "052", "058", "076", "078", "082", "084", "086", "089", "092", "093", "099")
_NAMES = (
    "PHAN VAN TRI",
    "NGUYEN THI DAO",
    "LY HOANG SANG",
    "TRUONG GIA BAO",
    "DINH THI NHUNG",
    "LUONG QUOC TOAN",
    "MAI VAN DUC",
    "CAO THI KIEU",
)
_CHOICE = re.compile(r"\{([^{}]*)\}")
_WORD = re.compile(r"%([a-z]+)")
_SLOT = re.compile(r"\$([a-z]+)")


@frozen(kw_only=True)
class Value:
    """An invented identifier: kind, canonical value, and what is written of it."""

    kind: str
    value: str
    digits: str
    bank: str = ""
    holder: str = ""


@frozen(kw_only=True)
class Campaign:
    """One planted fraud and the external ids of its documents, as (source, external id)."""

    id: str
    form: str
    identifiers: frozenset[tuple[str, str]]
    documents: tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class Feed:
    """The feed and its truth. lines: documents as `ingest` reads them, in order of publication."""

    lines: tuple[Mapping[str, Any], ...]
    campaigns: tuple[Campaign, ...]


@frozen(kw_only=True)
class Judgement:
    """precision: leads that hold a planted document, of all leads. recall: campaigns that a lead holds, of all; own_recall: campaigns that are the
    largest of a lead, of all (two frauds in one lead count once)."""

    precision: float
    recall: float
    own_recall: float
    leads: int
    missed: tuple[str, ...]
    false: tuple[str, ...]
    mixed: int
    split: int
    honest_inside: int = 0


# ------------------------------------------------------------------------------------------------------ identifiers


def _phone(dice: random.Random) -> Value:
    digits = f"{dice.choice(_BLOCKS)}00{dice.randrange(10**5):05d}"
    if digits.startswith("099"):
        digits = "0993" + digits[4:]
    elif digits.startswith("052"):
        digits = "0522" + digits[4:]
    elif digits.startswith("089"):
        digits = "0896" + digits[4:]
    return Value(kind="phone", value="+84" + digits[1:], digits=digits)


def _land(dice: random.Random) -> Value:
    digits = f"{dice.choice(('0292', '0262', '0258', '0254'))}3000{dice.randrange(1000):03d}"
    return Value(kind="phone", value="+84" + digits[1:], digits=digits)


def _acc(dice: random.Random) -> Value:
    bank = dice.choice(sorted(_BANKS))
    length = _BANKS[bank][1]
    digits = f"{dice.randrange(10, 99)}00" + "".join(str(dice.randrange(10)) for _ in range(length - 4))
    return Value(
        kind="account", value=f"{bank}:{digits}", digits=digits, bank=_BANKS[bank][0], holder=dice.choice(_NAMES)
    )


def _junk(dice: random.Random, length: int) -> str:
    return dice.choice("gjkwy") + "".join(dice.choice("bcfghjkmnpqrtvwxyz2345678") for _ in range(length - 1))


def _link(dice: random.Random) -> Value:
    head = dice.choice(("hotro", "xacthuc", "dangky", "nhanqua", "online", "cskh", "vn", "portal"))
    shape = dice.choice(("{h}-{j}.{t}", "{h}.{j}.{t}", "{j}.{t}/{h}", "www.{h}{j}.{t}"))
    text = shape.format(
        h=head, j=_junk(dice, 5), t=dice.choice(("top", "vip", "cc", "icu", "xyz", "club", "life", "com"))
    )
    return Value(kind="link", value=text, digits=text)


def _chat(dice: random.Random) -> Value:
    name = f"{dice.choice(('hotro', 'tuvan', 'admin', 'tracy'))}_{_junk(dice, 5)}"
    return Value(kind="handle", value=f"telegram:{name}", digits=name)


def _file(dice: random.Random) -> Value:
    name = f"{dice.choice(('ungdung', 'capnhat', 'dichvu'))}-{_junk(dice, 4)}.apk"
    return Value(kind="file", value=name, digits=name)


def _momo(dice: random.Random) -> Value:
    digits = _phone(dice).digits
    return Value(kind="wallet", value=f"MOMO:{digits}", digits=digits)


MAKERS: Mapping[str, Callable[[random.Random], Value]] = {
    "phone": _phone,
    "land": _land,
    "acc": _acc,
    "link": _link,
    "chat": _chat,
    "file": _file,
    "momo": _momo,
}


def _cut(digits: str, joint: str, dice: random.Random) -> str:
    sizes = dice.choice(((4, 3, 3), (3, 3, 4), (4, 2, 2, 2), (5, 5)))
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return joint.join(parts)


def _write_phone(digits: str, dice: random.Random, odd: float) -> str:
    if len(digits) != 10 or dice.random() >= odd:
        return digits if len(digits) != 10 or dice.random() < 0.5 else _cut(digits, dice.choice((".", " ", "-")), dice)
    return dice.choice(
        (
            _cut(digits, " . ", dice),
            digits.replace("0", "o", digits.count("0") - 1),
            "+84" + digits[1:],
            "84 " + _cut(digits, " ", dice)[1:],
            "_".join(digits),
            "".join(chr(ord("⓪") if c == "0" else ord("①") + int(c) - 1) for c in digits),
            "".join(c + "\u20e3" for c in digits),
            _cut(digits, "\u200d", dice),
            " ".join(
                ("ko", "1", "2", "3", "4", "5", "6", "7", "8", "9")[int(c)] if c != "0" else "không" for c in digits
            ),
        )
    )


def _write(item: Value, dice: random.Random, odd: float) -> str:
    if item.kind == "phone":
        return _write_phone(item.digits, dice, odd)
    if item.kind == "account":
        number = (
            item.digits
            if dice.random() >= odd
            else dice.choice(
                (
                    item.digits.replace("0", "O"),
                    _cut(item.digits, " ", dice) + item.digits[10:] if len(item.digits) > 10 else item.digits,
                )
            )
        )
        return dice.choice(
            (
                "stk {n} {b} {h}",
                "{b} {n} - {h}",
                "tk {n} ngân hàng {b} chủ tk {h}",
                "{h} - {n} - {b}",
                "số tk: {n} ({b})",
            )
        ).format(n=number, b=item.bank, h=item.holder)
    if item.kind == "link":
        host, slash, path = item.digits.partition("/")
        if dice.random() < odd:
            host = dice.choice((host.replace(".", "[.]"), host.replace(".", " (chấm) "), host.replace(".", " . ")))
        else:
            host = dice.choice(("", "", "https://", "http://")) + host
        return host + slash + path
    if item.kind == "handle":
        return dice.choice(("t.me/{n}", "tele: @{n}", "https://t.me/{n}")).format(n=item.digits)
    if item.kind == "wallet":
        return dice.choice(("momo {n}", "ví Momo {n}")).format(n=item.digits)
    return item.digits


# ------------------------------------------------------------------------------------------------------------ texts


def _bare(text: str) -> str:
    flat = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return flat.replace("đ", "d").replace("Đ", "D")


def _short(text: str) -> str:
    for word, short in (
        ("không", "ko"),
        ("được", "dc"),
        ("mọi người", "mng"),
        ("chuyển khoản", "ck"),
        ("tài khoản", "tk"),
        ("rồi", "r"),
        ("bạn", "bn"),
        ("với", "vs"),
    ):
        text = re.sub(rf"(?<!\w){word}(?!\w)", short, text)
    return text.lower()


_VOICES: Sequence[Callable[[str], str]] = (
    str,
    str,
    str,
    str,
    _bare,
    lambda text: _bare(text).lower(),
    _short,
    lambda text: _bare(_short(text)),
    str.lower,
    str.upper,
    lambda text: unicodedata.normalize("NFD", text),
)
_TAILS = (
    "",
    "",
    "",
    " Ai biết chia sẻ giúp.",
    " Cảm ơn admin duyệt bài.",
    "\n\n#{}",
    " 🙏",
    " Mong mọi người đọc.",
    " {}.",
)


def _draw(text: str, dice: random.Random) -> str:
    while True:
        text, count = _CHOICE.subn(lambda match: dice.choice(match[1].split("|")), text)
        if not count:
            break
    for _ in range(2):
        text = _WORD.sub(lambda match: dice.choice(TEXTS["words"][match[1]]), text)
    return text


def _compose(text: str, dice: random.Random, own: Mapping[str, Sequence[Value]], odd: float, *, plain: bool) -> str:
    """The text in a voice, its identifiers written; a slot that `own` lacks gets a fresh identifier."""
    text = _draw(text, dice)
    if not plain:
        text += dice.choice(_TAILS).format(dice.choice(TEXTS["words"]["given"]))
        voice = dice.choice(_VOICES)
        parts = re.split(r"(\$[a-z]+)", text)
        text = "".join(part if part.startswith("$") else voice(part) for part in parts)
    return _SLOT.sub(
        lambda match: _write(dice.choice(own[match[1]]) if own.get(match[1]) else MAKERS[match[1]](dice), dice, odd),
        text,
    )


# ------------------------------------------------------------------------------------------------------------- feed


def _campaign_values(form: Mapping[str, Any], dice: random.Random) -> dict[str, list[Value]]:
    """One or two identifiers for each slot that the form's texts use; the first phone or link is in most documents."""
    slots = sorted({match for text in (*form["bait"], *form["report"]) for match in _SLOT.findall(text)} | {"phone"})
    return {
        slot: [MAKERS[slot](dice) for _ in range(2 if slot in ("acc", "phone") and dice.random() < 0.3 else 1)]
        for slot in slots
    }


def _trim(text: str, own: Mapping[str, Sequence[Value]]) -> str:
    """A bulletin without the slots that this campaign does not have."""
    for slot in ("acc", "link"):
        if slot not in own:
            text = re.sub(
                rf"(, nhận tiền qua \${slot}|, yêu cầu chuyển vào \${slot} hoặc|, \${slot}(?=[,.])| hoặc truy cập \${slot})",
                "",
                text,
            )
    return text.replace("yêu cầu chuyển vào $acc.", "yêu cầu chuyển vào $acc.").replace(
        "$phone truy cập", "$phone, truy cập"
    )


def _campaign_texts(
    form: Mapping[str, Any], own: Mapping[str, Sequence[Value]], count: int, dice: random.Random
) -> Iterator[tuple[str, str]]:
    """(source kind, text) of a campaign's documents."""
    copied = ""
    for number in range(count):
        roll = dice.random()
        if number == count - 1 and count > 5 and roll < 0.5:
            kind = dice.choice(("news", "warning"))
            text = _trim(dice.choice(TEXTS["bulletin"]), own).replace("%form", form["name"])
            yield kind, _compose(text, dice, own, 0.0, plain=True)
        elif form["bait"] and (roll < 0.55 or not form["report"]):
            if not copied or dice.random() < 0.6:
                copied = _compose(dice.choice(form["bait"]), dice, own, 0.45, plain=False)
            yield dice.choice(("social", "social", "channel", "classified", "ad", "forum")), copied
        else:
            yield (
                dice.choice(("social", "social", "forum", "channel")),
                _compose(dice.choice(form["report"]), dice, own, 0.3, plain=False),
            )


_HONEST_KINDS = {
    "seller": ("social", "classified", "ad"),
    "job": ("social", "classified", "channel"),
    "bank": ("ad", "social", "news"),
    "charity": ("social", "channel"),
    "mistake": ("social", "forum"),
    "lost": ("social", "channel"),
    "agency": ("warning", "channel"),
    "news": ("news",),
    "official": ("warning", "news", "channel"),
    "talk": ("forum", "social"),
    "travel": ("social", "ad", "classified"),
}


def make_feed(seed: int, *, now: datetime) -> Feed:
    """The feed of a seed: 1,500 documents published in the six days before `now`."""
    dice = random.Random(f"feed:{seed}")
    rows: list[dict[str, Any]] = []
    plans: list[tuple[Mapping[str, Any], dict[str, list[Value]], int]] = []
    forms = [*TEXTS["forms"], *dice.sample(TEXTS["forms"], CAMPAIGNS - len(TEXTS["forms"]))]
    sizes = _sizes(dice, TOTAL - HONEST)
    for form, size in zip(forms, sizes, strict=True):
        plans.append((form, _campaign_values(form, dice), size))
    for number, (form, own, size) in enumerate(plans):
        begin = now - timedelta(hours=dice.uniform(24, 140))
        for kind, text in _campaign_texts(form, own, size, dice):
            rows.append(
                _row(kind, text, begin + timedelta(minutes=dice.uniform(0, 1200)), f"{form['form']}-{number}", dice)
            )
    names = sorted(_HONEST_KINDS)
    for number in range(HONEST):
        name = names[number % len(names)]
        kind = dice.choice(_HONEST_KINDS[name])
        text = _compose(dice.choice(TEXTS["honest"][name]), dice, {}, 0.1, plain=kind in ("news", "warning"))
        rows.append(_row(kind, text, now - timedelta(hours=dice.uniform(0, 144)), "", dice))
    rows.sort(key=lambda row: (row["published"], row["text"]))
    return _finish(rows, plans)


def _sizes(dice: random.Random, total: int) -> list[int]:
    """40 campaign sizes from 3 to 25 that add up to the total."""
    sizes = [min(25, max(3, round(dice.expovariate(1 / 9)))) for _ in range(CAMPAIGNS)]
    while sum(sizes) != total:
        at = dice.randrange(CAMPAIGNS)
        sizes[at] = min(25, max(3, sizes[at] + (1 if sum(sizes) < total else -1)))
    return sizes


def _row(kind: str, text: str, published: datetime, campaign: str, dice: random.Random) -> dict[str, Any]:
    title = ""
    if kind in ("news", "warning"):
        title = re.split(r"[.:,]", text)[0][:110]
    elif kind in ("classified", "forum"):
        title = " ".join(re.sub(r"\d[\d .]{5,}", "", text).split()[:9])
    return {
        "source": dice.choice(SOURCES[kind]),
        "source_kind": kind,
        "title": title,
        "text": text,
        "author": dice.choice(TEXTS["words"]["given"]) if kind not in ("news", "warning") else "",
        "published": published.astimezone(UTC).isoformat(timespec="minutes"),
        "counts": {"likes": dice.randrange(90), "comments": dice.randrange(30), "shares": dice.randrange(12)},
        "campaign": campaign,
    }


def _finish(rows: list[dict[str, Any]], plans: Sequence[tuple[Mapping[str, Any], dict[str, list[Value]], int]]) -> Feed:
    owned: dict[str, list[tuple[str, str]]] = {}
    lines = []
    for number, row in enumerate(rows, start=1):
        campaign = row.pop("campaign")
        row["external_id"] = f"d{number:05d}"
        row["url"] = f"https://{row['source'].replace('_', '-')}.example/{number}"
        if campaign:
            owned.setdefault(campaign, []).append((row["source"], row["external_id"]))
        lines.append(row)
    campaigns = [
        Campaign(
            id=name,
            form=form["form"],
            identifiers=frozenset((item.kind, item.value) for values in own.values() for item in values),
            documents=tuple(owned[name]),
        )
        for number, (form, own, _size) in enumerate(plans)
        for name in [f"{form['form']}-{number}"]
    ]
    return Feed(lines=tuple(lines), campaigns=tuple(campaigns))


# -------------------------------------------------------------------------------------------------------- judgement


def judge(campaigns: Sequence[Campaign], leads: Sequence[Mapping[str, Any]]) -> Judgement:
    """Leads (as `leads list --json` gives them) judged by the truth, by the external ids of their documents."""
    owner = {external: campaign.id for campaign in campaigns for _source, external in campaign.documents}
    found: dict[str, int] = {}
    largest: set[str] = set()
    false, mixed, inside = [], 0, 0
    for lead in leads:
        held = [item["external_id"] for item in lead["documents"]]
        counted = Counter(owner[key] for key in held if key in owner)
        own = set(counted)
        largest |= {name for name, _ in counted.most_common(1)}
        for name in own:
            found[name] = found.get(name, 0) + 1
        if own:
            inside += sum(key not in owner for key in held)
        else:
            false.append(str(lead.get("code")))
        mixed += len(own) > 1
    missed = tuple(campaign.id for campaign in campaigns if campaign.id not in found)
    return Judgement(
        precision=(len(leads) - len(false)) / len(leads) if leads else 0.0,
        recall=1 - len(missed) / len(campaigns),
        own_recall=len(largest) / len(campaigns),
        leads=len(leads),
        missed=missed,
        false=tuple(false),
        mixed=mixed,
        split=sum(count > 1 for count in found.values()),
        honest_inside=inside,
    )


def main(arguments: Sequence[str]) -> None:
    """Write a feed and its truth."""
    seed, feed_file, truth_file = int(arguments[0]), Path(arguments[1]), Path(arguments[2])
    feed = make_feed(seed, now=datetime.now(UTC).replace(second=0, microsecond=0))
    feed_file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in feed.lines), "utf-8")
    truth = [
        {"id": item.id, "form": item.form, "identifiers": sorted(item.identifiers), "documents": item.documents}
        for item in feed.campaigns
    ]
    truth_file.write_text(json.dumps(truth, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
