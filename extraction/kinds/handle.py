"""Accounts on messengers and social networks, as an address or as `@name` behind the platform's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.beginnings import literals
from extraction.kinds.base import EntityKind
from extraction.numbering import dialled
from extraction.reading import Page
from extraction.refang import Refanged, refanged
from extraction.signs import Gate
from extraction.urls import BY_PHONE, handle_id, handle_of, urls
from model.document import Mention

PLATFORMS = {
    "telegram": r"telegram|te ?le ?gram|t ?e ?l ?e(?: ?g ?r ?a ?m)?|telegr4m|tele?[gq]r?a?m|teleg|tlgr|tlg|tg|te ?le ?go ?ram",
    "zalo": r"zalo|zalo oa|oa zalo|zl",
    "facebook": r"facebook|face ?book|facebok|fanpage|page fb|fb|face|phay ?(?:but|buc|book|s)|phe ?(?:buc|boc)",
    "messenger": r"messenger|mess",
    "tiktok": r"tiktok|tik tok|tik|top ?top",
    "youtube": r"youtube|you tube|ytb|yt|diu ?tup|yu ?tup",
    "whatsapp": r"whatsapp|what'?s ?app|wapp|whats|oat ?(?:sap|xap)",
    "viber": r"viber|vai ?bo",
    "x": r"twitter|x\.com",
    "instagram": r"instagram|insta|ig|ins|in ?ta ?gram",
}
"""What people call a platform, by the letters or by the ear; accents folded."""
_NAMED = Gate(*(text for pattern in PLATFORMS.values() for text in literals(pattern)))
_ANY = "|".join(f"(?P<{name}>{pattern})" for name, pattern in PLATFORMS.items())
_CUED = re.compile(
    rf"(?<![a-z0-9])(?:{_ANY})(?![a-z])[ ]?(?:id|la|nick|kenh|nhom|user(?:name)?|ten|acc|cua (?:em|minh|shop)|qua|em|minh|ad|admin|cskh|so|ib|app|\W){{0,3}}[ :\-=>→👉(\[\"']{{0,4}}(?:@|at[)\]}}]|a cong(?= ))[ ]?(?P<name>[a-z0-9_][a-z0-9_.]{{2,40}})"
)
_BARE = re.compile(
    rf"(?<![a-z0-9])(?:{_ANY})(?:(?: id| nick| username| user| kenh| nhom)?[ ]?(?:[^\w\s.,/@()][ ]?){{1,3}}| (?:id|nick|username|user|tim|tim kiem|search|add|ten(?: la)?|(?:(?:cua )?(?:em|minh|shop|ad|admin) )?la) |[ ]?\()(?P<name>[a-z][a-z0-9_.]{{3,40}})(?![a-z0-9@])"
)
_AT = re.compile(r"(?<![\w.@/])@(?P<name>[A-Za-z][A-Za-z0-9_.]{3,40})(?![\w@])")
_AT_WORD = re.compile(r"[(\[{]at[)\]}]|a cong ")
_AT_WORDS = Gate("at)", "at]", "at}", "a cong ")
_RESOLVE = re.compile(r"tg://resolve\?domain=(?P<name>[a-z0-9_]{4,40})")
_PLATFORM_BEHIND = re.compile(rf"\W{{1,3}}(?:tren |ben |qua |o |la |nick |kenh ){{0,2}}(?:{_ANY})(?![a-z])")
_PLATFORM_NEAR = re.compile(rf"(?<![a-z0-9])(?:{_ANY})(?![a-z])")


_CONTACT = re.compile(
    r"(?<![a-z])(?:nhan(?: tin)?|inbox|ib|lien he|lh|add|ket ban|chat|tim|nick|acc)(?: (?:cho|voi|qua|ngay|em|minh|ad|admin|nick))?[ :]{1,3}\Z"
)
"""Words directly before a name that tell people to write to it."""


def _platform(match: re.Match[str]) -> str:
    return next(name for name in PLATFORMS if match.group(name))


class Handle(EntityKind):
    """Value: `platform:id`, lower case; a Zalo or WhatsApp id may be a number (`zalo:84912345678`), a group is `zalo:g/<id>`."""

    name = "handle"
    label = "Tài khoản mạng xã hội"
    plural_label = "Tài khoản mạng xã hội"
    field = "handles"
    rank = 12
    order = 35

    def find(self, page: Page) -> Iterator[Mention]:
        yield from self._from_links(page)
        view = refanged(page)
        for match in _RESOLVE.finditer(page.base) if "tg://" in page.base else ():
            yield from self._mention(page, view, "telegram", *match.span("name"))
        if "@" in view.base or (_AT_WORDS(page) and _AT_WORD.search(view.base)):
            yield from self._from_names(page, view)
            yield from self._from_at(page, view)
        if _NAMED(page) and _PLATFORM_NEAR.search(view.base):
            yield from self._bare(page, view)

    def _from_links(self, page: Page) -> Iterator[Mention]:
        for url in urls(page):
            value = handle_of(url.host, url.rest)
            if value is None:
                continue
            yield page.mention("handle", value, url.start, url.end, 0.95)
            platform, _, name = value.partition(":")
            number = dialled(name) if platform in BY_PHONE and name.isdigit() else None
            if number is not None and number.kind == "phone":
                yield page.mention("phone", number.value, url.start, url.end, 0.95, carrier=number.carrier)

    def _from_names(self, page: Page, view: Refanged) -> Iterator[Mention]:
        for match in _CUED.finditer(view.base):
            platform = _platform(match)
            start, end = match.span("name")
            yield from self._mention(page, view, platform, start - (view.base[start - 1] in "@ "), end)

    def _from_at(self, page: Page, view: Refanged) -> Iterator[Mention]:
        """`@name` on its own belongs to the platform named last before it in the neighbourhood."""
        for match in _AT.finditer(view.plain):
            if not page.is_free(*view.back(*match.span())):
                continue
            platform, confidence = self._platform_of(view, match)
            if platform:
                yield from self._mention(page, view, platform, *match.span(), confidence)

    def _platform_of(self, view: Refanged, match: re.Match[str]) -> tuple[str, float]:
        """The platform named before the name, behind it, or as the only one of the text where somebody is told to write.

        Where none is named, names with figures to which people are told to write are Telegram's far more often than others'.
        """
        around = [*_PLATFORM_NEAR.finditer(view.base, max(0, match.start() - 60), match.start())]
        named = around[-1] if around else _PLATFORM_BEHIND.match(view.base, match.end())
        if named:
            return _platform(named), 0.9
        if not _CONTACT.search(view.base[max(0, match.start() - 24) : match.start()]):
            return "", 0.0
        platforms = {_platform(found) for found in _PLATFORM_NEAR.finditer(view.base)}
        if len(platforms) == 1:
            return platforms.pop(), 0.8
        return ("telegram", 0.6) if not platforms and re.search("[0-9_]", match["name"]) else ("", 0.0)

    def _bare(self, page: Page, view: Refanged) -> Iterator[Mention]:
        """`Telegram: cskh_zq9`: without @ only what no word looks like."""
        for match in _BARE.finditer(view.base):
            start, end = match.span("name")
            name = view.plain[start:end]
            if (
                re.search(r"[0-9_]", name)
                and not re.fullmatch(r"[0-9olisebgqzt]{3,12}", name.lower())
                and name.isascii()
                and page.is_free(*view.back(start, end))
            ):
                platform = _platform(match)
                yield from self._mention(page, view, platform, start, end)

    def _mention(
        self, page: Page, view: Refanged, platform: str, start: int, end: int, confidence: float = 0.9
    ) -> Iterator[Mention]:
        written = view.plain[start:end].rstrip("._")
        name, span = written.lstrip("@ ").lower(), view.back(start, start + len(written))
        if len(name) >= 3 and name.isascii() and page.is_free(*span):
            page.claim(*span)
            yield page.mention("handle", f"{platform}:{name}", *span, confidence)

    def normalise(self, text: str) -> str | None:
        text = text.strip()
        platform, separator, name = text.partition(":")
        if separator and platform in PLATFORMS and name and "//" not in text:
            return f"{platform}:{handle_id(platform, name.lstrip('@'))}"
        found = [handle_of(url.host, url.rest) for url in urls(Page(text))]
        return found[0] if len(found) == 1 else None

    def paste_forms(self, value: str) -> tuple[str, ...]:
        return (value.partition(":")[2],)

    def keys(self, mention: Mention) -> tuple[str, ...]:
        """A handle that is a phone joins as the phone."""
        platform, _, name = mention.value.partition(":")
        number = dialled(name) if name.isdigit() and platform in BY_PHONE else None
        if number is not None and number.kind == "phone":
            return (f"phone:{number.value}", f"handle:{mention.value}")
        return (f"handle:{mention.value}",)
