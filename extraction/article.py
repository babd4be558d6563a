"""Title, text, author and time of an article page, without what portals and papers put around it.

Selectors of the source's sheet come first, then the containers that the common Vietnamese systems use, then what stands
below the headline (`extraction.layout`), then trafilatura (fast mode: never empty, `precision` loses whole articles).
Whatever gave the text, view counters, strips of videos and the headlines of neighbours are cut off by `data/page_words.txt`.
"""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urljoin

from attrs import frozen
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from extraction.cues import read_sections
from extraction.dates import Moment, read_date
from extraction.fold import fold
from extraction.layout import article_below
from model.errors import BadDocumentError

MAX_HTML = 2_000_000
"""Longest page read, in characters: the longest real article page met has 0.6 million."""

MAX_ATTRIBUTES, MAX_TAGS = 600, 60_000
"""Attributes of one tag and tags of one page: parsers take quadratic time over more."""

_BLOCKS = ("p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "td", "th",
           "ul", "ol", "table", "dd", "dt", "figcaption", "pre", "header", "footer", "option", "form")  # fmt: skip
_BLOCK_CSS = ", ".join(_BLOCKS)
_FRAME = (
    "script, style, noscript, template, iframe, svg, form, nav, button, select, "
    ".VCSortableInPreviewMode[type=RelatedNewsBox], .box-tinlienquan, .related, .tin-lien-quan, .relate-news, .social, .share, "
    ".tags, [data-role=related], .banner-ads, .ads, .advertisement, .views, .luot-xem"
)
"""What stands inside the container of an article and is not the article."""

_BODIES = (
    "article.fck_detail", "[data-role=content]", "div.detail-content", "div.detail-cmain", ".singular-content", ".content-detail-body",
    ".journal-content-article", "#divArticleContent", "[id$=_pnlContent]", ".divArticleDescription2", "#news-detail", "#contenttin",
    "main#article-editor", ".vnbcbc-body", ".lr-ct", "#maincontent .entry-content", ".entry-content", ".article__body", ".article-body",
    ".article-content", ".article-detail-content", ".news-detail-content", ".news-content", ".bodytext", "#news-bodyhtml", ".ArticleContent",
    ".post-content", ".noidung", "#noidung", ".noi-dung", ".chi-tiet-noi-dung", ".content-detail", ".detail-body", ".detail__content",
    "[itemprop=articleBody]", ".maincontent", ".cms-body", ".the-article-body", ".knc-content", ".contentdetail", ".td-post-content",
)  # fmt: skip
"""Containers of the systems in use: VnExpress, VCCorp's ten papers, Dân trí, Liferay, SharePoint, NukeViet, DNN, WordPress."""

_LEADS = ("p.description", "h2.detail-sapo", ".detail-sapo", ".singular-sapo", ".content-detail-sapo", "#news-des", ".article__sapo", ".sapo",
          ".divArticleDescription1", ".bodytext-lead", ".hometext", ".article-summary", ".chapeau", ".knc-sapo", ".the-article-summary")  # fmt: skip
_DATES = ("[data-role=publishdate]", "span.date", ".article__meta time", ".author-time", ".detail-time", "time.article-meta__time", ".post-meta",
          ".publish-date", ".pdate", ".date-time", ".ngaydang", ".ngay-dang", ".news-date", ".time", ".date", ".article-date", ".metadata",
          ".thoi-gian", ".datetime", ".lblDate", "[id$=lblDate]", "[id$=_lblNgayDang]", ".post-date", ".entry-date", ".meta", ".detail-date")  # fmt: skip
_AUTHORS = ("[data-role=author]", ".author_mail", ".detail-author", ".author", ".article__author", ".tacgia", ".tac-gia", "[rel=author]", ".post-author",
            "p.Normal[style*='text-align:right'] strong", ".the-article-author", ".bodytext-author")  # fmt: skip


@frozen(kw_only=True)
class Article:
    """What a page says, without what stands around it.

    published: aware, UTC, or None when the page does not tell; precision: `minute` or `day`. images: absolute
    addresses inside the article, in order. text: paragraphs on lines of their own.
    """

    title: str = ""
    text: str = ""
    author: str = ""
    published: datetime | None = None
    precision: str = "minute"
    images: tuple[str, ...] = ()


def refuse_bombs(html: str) -> None:
    """Raises BadDocumentError for a page that a parser would choke on; one cheap pass, nothing is parsed."""
    if len(html) > MAX_HTML:
        raise BadDocumentError(f"page of {len(html)} characters, at most {MAX_HTML} are read")
    if html.count("<") > MAX_TAGS * 2:
        raise BadDocumentError(f"page with more than {MAX_TAGS} tags")
    for match in re.finditer(r"<[a-zA-Z][^<>]{4000,}", html):
        if match[0].count("=") > MAX_ATTRIBUTES or len(match[0].split()) > 2 * MAX_ATTRIBUTES:
            raise BadDocumentError(f"a tag with more than {MAX_ATTRIBUTES} attributes at character {match.start()}")


_SURROGATES = re.compile("[\ud800-\udfff]")
"""Halves of a character that JSON can carry and no parser takes."""


def _whole(html: str) -> str:
    """A page without halves of characters. To encode it takes a twentieth of the time of a search for them."""
    try:
        html.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", html)
    return html


def html_to_text(html_fragment: str) -> str:
    """Text of an HTML fragment, broken markup included: one line per block, `<br>` a line, blank lines dropped."""
    refuse_bombs(html_fragment)
    from bs4 import BeautifulSoup  # as trafilatura below

    soup = BeautifulSoup(_whole(html_fragment), "lxml")
    for tag in soup(["script", "style", "noscript", "template"]):
        tag.decompose()
    for tag in soup.find_all(["br", "hr"]):
        tag.replace_with("\n")
    for tag in soup.find_all(list(_BLOCKS)):
        tag.insert_before("\n")
        tag.append("\n")
    return _lines(soup.get_text())


def _lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.replace("\xa0", " ").split("\n"))
    return "\n".join(line for line in lines if line)


def read_article(
    html: str, *, url: str, selectors: Mapping[str, str] | None = None, now: datetime | None = None
) -> Article:
    """The article of a page.

    selectors: CSS of the source's sheet by part (`title`, `lead`, `body`, `author`, `date`, `remove`); a part may be
    `selector::attr(name)`. now: aware, for relative times; without it only dates with a year count. Raises
    BadDocumentError for a page that is too large or built to choke parsers.
    """
    refuse_bombs(html)
    html = _whole(html)
    page = LexborHTMLParser(html)
    given = dict(selectors or {})
    linked = _json_ld(page)
    metas = _metas(page)
    title = _title(page, given, linked, metas)
    moment = _moment(page, given, linked, metas, now)
    author = _author(page, given, linked, metas)
    body = _body(page, given)
    images = tuple(_images(body, url)) if body is not None else ()
    headline, text = ("", _node_text(body)) if body is not None else _unknown(page, title, html)
    title = headline or title
    lead = _lead(page, given)
    if lead and fold(lead) not in fold(text):
        text = f"{lead}\n{text}"
    title, text = _headed(title, strip_boilerplate(text, title=title))
    return Article(title=title, text=text, author=author, published=moment[0] if moment else None,
                   precision=moment[1] if moment else "minute", images=images)  # fmt: skip


def _headed(title: str, text: str) -> tuple[str, str]:
    """A title of one or two words names a section: then the first line of the text, if it can be one, is the headline."""
    first, _, rest = text.partition("\n")
    if len(title.split()) < 3 and rest and 4 <= len(first.split()) <= 40 and not _is_prose(first):
        return first, rest
    return title, text


def read_text_page(text: str) -> Article:
    """The article of a page that came as plain text, its frame around it: the first long line is the title."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    lines = lines[next((place for place, line in enumerate(lines) if not _is_frame(line)), 0) :]
    title = lines[0] if lines and len(lines[0]) <= 250 else ""
    return Article(title=title, text=strip_boilerplate("\n".join(lines), title=title))


# ---- boilerplate


@cache
def _page_words() -> dict[str, frozenset[str]]:
    sections = read_sections("page_words.txt")
    return {
        name: frozenset(fold(part) for line in lines for part in line.split("|")) for name, lines in sections.items()
    }


@cache
def _drop_pattern() -> re.Pattern[str]:
    words = sorted(_page_words()["drop"], key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, words))})(?: [0-9 ]*)?(?![^ ])")


def _is_frame(line: str) -> bool:
    """Whether a line is a counter, a button, an empty caption or a markdown image."""
    folded = fold(line)
    if not folded or folded in _page_words()["short"]:
        return True
    words = len(folded.split())
    return words <= 9 and _drop_pattern().match(folded) is not None


def _is_prose(line: str) -> bool:
    return len(line) >= 160 and line.rstrip("”\"') ")[-1:] in ".!?…:;"


def strip_boilerplate(text: str, *, title: str = "") -> str:
    """The text without counters, buttons and the strips that follow an article; the title at its head goes too."""
    lines = [line.strip().strip("•").strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    kept: list[str] = []
    for place, line in enumerate(lines):
        folded = fold(line)
        if folded in _page_words()["stop"] and not any(_is_prose(later) for later in lines[place + 1 :]):
            break
        if _is_frame(line) or (title and not kept and folded == fold(title)):
            continue
        kept.append(line)
    return "\n".join(kept)


# ---- parts of a page


def _select(page: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """Nodes that a selector of a sheet finds. Raises BadDocumentError when it is no CSS."""
    try:
        return page.css(selector)
    except SelectolaxError as error:
        raise BadDocumentError(f"selector {selector!r} cannot be read: {error}") from error


def _firsts(page: LexborHTMLParser, selectors: Sequence[str]) -> Iterator[LexborNode]:
    """The first node of each selector, in the order of the selectors; most pages know none, and are walked once."""
    if page.css_first(", ".join(selectors)) is None:
        return
    for selector in selectors:
        node = page.css_first(selector)
        if node is not None:
            yield node


def _part(page: LexborHTMLParser, selector: str) -> str:
    """Text, or the attribute asked for, of the first node that a selector finds."""
    css, _, attribute = selector.partition("::attr(")
    for node in _select(page, css.strip() or "*"):
        value = (node.attributes.get(attribute.rstrip(")")) or "") if attribute else _node_text(node)
        if value.strip():
            return " ".join(value.split())
    return ""


def _node_text(node: LexborNode) -> str:
    """Text of a node, one line per block, without scripts, forms and navigation."""
    part = LexborHTMLParser(node.html or "")
    for stranger in reversed(part.css(_FRAME)):  # from the inside out: what lies in a node that is gone is freed
        stranger.decompose()
    for line_break in part.css("br, hr"):
        line_break.replace_with("\n")
    for block in part.css(_BLOCK_CSS):
        block.insert_before("\n")
        block.insert_after("\n")
    return _lines(part.body.text() if part.body is not None else "")


def _body(page: LexborHTMLParser, given: Mapping[str, str]) -> LexborNode | None:
    """The container of the article: the sheet's, else the first known one that holds text."""
    if "remove" in given:
        for node in reversed(_select(page, given["remove"])):
            node.decompose()
    if "body" in given:
        nodes = _select(page, given["body"])
        if nodes and any(node.text(strip=True) for node in nodes):
            return max(nodes, key=lambda node: len(node.text(strip=True)))
    for selector in _BODIES:
        nodes = [node for node in page.css(selector) if len(node.text(strip=True)) >= 80]
        if len(nodes) == 1 and (_link_share(nodes[0]) < 0.4 or len(_node_text(nodes[0])) >= 80):
            return nodes[0]
    return None


def _link_share(node: LexborNode) -> float:
    whole = len(node.text(strip=True)) or 1
    return sum(len(link.text(strip=True)) for link in node.css("a")) / whole


def _extracted(html: str) -> str:
    """What trafilatura takes for the article; the whole text where it finds none."""
    import trafilatura  # a fifth of a second to import, and most posts are no pages

    text = trafilatura.extract(html, fast=True, include_comments=False, include_tables=True, output_format="txt")
    return text or html_to_text(html)


def _unknown(page: LexborHTMLParser, title: str, html: str) -> tuple[str, str]:
    """Headline and text of a page in a layout that no list holds, else what trafilatura takes for the text."""
    headline, text = article_below(page, title, _node_text, _page_words()["stop"].__contains__)
    return (headline, text) if text else ("", _extracted(html))


def _lead(page: LexborHTMLParser, given: Mapping[str, str]) -> str:
    if "lead" in given:
        return _part(page, given["lead"])
    for node in _firsts(page, _LEADS):
        if 20 <= len(node.text(strip=True)) <= 1_000:
            return " ".join(_node_text(node).split())
    return ""


def _images(body: LexborNode, url: str) -> Iterator[str]:
    seen: set[str] = set()
    for node in body.css("img"):
        source = next(
            (node.attributes.get(name) for name in ("data-original", "data-src", "src") if node.attributes.get(name)),
            None,
        )
        if not source or source.startswith("data:"):
            continue
        try:
            address = urljoin(url, source.strip())
        except ValueError:
            continue
        if address not in seen and address.startswith(("http://", "https://")):
            seen.add(address)
            yield address


# ---- what the page says about itself


def _metas(page: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in page.css("meta"):
        name = (
            node.attributes.get("property") or node.attributes.get("name") or node.attributes.get("itemprop") or ""
        ).lower()
        content = (node.attributes.get("content") or "").strip()
        if name and content:
            found.setdefault(name, content)
    return found


_ARTICLE_TYPES = ("newsarticle", "article", "blogposting", "reportagenewsarticle", "webpage", "discussionforumposting")


def _json_ld(page: LexborHTMLParser) -> dict[str, Any]:
    """The JSON-LD object that describes the article: articles before web pages; {} when there is none that parses."""
    objects: list[dict[str, Any]] = []
    for node in page.css('script[type="application/ld+json"]'):
        try:
            data = json.loads(node.text().strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        stack = [data]
        while stack and len(objects) < 200:
            item = stack.pop()
            if isinstance(item, list):
                stack += item
            elif isinstance(item, dict):
                objects.append(item)
                stack += [
                    value
                    for key, value in item.items()
                    if key in ("@graph", "mainEntity") and isinstance(value, (list, dict))
                ]
    ranked = [
        (_ARTICLE_TYPES.index(kind), place)
        for place, item in enumerate(objects)
        if (kind := _kind(item)) in _ARTICLE_TYPES
    ]
    return objects[min(ranked)[1]] if ranked else {}


def _kind(item: Mapping[str, Any]) -> str:
    kind = item.get("@type")
    if isinstance(kind, list):
        kind = kind[0] if kind else ""
    return str(kind or "").lower()


def _title(
    page: LexborHTMLParser, given: Mapping[str, str], linked: Mapping[str, Any], metas: Mapping[str, str]
) -> str:
    """The headline: the sheet's, else the candidate on which the page's own witnesses agree best."""
    if "title" in given and (title := _part(page, given["title"])):
        return title
    node = page.css_first("title")
    head = " ".join(node.text().split()) if node is not None else ""
    headings = [
        " ".join(item.text().split())
        for item in page.css("h1, .title-detail, .detail-title, .article-title, .news-title, [itemprop=headline]")
    ]
    told = [str(linked.get("headline") or ""), metas.get("og:title", "")]
    told = [entities.unescape(" ".join(text.split())) for text in told if text.strip()]
    others = [text for text in (metas.get("twitter:title", ""), head) if text.strip()]
    for heading in headings:
        if len(heading.split()) >= 3 and any(fold(heading) in fold(witness) for witness in [*told, *others]):
            return heading
    candidates = [*told, *headings, *others]
    longer = [text for text in candidates if len(text.split()) >= 4]
    return _without_site((longer or candidates or [""])[0], metas.get("og:site_name", ""))


def _without_site(title: str, site: str) -> str:
    """A title without the name of the site behind a bar or dash."""
    parts = re.split(r"\s+[|»–—-]\s+", title)
    if len(parts) > 1 and (len(parts[-1].split()) <= 6 or fold(parts[-1]) == fold(site)) and len(parts[0].split()) >= 3:
        return title[: title.rindex(parts[-1])].rstrip(" |»–—-")
    return title


def _author(
    page: LexborHTMLParser, given: Mapping[str, str], linked: Mapping[str, Any], metas: Mapping[str, str]
) -> str:
    if "author" in given and (written := _part(page, given["author"])):
        return written[:200]
    author = linked.get("author")
    if isinstance(author, list):
        author = author[0] if author else None
    name = author.get("name") if isinstance(author, dict) else author
    if isinstance(name, str) and 1 < len(name) <= 80 and not name.startswith("http"):
        return entities.unescape(name.strip())
    for key in ("author", "article:author", "dable:author", "citation_author"):
        told = metas.get(key, "")
        if told and len(told) <= 80 and not told.startswith("http"):
            return told
    for node in _firsts(page, _AUTHORS):
        if 1 < len(text := " ".join(node.text().split())) <= 60:
            return re.sub(r"^(?:tác giả|theo|bài|nguồn)\s*:?\s*", "", text, flags=re.IGNORECASE)
    return ""


_FAR = datetime(2100, 1, 1, tzinfo=UTC)


def _read(text: str, now: datetime | None) -> Moment | None:
    """A date; without `now`, only one that carries its year."""
    if now is not None:
        return read_date(text, now=now)
    if not re.search(r"(?:19|20)\d\d|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}\b", text):
        return None
    found = read_date(text, now=_FAR)
    return found if found is not None and found[0].year < 2099 else None


def _moment(
    page: LexborHTMLParser,
    given: Mapping[str, str],
    linked: Mapping[str, Any],
    metas: Mapping[str, str],
    now: datetime | None,
) -> Moment | None:
    """When the article was published: the sheet's place, else the first witness whose day a second one confirms."""
    if "date" in given and (found := _read(_part(page, given["date"]), now)):
        return found
    texts = [str(linked.get("datePublished") or ""), metas.get("article:published_time", ""), metas.get("datepublished", ""),
             metas.get("pubdate", ""), metas.get("date", "")]  # fmt: skip
    texts += [node.attributes.get("datetime") or node.text() for node in page.css("article time, main time, time")[:3]]
    texts += [node.text() for node in _firsts(page, _DATES)]
    found_all = [found for text in texts if text.strip() and (found := _read(text.strip(), now))]
    if not found_all:
        return None
    for first in found_all:
        if sum(1 for other in found_all if abs(other[0] - first[0]) <= timedelta(days=1)) > 1:
            return _most_precise(first, found_all)
    return found_all[0]


def _most_precise(first: Moment, others: list[Moment]) -> Moment:
    if first[1] == "minute":
        return first
    return next(
        (other for other in others if other[1] == "minute" and abs(other[0] - first[0]) <= timedelta(days=1)), first
    )
