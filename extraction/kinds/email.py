"""E-mail addresses, with `@` written out or bracketed as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.hosts import is_host, is_tld, registrable_domain, to_ascii
from extraction.kinds.base import EntityKind
from extraction.reading import Page
from extraction.refang import refanged
from extraction.signs import Gate
from extraction.syllables import is_syllable
from model.document import Mention

_AT = re.compile(
    r"(?:_(?=at_)|-(?=at-)|[ ]{0,2})[\[({<]?[ ]?(?:@|(?<![a-z])(?:a cong|acong|a vong|a moc|-?at-?)(?![a-z])|(?<=[\[({<])a(?=[\])}>]))[ ]?[\])}>]?(?:(?<=_at)_|(?<=-at)-|[ ]{0,2})"
)
_LOCAL = re.compile(r"[a-z0-9][a-z0-9._%+\-]{0,63}\Z")
_DOMAIN = re.compile(r"[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,5}")
_LOCAL_BEFORE = re.compile(r"[a-z0-9][a-z0-9._\-]{1,40}(?= (?:cham|dot|\.) \Z)")
"""The part before a dot that is spelled out inside the name: `ho.tro` as `ho chấm tro`."""
_GATE = re.compile(r"@|[_\-]at[_\-]|a ?cong|a vong|a moc|[\[({< ]at[\])}> ]|\(a\)|\[a\]")
_SIGNS = Gate(
    "@",
    "_at",
    "-at",
    "<at",
    "acong",
    "a cong",
    "a vong",
    "a moc",
    "[at",
    "(at",
    "{at",
    " at]",
    " at)",
    " at}",
    " at ",
    "(a)",
    "[a]",
)
_PLATFORM = re.compile(r"(?:insta(?:gram)?|ig|fb|facebook|face|tiktok|tik|telegram|tele|tg|zalo|x|twitter|youtube|yt)")
"""Names before a space and `@` that announce a handle, not the local part of an address."""
_PROVIDERS = ("gmail", "yahoo", "hotmail", "outlook", "icloud", "proton", "yandex", "mail", "live", "aol", "zoho")


_CORE = re.compile(r"[@a](?:(?<=@)|(?<=a)(?:[ ]?cong| vong| moc|t|(?=[\])}>])))")
"""What every sign for `@` holds; `_AT` is tried around it."""


def _ats(base: str) -> Iterator[re.Match[str]]:
    """Every sign for `@`, with what stands around it."""
    reached = 0
    for core in _CORE.finditer(base):
        for start in range(max(reached, core.start() - 4), core.start() + 1):
            match = _AT.match(base, start)
            if match is not None and match.end() > core.start():
                yield match
                reached = match.end()
                break


class Email(EntityKind):
    """Value: lower case."""

    name = "email"
    label = "Thư điện tử"
    plural_label = "Thư điện tử"
    field = "emails"
    rank = 13
    order = 20

    def find(self, page: Page) -> Iterator[Mention]:
        view = refanged(page)
        if not (view.edited and "@" in view.base) and not (_SIGNS(page) and _GATE.search(page.base)):
            return
        for at in _ats(view.base):
            local = _LOCAL.search(view.base, max(0, at.start() - 64), at.start())
            domain = _DOMAIN.match(view.base, at.end())
            if local is None or domain is None or view.base[: local.start()].endswith("://"):
                continue
            if at.group().startswith(" ") and at.group().endswith("@") and _PLATFORM.fullmatch(local.group()):
                continue
            found = self._domain(view.base, domain, view.plain)
            if found is None or not self._is_meant(at.group(), local.group(), found):
                continue
            name, first = local.group(), local.start()
            before = _LOCAL_BEFORE.search(view.base, max(0, first - 50), first)
            if before and not is_syllable(before.group()):
                name, first = f"{before.group()}.{name}", before.start()
            start, end = view.back(first, domain.start() + len(found))
            page.claim(start, end)
            yield page.mention(
                "email",
                f"{name.strip('.')}@{to_ascii(found)}",
                start,
                end,
                0.95,
                domain=registrable_domain(found),
            )

    def _domain(self, base: str, match: re.Match[str], plain: str) -> str | None:
        host = match.group().strip("-.")
        while "." in host:
            if is_host(host) and is_tld(host.rpartition(".")[2]):
                return host
            host = host.rpartition(".")[0]
        return None

    def _is_meant(self, at: str, local: str, domain: str) -> bool:
        """A bare word `at` or spaces around `@` need a mail provider's domain or a local part no word looks like."""
        if at in ("_at_", "-at-"):
            return domain.partition(".")[0] in _PROVIDERS
        if at == "@" or "[" in at or "(" in at or "{" in at or "<" in at or "a " in at.strip():
            return True
        return domain.partition(".")[0] in _PROVIDERS or bool(re.search(r"[0-9._]", local)) or "@" in at

    def normalise(self, text: str) -> str | None:
        found = list(self.find(Page(text.strip())))
        return found[0].value if len(found) == 1 and len(text) < 120 else None
