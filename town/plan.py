"""What stands on the town's sites: from a seed and a moment to every document, with its truth.

The same seed gives the same words, numbers and order; the moment only moves the times of publication. Wording lives
in `town/texts/*.yaml`: `{a|b}` draws one of the alternatives, `[name]`, `[place]`, `[money]`, ... are drawn before the
voice speaks, `<phone>`, `<account>`, ... are identifiers and are written, in a disguise, after it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from attrs import evolve, field, frozen

from town import pictures, values
from town.values import Invented, Surface, ascii_fold, dice, write
from town.voices import draw_voice, speak

SITES = ("portal", "news", "channel", "forum", "classifieds", "ads")
TEXTS = Path(__file__).parent / "texts"
FIRST_ID = {
    "portal": 5100,
    "news": 4870100,
    "channel": 310,
    "forum": 60500,
    "classifieds": 118_204_000,
    "ads": 902_716_550_000,
}
"""External ids of a site grow from here; the ranges do not meet, so an id tells its site."""
HIDDEN_SHARE_FRAUD = 0.5
HIDDEN_SHARE_HONEST = 0.15
RESERVE = 12
"""How many further posts the button can publish before it repeats itself."""

_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"\[([a-z]+\d?)\]")
_IDENTIFIER = re.compile(r"<([a-z]+)(\d?)(?::([a-z_0-9]+))?>")


@frozen(kw_only=True)
class Campaign:
    """One fraud: its form (row of the table of scam forms) and its identifiers by slot name. reserve: not planted, only published on request.
    only_in: `code` or `letters` when all its identifiers stand in nothing but pictures of that kind."""

    id: str
    form: str
    identifiers: Mapping[str, Invented]
    reserve: bool = False
    warned: str = ""
    only_in: str = ""


@frozen(kw_only=True)
class Shown:
    """A picture on a document: how it is drawn (`town.pictures`), what it says, and the identifier that is in it."""

    kind: str
    content: str
    surface: Surface | None = None


@frozen(kw_only=True)
class Planned:
    """One document of the town.

    site; external_id: the site's own id of it; campaign: id, or "" when honest; surfaces: every identifier on it as it
    stands there. picture: shown with it, on `channel` and `classifieds`. thread: forum only, number of its thread; group: forum only, name of the script it belongs to.
    """

    site: str
    external_id: str = ""
    title: str = ""
    text: str
    author: str
    published: datetime
    campaign: str = ""
    surfaces: tuple[Surface, ...] = ()
    picture: Shown | None = None
    voice: str = "plain"
    topic: str = ""
    thread: int = 0
    group: str = ""
    quote: str = ""
    extra: Mapping[str, Any] = field(factory=dict)

    @property
    def slug(self) -> str:
        """The title as it stands in an address."""
        return re.sub(r"[^a-z0-9]+", "-", ascii_fold(self.title).lower()).strip("-")[:80].rstrip("-")


@frozen(kw_only=True)
class Plan:
    """The whole town for a seed at a moment."""

    seed: int
    start: datetime
    documents: tuple[Planned, ...]
    campaigns: tuple[Campaign, ...]

    def of(self, site: str) -> tuple[Planned, ...]:
        """The documents of one site, oldest first."""
        return tuple(item for item in self.documents if item.site == site)


@lru_cache(maxsize=1)
def scripts() -> Mapping[str, Any]:
    """All wording: file stem -> content."""
    return {
        path.stem: yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader) for path in sorted(TEXTS.glob("*.yaml"))
    }


# ------------------------------------------------------------------------------------------------------ wording


def choose(text: str, rng: random.Random) -> str:
    """One of the alternatives of each `{a|b}`, innermost first."""
    while True:
        text, count = _CHOICE.subn(lambda match: rng.choice(match[1].split("|")), text)
        if not count:
            return text


def _fill(text: str, rng: random.Random, drawn: dict[str, str]) -> str:
    """The text with its `[slots]` drawn; a slot keeps its value within one document."""
    words = scripts()["words"]

    def value(match: re.Match[str]) -> str:
        slot = match[1]
        if slot not in drawn:
            drawn[slot] = _draw_word(slot.rstrip("0123456789"), words, rng)
        return drawn[slot]

    return _SLOT.sub(value, text)


def _digits(rng: random.Random, count: int) -> str:
    return "".join(str(rng.randrange(10)) for _ in range(count))


def _draw_word(slot: str, words: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    if slot == "money":
        return f"{rng.randrange(4, 60) * 50_000:,}".replace(",", ".")
    if slot == "million":
        return f"{rng.randrange(2, 80)}"
    if slot == "date":
        return f"{rng.randrange(1, 29):02d}/{rng.randrange(1, 13):02d}/2026"
    if slot == "cccd":
        return f"0{rng.choice(('60', '68', '72', '79'))}{rng.choice('0123')}{_digits(rng, 8)}"
    if slot == "mst":
        return f"{rng.choice(('58', '34', '03'))}0{_digits(rng, 7)}"
    if slot == "order":
        return f"{rng.choice(('SPXVN', 'GHTK', 'VTP'))}{_digits(rng, 10)}"
    if slot == "plate":
        return f"{rng.choice(('49A', '86A', '48A', '49B1', '86B2'))}-{_digits(rng, 3)}.{_digits(rng, 2)}"
    if slot == "powercode":
        return f"PB{_digits(rng, 11)}"
    if slot == "number":
        return str(rng.randrange(3, 60))
    if slot == "year":
        return str(rng.randrange(1962, 2004))
    return choose(rng.choice(words[slot]), rng)


def _honest_value(kind: str, rng: random.Random) -> Invented:
    makers = {
        "phone": values.phone,
        "landline": values.landline,
        "hotline": values.hotline,
        "account": values.account,
        "wallet": values.wallet,
    }
    if kind == "link":
        return values.link(rng, rng.choice(("*.vn", "www.*.com.vn", "*.com/san-pham", "*.vn/lien-he")))
    if kind == "facebook":
        return values.handle(rng, "facebook", "shop*")
    if kind == "telegram":
        return values.handle(rng, "telegram", "nhom_*")
    if kind == "zalo":
        return values.handle(rng, "zalo", "g/*")
    return makers[kind](rng)


def render(
    script: Mapping[str, Any],
    rng: random.Random,
    *,
    site: str,
    campaign: Campaign | None = None,
    hidden: float | None = None,
) -> tuple[str, str, str, tuple[Surface, ...]]:
    """Title, text, voice and surfaces of one script. A slot that the campaign does not own is an honest identifier."""
    press = site in ("portal", "news")
    share = hidden if hidden is not None else HIDDEN_SHARE_FRAUD if campaign else HIDDEN_SHARE_HONEST
    voice = script.get("voice") or draw_voice(rng, site)
    drawn: dict[str, str] = {}
    own: dict[str, Invented] = dict(campaign.identifiers) if campaign else {}
    surfaces: list[Surface] = []

    def identifier(match: re.Match[str]) -> str:
        slot, style = match[1] + match[2], match[3] or ""
        if slot not in own:
            own[slot] = values.account(rng, "TCB") if style == "vietqr" else _honest_value(match[1], rng)
        text, surface = write(own[slot], rng, style=style, hidden=share, press=press)
        surfaces.append(surface)
        if "no_marks" in voice:
            text, surfaces[-1] = ascii_fold(text), evolve(surface, raw=ascii_fold(surface.raw))
        return text

    def say(text: str, spoken: str) -> str:
        return _IDENTIFIER.sub(identifier, speak(_fill(choose(text.strip(), rng), rng, drawn), spoken, rng))

    title = script.get("title", "")
    # A title is a headline: no pictures, no capitals; a thread's or an ad's title is spoken as its text is.
    title = say(title, "plain" if voice in ("emoji", "shout") or press else voice) if title else ""
    return title, say(script["text"], voice), voice, tuple(surfaces)


# ------------------------------------------------------------------------------------------------------ campaigns


def _make_identifiers(spec: Mapping[str, Any], rng: random.Random) -> dict[str, Invented]:
    made: dict[str, Invented] = {}
    for slot, shape in spec.items():
        kind = slot.rstrip("0123456789")
        if kind == "account":
            made[slot] = values.account(rng, shape)
        elif kind == "link":
            made[slot] = values.link(rng, choose(shape, rng))
        elif kind == "file":
            made[slot] = values.file(rng, choose(shape, rng))
        elif kind in ("telegram", "facebook", "zalo"):
            made[slot] = values.handle(rng, kind, choose(shape, rng))
        elif kind == "tron":
            made[slot] = values.tron(rng)
        else:
            made[slot] = {"phone": values.phone, "wallet": values.wallet}[kind](rng)
    return made


def _campaign(script: Mapping[str, Any], seed: int, *, reserve: bool = False, number: int = 0) -> Campaign:
    rng = dice(seed, "campaign", script["id"], number)
    return Campaign(
        id=f"{script['id']}-{number}" if reserve else script["id"],
        form=script["form"],
        identifiers=_make_identifiers(script["identifiers"], rng),
        reserve=reserve,
        warned=script.get("warned", ""),
        only_in=script.get("only_in", ""),
    )


def _shown(script: Mapping[str, Any], rng: random.Random, campaign: Campaign | None) -> Shown | None:
    """The picture of a script: `{code: account}`, `{code: account, amount: "500000"}` or `{letters: "... <phone>"}`."""
    wanted = script.get("picture")
    if not wanted:
        return None
    own = campaign.identifiers if campaign else {}
    if pictures.CODE in wanted:
        item = own[wanted[pictures.CODE]]
        content = pictures.payment(item, values.BINS[item.extra["bank"]], str(wanted.get("amount", "")))
        return Shown(
            kind=pictures.CODE, content=content, surface=Surface(kind=item.kind, value=item.value, raw=content)
        )
    surface = None
    content = choose(wanted[pictures.LETTERS].strip(), rng)
    if match := _IDENTIFIER.search(content):
        text, surface = write(own[match[1] + match[2]], rng, style=match[3] or "")
        content = content[: match.start()] + text + content[match.end() :]
    return Shown(kind=pictures.LETTERS, content=ascii_fold(content), surface=surface)


def _author(rng: random.Random, site: str, script: Mapping[str, Any]) -> str:
    if script.get("author"):
        return _fill(choose(script["author"], rng), rng, {})
    words = scripts()["words"]
    if site == "portal":
        return "Ban biên tập"
    if site == "news":
        return str(rng.choice(words["reporter"]))
    if site == "channel":
        return str(scripts()["sites"]["channel"]["title"])
    if site == "ads":
        return _fill(choose(script.get("page", rng.choice(words["page"])), rng), rng, {})
    return str(rng.choice(words["nick"] if site == "forum" else words["seller"]))


def _when(start: datetime, hours: Sequence[float], rng: random.Random) -> datetime:
    moment = start - timedelta(hours=rng.uniform(min(hours), max(hours)))
    return moment.replace(second=0, microsecond=0)


def _document(
    script: Mapping[str, Any], *, site: str, seed: int, key: str, start: datetime, campaign: Campaign | None
) -> Planned:
    rng = dice(seed, key)
    title, text, voice, surfaces = render(script, rng, site=site, campaign=campaign)
    return Planned(
        site=site,
        title=title,
        text=text,
        author=_author(rng, site, script),
        published=_when(start, script.get("hours", (3, 120)), rng),
        campaign=campaign.id if campaign else "",
        surfaces=surfaces,
        picture=_shown(script, dice(seed, key, "picture"), campaign),
        voice=voice,
        topic=script.get("topic", ""),
        group=script.get("thread", ""),
        quote=script.get("quote", ""),
        extra={name: _extra(script[name], rng) for name in ("price", "cta") if name in script},
    )


def _extra(value: object, rng: random.Random) -> object:
    return _fill(choose(value, rng), rng, {}) if isinstance(value, str) else value


def _thread_documents(
    script: Mapping[str, Any], *, seed: int, key: str, start: datetime, campaign: Campaign | None
) -> list[Planned]:
    """An opening post and its answers; each answer comes later than the one before."""
    first = _document(script, site="forum", seed=seed, key=key, start=start, campaign=campaign)
    first = evolve(first, group=key)
    documents = [first]
    rng = dice(seed, key, "answers")
    room = (start - first.published) / (len(script.get("answers", ())) + 1)
    for number, answer in enumerate(script.get("answers", ()), start=1):
        answer = {"text": answer} if isinstance(answer, str) else answer
        post = _document(
            answer,
            site="forum",
            seed=seed,
            key=f"{key}:{number}",
            start=start,
            campaign=campaign if answer.get("fraud") else None,
        )
        moment = (first.published + room * (number - rng.uniform(0.1, 0.9))).replace(second=0, microsecond=0)
        documents.append(evolve(post, title=first.title, group=key, published=moment))
    return documents


def _fraud_documents(campaign: Campaign, script: Mapping[str, Any], seed: int, start: datetime) -> list[Planned]:
    documents: list[Planned] = []
    for number, item in enumerate(script["documents"]):
        key = f"{script['id']}:{number}"
        if item["site"] == "forum" and "thread" not in item:
            documents += _thread_documents(item, seed=seed, key=key, start=start, campaign=campaign)
        else:
            documents.append(_document(item, site=item["site"], seed=seed, key=key, start=start, campaign=campaign))
    return documents


def _honest_documents(seed: int, start: datetime) -> list[Planned]:
    documents: list[Planned] = []
    for site in SITES:
        for number, script in enumerate(scripts()[f"honest_{site}"]):
            key = script.get("id") or f"honest:{site}:{number}"
            if site == "forum":
                documents += _thread_documents(script, seed=seed, key=key, start=start, campaign=None)
            else:
                documents.append(_document(script, site=site, seed=seed, key=key, start=start, campaign=None))
    return documents


def _number(documents: list[Planned]) -> tuple[Planned, ...]:
    """Documents with external ids in order of publication, and thread numbers on the forum."""
    counters = dict(FIRST_ID)
    step = {"portal": 1, "news": 7, "channel": 1, "forum": 1, "classifieds": 13, "ads": 1009}
    threads: dict[str, int] = {}
    titles: dict[str, str] = {}
    numbered: list[Planned] = []
    for item in sorted(documents, key=lambda item: (item.published, item.site, item.text)):
        # A deleted message leaves a gap in a channel's ids.
        counters[item.site] += step[item.site] + (item.site == "channel" and len(numbered) % 9 == 4)
        thread = threads.setdefault(item.group, 1201 + 3 * len(threads)) if item.site == "forum" else 0
        title = titles.setdefault(item.group, item.title) if item.site == "forum" else item.title
        numbered.append(evolve(item, external_id=str(counters[item.site]), thread=thread, title=title))
    return tuple(numbered)


def _seat_answers(documents: list[Planned]) -> list[Planned]:
    """Answers that name a thread come after its opening post."""
    opening: dict[str, datetime] = {}
    for item in documents:
        if item.site == "forum" and item.title:
            opening[item.group] = min(item.published, opening.get(item.group, item.published))
    seated = []
    for item in documents:
        if item.site == "forum" and not item.title:
            item = evolve(item, published=max(item.published, opening[item.group] + timedelta(minutes=7)))
        seated.append(item)
    return seated


@lru_cache(maxsize=8)
def make_plan(seed: int, start: datetime) -> Plan:
    """The town for a seed, its times counted back from `start` (aware)."""
    campaigns = [_campaign(script, seed) for script in scripts()["campaigns"]]
    documents = _honest_documents(seed, start)
    for campaign, script in zip(campaigns, scripts()["campaigns"], strict=True):
        documents += _fraud_documents(campaign, script, seed, start)
    spare = [published_campaign(seed, number)[0] for number in range(RESERVE)]
    return Plan(seed=seed, start=start, documents=_number(_seat_answers(documents)), campaigns=(*campaigns, *spare))


def published_campaign(seed: int, number: int) -> tuple[Campaign, Mapping[str, Any]]:
    """The campaign, with its script, that the button publishes the `number`-th time."""
    reserve = scripts()["reserve"]
    script = reserve[number % len(reserve)]
    return _campaign(script, seed, reserve=True, number=number % RESERVE), script


def published_post(seed: int, number: int, *, site: str, external_id: str, at: datetime, thread: int = 0) -> Planned:
    """The post that the button publishes the `number`-th time, on `channel` or `forum`."""
    campaign, script = published_campaign(seed, number)
    item = _document(script, site=site, seed=seed, key=f"publish:{number}:{site}", start=at, campaign=campaign)
    return evolve(item, external_id=external_id, published=at, thread=thread)
