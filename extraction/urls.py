"""Links of a page, restored and judged; handles and link mentions are read from them."""

from __future__ import annotations

import re
from urllib.parse import unquote

from attrs import evolve, frozen

from extraction.hosts import bare_is_meant, dotted, is_address, is_call, is_host, is_sold, is_tld, to_ascii
from extraction.numbering import dialled
from extraction.reading import ENTITY_LIMIT, Page
from extraction.refang import Refanged, refanged
from extraction.syllables import is_syllable
from extraction.words import words


@frozen(kw_only=True)
class Url:
    """host: lower case, IDNA, with its port; rest: path, query and fragment as written, no trailing slash.

    written: host as written, look-alike letters kept; base: host in plain Latin. start, end: span in the page's views.
    """

    scheme: str
    host: str
    written: str
    base: str
    rest: str
    start: int
    end: int

    @property
    def value(self) -> str:
        return self.host + self.rest


MOST_LABELS = 40
"""Dots of a token in which a host is looked for; a longer one is a flood, and each label costs a look-up."""
_SCHEME_BEFORE = re.compile(r"([a-z][a-z0-9+]{1,9})://(?:[^\s/@]{1,80}@)?\Z", re.IGNORECASE)
_PORT = re.compile(r":[0-9]{2,5}(?![0-9])")
_REST = re.compile(r"[/?#][^\s<>\"“”‘’«»{}|\\^`…\u3000-\u303f]{0,2000}")
_TRAILING = ".,;:!?*~'–-_•·"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def _trim(rest: str) -> str:
    """Without the punctuation of the sentence around it; a bracket stays when it was opened inside."""
    while rest:
        last = rest[-1]
        unopened = last in _PAIRS and rest.count(last) > rest.count(_PAIRS[last])
        if not unopened and last not in _TRAILING:
            break
        rest = rest[:-1]
    return rest


_GLUED_END = re.compile(r"\.(?P<tld>com|net|vn|top|xyz|vip|cc|org|online|site|shop|club|info)[A-ZĐÀ-Ý][\w\-]*\Z")
"""A sentence that begins with a capital right behind a top-level domain: `zq9.comĐăng`."""


def _labels(written: str, base: str) -> tuple[str, str] | None:
    """The host inside a dotted token: sentence words glued behind it are cut, labels are never."""
    written, base = written.strip("-_"), base.strip("-_")
    if base.count(".") > MOST_LABELS:
        return None
    while "." in base:
        if is_host(base) or is_address(base) or (is_host(written.lower()) and not base.isascii()):
            return written, base
        if ended := _GLUED_END.search(written):
            size = len(written) - ended.end("tld")
            written, base = written[: len(written) - size], base[: len(base) - size]
            continue
        head, _, tail = base.rpartition(".")
        written_head, _, written_tail = written.rpartition(".")
        glued = not tail or is_syllable(tail.rpartition("-")[0] or tail) or written_tail[:1].isupper() or tail.isdigit()
        if not glued or not is_tld(head.rpartition(".")[2]):
            return None
        written, base = written_head, head
    return None


_MOST_NAMES = 1
"""Dotted names of programs in a text that may stand there by chance; a text with more speaks of programs."""
_NAME_OF_PROGRAM = re.compile(r"[a-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)


def _is_name_of_program(token: str) -> bool:
    """Whether a dotted token is written like `console.log`, and not like two sentences without a space."""
    return _NAME_OF_PROGRAM.fullmatch(token) is not None and not all(map(is_syllable, token.lower().split(".")))


def _found(page: Page) -> list[Url]:
    view = refanged(page)
    if "." not in page.base and not view.edited:
        return []
    found, names = _scan(page, view)
    if names > _MOST_NAMES:
        return [url for url in found if url.scheme or url.rest or is_sold(url.base)]
    return found


def _scan(page: Page, view: Refanged) -> tuple[list[Url], int]:
    """The links outside what is claimed, and how many names of programs stand between them."""
    plain, base = view.plain, view.base
    urls, names, reached = list[Url](), 0, 0
    for first, stop in dotted(plain):
        token = plain[first:stop]
        start = first + len(token) - len(token.lstrip("-_"))
        found = _labels(token, base[first:stop])
        if found is None:
            names += _is_name_of_program(token)
            continue
        url = _judge(plain, base, start, start + len(found[0]), *found)
        if url is None or (url.start < reached and not url.scheme):
            continue
        reached = max(reached, url.end)
        first, last = view.back(url.start, url.end)
        if page.is_free(first, last):
            urls.append(evolve(url, start=first, end=last))
        if len(urls) > ENTITY_LIMIT:
            break
    return urls, names


_FILE_PATH = re.compile(r"(?:^|[\s(\"'])(?:~|\.{1,2})?/[\w./~\-]{0,90}\Z")
_RELATIVE = re.compile(r"\w/[\w./~\-]{0,90}\Z")
_NETMASK = re.compile(r"/[0-9]{1,2}\Z")
_FILE_SAID = re.compile(
    r"(?i)(?:^|\W)(?:tệp|tệp tin|tập tin|file|thư mục|gói|package|module|directory) [\w./~\-]{0,60}\Z"
)


def _names_file(before: str, folded: str) -> bool:
    """Whether a bare `a.b` is a file: at the end of a path, or called one, and no ending that addresses are sold under."""
    if _FILE_PATH.search(before) and "//" not in before[-92:]:
        return True
    return not is_sold(folded) and any(pattern.search(before) for pattern in (_FILE_SAID, _RELATIVE))


def _judge(plain: str, base: str, start: int, end: int, written: str, folded: str) -> Url | None:
    before = plain[max(0, start - 92) : start]
    scheme = _SCHEME_BEFORE.search(before) if "://" in before else None
    if not scheme and plain[start - 1 : start] in ("@", "_") and start:
        return None
    port = _PORT.match(plain, end)
    after_host = port.end() if port else end
    match = _REST.match(plain, after_host)
    rest = _trim(match.group()) if match else ""
    path = len(rest) > 1
    following = plain[after_host : after_host + 1]
    if following == "@" or (following == "(" and not scheme and is_call(folded)):
        return None
    if is_address(written):
        if not scheme and not port and (not path or _NETMASK.match(rest)):
            return None
    elif not scheme and (
        _names_file(before, folded) or not bare_is_meant(written, folded, path=path and rest[0] == "/")
    ):
        return None
    stop = after_host + len(rest)
    return Url(
        scheme=scheme.group(1).lower() if scheme else "",
        host=to_ascii(written) + (port.group() if port else ""),
        written=written, base=folded, rest=rest.rstrip("/"),
        start=start - (len(scheme.group()) if scheme else 0), end=stop,
    )  # fmt: skip


def urls(page: Page) -> list[Url]:
    """Every link of the page outside what is claimed; computed once."""
    known = page.memo.get("urls")
    if known is None:
        known = page.memo["urls"] = _found(page)
    return known  # type: ignore[return-value]


# --- handles in URL form --------------------------------------------------------------------------------------------

_PLATFORM_HOSTS = {
    "zalo.me": "zalo", "zaloapp.com": "zalo", "chat.zalo.me": "zalo", "oa.zalo.me": "zalo", "id.zalo.me": "zalo",
    "t.me": "telegram", "telegram.me": "telegram", "telegram.dog": "telegram",
    "facebook.com": "facebook", "fb.com": "facebook", "m.facebook.com": "facebook", "fb.me": "facebook", "web.facebook.com": "facebook", "mbasic.facebook.com": "facebook", "vi-vn.facebook.com": "facebook",
    "m.me": "messenger", "messenger.com": "messenger",
    "tiktok.com": "tiktok", "youtube.com": "youtube", "m.youtube.com": "youtube", "wa.me": "whatsapp", "api.whatsapp.com": "whatsapp", "chat.whatsapp.com": "whatsapp",
    "viber.com": "viber", "viber.me": "viber", "chats.viber.com": "viber", "invite.viber.com": "viber", "x.com": "x", "twitter.com": "x", "mobile.twitter.com": "x", "instagram.com": "instagram", "ig.me": "instagram",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9_.\-+]{2,64}\Z")
_FACEBOOK_PAGES = words("share sharer watch reel reels story stories photo photos videos events marketplace login hashtag help policies legal gaming plugins dialog permalink.php story.php photo.php media ads business l.php")  # fmt: skip


def handle_of(host: str, rest: str) -> str | None:
    """`platform:id` of a profile, group or channel address; None for other pages of a platform."""
    host = host.removeprefix("www.")
    platform = _PLATFORM_HOSTS.get(host)
    if platform is None or not rest.strip("/"):
        return None
    path, _, query = rest.partition("?")
    parts = [unquote(part) for part in path.partition("#")[0].split("/") if part]
    parameters = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    found = _READERS.get(platform, _plain_name)(parts, parameters, host)
    return f"{platform}:{handle_id(platform, found)}" if found else None


BY_PHONE = frozenset({"zalo", "whatsapp", "viber"})
"""Platforms where an account may be known by its owner's number."""


def handle_id(platform: str, name: str) -> str:
    """The one normal form of an account's name: lower case; a Vietnamese number as `84912345678`, however it is written."""
    digits = name.removeprefix("+")
    number = dialled(digits) if platform in BY_PHONE and digits.isdigit() else None
    if number is not None and number.kind == "phone":
        return number.value.removeprefix("+")
    return name.lower()


Parameters = dict[str, str]


def _plain_name(parts: list[str], parameters: Parameters, host: str) -> str | None:
    name = parts[0].removeprefix("@") if parts else ""
    return name if _NAME.match(name) else None


def _zalo(parts: list[str], parameters: Parameters, host: str) -> str | None:
    if not parts:
        return None
    if parts[0] in ("g", "s", "pc", "oa", "o") and len(parts) > 1:
        return f"{parts[0]}/{parts[1]}" if parts[0] in ("g", "s") else parts[1]
    return _plain_name(parts, parameters, host)


def _telegram(parts: list[str], parameters: Parameters, host: str) -> str | None:
    if parts and parts[0] in ("s", "joinchat", "c") and len(parts) > 1:
        return ("+" if parts[0] == "joinchat" else "") + parts[1]
    if parts and parts[0] in ("share", "proxy", "iv", "addstickers"):
        return None
    return _plain_name(parts, parameters, host)


def _facebook(parts: list[str], parameters: Parameters, host: str) -> str | None:
    if not parts:
        return None
    if parts[0] == "profile.php":
        return parameters.get("id")
    if parts[0] in ("groups", "people", "pages", "pg", "p") and len(parts) > 1:
        if parts[0] == "groups":
            return f"groups/{parts[1]}"
        return parts[-1] if parts[0] in ("people", "pages") and len(parts) > 2 else parts[1]
    return None if parts[0] in _FACEBOOK_PAGES else _plain_name(parts, parameters, host)


def _messenger(parts: list[str], parameters: Parameters, host: str) -> str | None:
    return _plain_name(parts[1:] if parts[0] in ("t", "j") else parts, parameters, host)


def _tiktok(parts: list[str], parameters: Parameters, host: str) -> str | None:
    return _plain_name(parts, parameters, host) if parts[0].startswith("@") else None


def _youtube(parts: list[str], parameters: Parameters, host: str) -> str | None:
    if parts[0] in ("channel", "c", "user") and len(parts) > 1:
        return parts[1]
    return _tiktok(parts, parameters, host)


def _whatsapp(parts: list[str], parameters: Parameters, host: str) -> str | None:
    if host == "chat.whatsapp.com":
        return parts[0] if parts else None
    if parts and parts[0] in ("send", "message", "qr"):
        return parameters.get("phone") or (parts[1] if len(parts) > 1 else None)
    return _plain_name(parts, parameters, host)


def _x(parts: list[str], parameters: Parameters, host: str) -> str | None:
    return (
        None
        if parts[0] in ("i", "intent", "share", "search", "hashtag", "home", "p", "explore", "reel")
        else _plain_name(parts, parameters, host)
    )


_READERS = {
    "zalo": _zalo, "telegram": _telegram, "facebook": _facebook, "messenger": _messenger, "tiktok": _tiktok,
    "youtube": _youtube, "whatsapp": _whatsapp, "x": _x, "instagram": _x,
}  # fmt: skip
