"""Accounts on messengers and social networks, as an address or as `@name` behind the platform's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.beginnings import literals
from extraction.kinds.base import EntityKind
from extraction.numbering import dialled
from extraction.reading import Page
from extraction.signs import Gate
from extraction.urls import handle_of, urls
from model.document import Mention

PLATFORMS = {
    "telegram": r"telegram|te ?le ?gram|t ?e ?l ?e(?: ?g ?r ?a ?m)?|telegr4m|tele?[gq]r?a?m|teleg|tlgr|tlg|tg",
    "zalo": r"zalo|zalo oa|oa zalo",
    "facebook": r"facebook|face ?book|facebok|fanpage|page fb|fb|face",
    "messenger": r"messenger|mess",
    "tiktok": r"tiktok|tik tok|tik|tóp tóp",
    "youtube": r"youtube|you tube|ytb|yt",
    "whatsapp": r"whatsapp|what'?s ?app|wapp|whats",
    "viber": r"viber",
    "x": r"twitter|x\.com",
    "instagram": r"instagram|insta|ig",
}
_NAMED = Gate(*(text for pattern in PLATFORMS.values() for text in literals(pattern)))
_ANY = "|".join(f"(?P<{name}>{pattern})" for name, pattern in PLATFORMS.items())
_CUED = re.compile(
    rf"(?<![a-z0-9])(?:{_ANY})(?![a-z])[ ]?(?:id|la|nick|kenh|nhom|user(?:name)?|ten|acc|cua (?:em|minh|shop)|qua|em|minh|ad|admin|cskh|so|ib|app|\W){{0,3}}[ :\-=>→👉(\[\"']{{0,4}}(?:@|at[)\]}}]|a cong(?= ))[ ]?(?P<name>[a-z0-9_][a-z0-9_.]{{2,40}})"
)
_BARE = re.compile(
    rf"(?<![a-z0-9])(?:{_ANY})(?:(?: id| nick| username| user| kenh| nhom)?[ ]?[^\w\s.,/@()]{{1,3}}[ ]?| (?:id|nick|username|user|tim|tim kiem|search|add|ten|(?:(?:cua )?(?:em|minh|shop|ad|admin) )?la) |[ ]?\()(?P<name>[a-z][a-z0-9_.]{{3,40}})(?![a-z0-9@])"
)
_AT = re.compile(r"(?<![\w.@/])@(?P<name>[A-Za-z][A-Za-z0-9_.]{3,40})(?![\w@])")
_AT_WORD = re.compile(r"[(\[{]at[)\]}]|a cong ")
_AT_WORDS = Gate("at)", "at]", "at}", "a cong ")
_RESOLVE = re.compile(r"tg://resolve\?domain=(?P<name>[a-z0-9_]{4,40})")
_PLATFORM_BEHIND = re.compile(rf"\W{{1,3}}(?:tren |ben |qua |o |la |nick |kenh ){{0,2}}(?:{_ANY})(?![a-z])")
_PLATFORM_NEAR = re.compile(rf"(?<![a-z0-9])(?:{_ANY})(?![a-z])")


class Handle(EntityKind):
    """Value: `platform:id`, lower case; a Zalo or WhatsApp id may be a number, a group is `zalo:g/<id>`."""

    name = "handle"
    label = "Tài khoản mạng xã hội"
    plural_label = "Tài khoản mạng xã hội"
    field = "handles"
    rank = 12
    order = 35

    def find(self, page: Page) -> Iterator[Mention]:
        yield from self._from_links(page)
        for match in _RESOLVE.finditer(page.base) if "tg://" in page.base else ():
            yield from self._mention(page, "telegram", *match.span("name"))
        if "@" in page.base or (_AT_WORDS(page) and _AT_WORD.search(page.base)):
            yield from self._from_names(page, _CUED)
            yield from self._from_at(page)
        if _NAMED(page) and _PLATFORM_NEAR.search(page.base):
            yield from self._bare(page)

    def _from_links(self, page: Page) -> Iterator[Mention]:
        for url in urls(page):
            value = handle_of(url.host, url.rest)
            if value is None:
                continue
            yield page.mention("handle", value, url.start, url.end, 0.95)
            platform, _, name = value.partition(":")
            number = dialled(name) if platform in ("zalo", "whatsapp", "viber") and name.isdigit() else None
            if number is not None and number.kind == "phone":
                yield page.mention("phone", number.value, url.start, url.end, 0.95, carrier=number.carrier)

    def _from_names(self, page: Page, pattern: re.Pattern[str]) -> Iterator[Mention]:
        for match in pattern.finditer(page.base):
            platform = next(name for name in PLATFORMS if match.group(name))
            start, end = match.span("name")
            yield from self._mention(page, platform, start - (page.base[start - 1] in "@ "), end)

    def _from_at(self, page: Page) -> Iterator[Mention]:
        """`@name` on its own belongs to the platform named last before it in the neighbourhood."""
        for match in _AT.finditer(page.plain):
            if not page.is_free(*match.span()):
                continue
            around = [*_PLATFORM_NEAR.finditer(page.base, max(0, match.start() - 60), match.start())]
            behind = _PLATFORM_BEHIND.match(page.base, match.end()) if not around else None
            named = around[-1] if around else behind
            if named:
                platform = next(name for name in PLATFORMS if named.group(name))
                yield from self._mention(page, platform, *match.span())

    def _bare(self, page: Page) -> Iterator[Mention]:
        """`Telegram: cskh_zq9`: without @ only what no word looks like."""
        for match in _BARE.finditer(page.base):
            start, end = match.span("name")
            name = page.plain[start:end]
            if (
                re.search(r"[0-9_]", name)
                and not re.fullmatch(r"[0-9olisebgqzt]{3,12}", name.lower())
                and name.isascii()
                and page.is_free(start, end)
            ):
                platform = next(key for key in PLATFORMS if match.group(key))
                yield from self._mention(page, platform, start, end)

    def _mention(self, page: Page, platform: str, start: int, end: int) -> Iterator[Mention]:
        name = page.plain[start:end].lstrip("@ ").rstrip("._").lower()
        end = start + len(page.plain[start:end].rstrip("._"))
        if len(name) >= 3 and name.isascii() and page.is_free(start, end):
            page.claim(start, end)
            yield page.mention("handle", f"{platform}:{name}", start, end, 0.9)

    def normalise(self, text: str) -> str | None:
        text = text.strip()
        platform, separator, name = text.partition(":")
        if separator and platform in PLATFORMS and name and "//" not in text:
            return f"{platform}:{name.lstrip('@').lower()}"
        found = [handle_of(url.host, url.rest) for url in urls(Page(text))]
        return found[0] if len(found) == 1 else None

    def paste_forms(self, value: str) -> tuple[str, ...]:
        return (value.partition(":")[2],)

    def keys(self, mention: Mention) -> tuple[str, ...]:
        """A handle that is a phone joins as the phone."""
        platform, _, name = mention.value.partition(":")
        number = dialled(name) if name.isdigit() and platform in ("zalo", "whatsapp", "viber") else None
        if number is not None and number.kind == "phone":
            return (f"phone:{number.value}", f"handle:{mention.value}")
        return (f"handle:{mention.value}",)
