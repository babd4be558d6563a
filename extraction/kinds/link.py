"""Links: hosts with what follows them, however they were defanged."""

from __future__ import annotations

from collections.abc import Iterator

from extraction.hosts import SHARED, SHORTENERS, look_alike, registrable_domain
from extraction.kinds.base import EntityKind
from extraction.reading import Page
from extraction.urls import Url, urls
from model.document import Mention


def _attributes(url: Url) -> dict[str, str]:
    host = url.host.partition(":")[0]
    return {
        "scheme": url.scheme,
        "host": host,
        "domain": registrable_domain(host),
        "shortener": "yes" if host.removeprefix("www.") in SHORTENERS else "",
        "look_alike": look_alike(host, url.base),
    }


class Link(EntityKind):
    """Value: host in lower case and IDNA, path and query as written, no scheme, no trailing slash."""

    name = "link"
    label = "Đường dẫn"
    plural_label = "Đường dẫn"
    field = "links"
    rank = 20
    order = 30

    def find(self, page: Page) -> Iterator[Mention]:
        for url in urls(page):
            page.claim(url.start, url.end)
            yield page.mention(
                "link", url.value, url.start, url.end, 0.95 if url.scheme or url.rest else 0.85, **_attributes(url)
            )

    def normalise(self, text: str) -> str | None:
        found = urls(Page(text.strip()))
        return found[0].value if len(found) == 1 else None

    def paste_forms(self, value: str) -> tuple[str, ...]:
        host = value.partition("/")[0].partition("?")[0]
        return (value, host) if host != value else (value,)

    def keys(self, mention: Mention) -> tuple[str, ...]:
        """The link itself, and its registrable domain where one registrant stands behind it."""
        host = mention.attributes.get("host") or mention.value.partition("/")[0].partition(":")[0]
        domain = mention.attributes.get("domain") or registrable_domain(host)
        shared = domain in SHARED or host in SHARED or host in SHORTENERS or domain in SHORTENERS
        if shared:
            return (f"link:{mention.value}",) if "/" in mention.value or "?" in mention.value else ()
        return (f"domain:{domain}", f"link:{mention.value}")
