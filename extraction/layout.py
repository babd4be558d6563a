"""The text of an article on a page whose layout no list knows: what follows the headline and reads like prose.

A page is read as lines in the order of its markup, each with the share of its letters that stand in links. The article
begins behind the line that is its headline; neighbours' headlines are links, menus and buttons are short, and comments,
strips and footers stand in elements that are named so or behind lines that say so (`data/page_words.txt`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from attrs import frozen
from selectolax.lexbor import LexborHTMLParser, LexborNode

from extraction.fold import fold

_NAMED = re.compile(
    r"(?<![a-z])(?:comments?|cmt|cm-item|binh-?luan|y-?kien|phan-?hoi|reply|replies|related|relate|lien-?quan|tinlienquan\w*|tin-?khac|tin-?cu|"
    r"tin-?moi|other|others|other-?news|more|more-?news|read-?more|sidebar|side-?bar|menu|breadcrumbs?|footer|chan-?trang|cookie|"
    r"popup|banner|share\w*|social|newsletter|subscribe|ratings?|tags?|taglib|products?|widget|archive|most-?read|xem-?nhieu|"
    r"doc-?nhieu|advert\w*|ads?|nav|navbar|topbar|login|search|thong-?ke|tools)(?![a-z])"
)
"""Names of elements, in words of their classes and ids, that hold what stands around an article."""

_HIDDEN = "[hidden], [style*='display:none'], [style*='display: none']"
_NEVER = f"script, style, noscript, template, iframe, svg, form, nav, button, select, aside, footer, amp-sidebar, amp-ad, amp-list, {_HIDDEN}"
_LARGE = 0.5
"""An element that holds so much of what the page says outside links is no strip, whatever it is called."""

_READ_AT_MOST = 1_000_000
"""Characters of elements looked at, each as often as it is nested: pages that are built to be nested stay as they are."""

_KEPT = 0.5
"""Share of the letters behind a headline that its prose must hold."""

_HEADINGS = 40
"""Headlines that are tried."""

_OPEN, _CLOSE, _HEADING = "\ue000", "\ue001", "\ue002"
_LINKED = 0.6
_PROSE_WORDS, _LONG_WORDS = 8, 14
_LEAST_WORDS = 12
_FIGURES = re.compile(r"\d[\d .\-]{6,}\d|[a-z0-9-]+\.[a-z]{2,}|@\w{4,}", re.IGNORECASE)
"""What an unfinished line may say that matters: a number, a host, a handle."""

_END = re.compile(
    r"(?:co quan chu quan|chiu trach nhiem|giay phep|ban quyen|ghi ro nguon|copyright|toa soan|tong bien tap|thiet ke boi|powered by|"
    r"moi quyen|\d{4} \w+ (?:moi quyen|all rights)|bien tap|moi quy vi|moi thong tin gop y|moi y kien gop y|theo doi kenh|theo doi chung toi|"
    r"so luot xem|luot truy cap|y kien ban doc|y kien cua ban|binh luan|tham gia|gia nhap|joined|tai tep|tep dinh kem|file dinh kem|tai lieu dinh kem|\d+ binh luan|\d+ phan hoi|gui binh luan|viet binh luan)\b"
)
"""How the first line behind an article begins that belongs to the page: its imprint, its comments."""


_STRIP = re.compile(
    r"(?:(?:cac|nhung) )?(?:tin|bai|bai viet|video|clip|thong bao|chuyen muc|tin tuc)(?: (?:bai|viet|tuc))?(?: (?:da|duoc))? "
    r"(?:moi|khac|lien quan|cung|noi bat|xem|doc|dang|cu|tiep|hot|nong)(?: \w+){0,3}"
)
"""The head of a strip of other articles: `Bài cùng chuyên mục`, `Các tin khác`."""

_CARD_WORDS = 4


@frozen(kw_only=True)
class _Line:
    text: str
    linked: float
    heading: bool = False
    folded: str = ""
    """Folded, where it is short enough for a headline or the head of a strip."""

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def prose(self) -> bool:
        """Whether it reads like a sentence and not like a link, a button or a caption."""
        if self.linked >= _LINKED or self.words < _PROSE_WORDS:
            return False
        return (not self.heading and self.words >= _LONG_WORDS) or self.text.rstrip("”\"') ")[-1:] in ".!?…:;"


def article_below(
    page: LexborHTMLParser, title: str, lines_of: Callable[[LexborNode], str], stops: Callable[[str], bool]
) -> tuple[str, str]:
    """Headline and article of a page; both empty where it shows no headline, or little below it.

    A title that stands nowhere on the page names its section: then a heading with prose below it is the headline.

    lines_of: text of a node, one line per block; stops: whether a line is the head of a strip of other articles.
    """
    if page.body is None or len(title.split()) < 3:
        return "", ""
    body = LexborHTMLParser(page.html or "").body
    if body is None:
        return "", ""
    wanted = fold(title)
    _prune(body, wanted)
    for link in body.css("a"):
        link.insert_before(_OPEN)
        link.insert_after(_CLOSE)
    for heading in body.css("h1, h2, h3"):
        heading.insert_before(_HEADING)
    lines = list(_shares(lines_of(body)))
    heads = [place for place, line in enumerate(lines) if line.linked < _LINKED and _is_headline(line.folded, wanted)]
    found = _fullest(_article(lines[place + 1 :], wanted, stops) for place in heads[:_HEADINGS])
    if found:
        return title, "\n".join(found)
    others = [place for place, line in enumerate(lines) if line.heading and line.linked < _LINKED and line.words > 3]
    found = _fullest(
        [lines[place].text, *below]
        for place in others[:_HEADINGS]
        if (below := _article(lines[place + 1 :], wanted, stops))
    )
    return (found[0], "\n".join(found[1:])) if found else ("", "")


def _fullest(found: Iterable[list[str]]) -> list[str]:
    best = max(found, key=lambda lines: sum(map(len, lines)), default=[])
    return best if sum(len(line.split()) for line in best) >= _LEAST_WORDS else []


def _is_headline(folded: str, wanted: str) -> bool:
    return folded == wanted or (len(folded) >= 20 and (wanted.startswith(folded) or folded.startswith(wanted)) and len(folded) < 1.5 * len(wanted))  # fmt: skip


def _prune(body: LexborNode, wanted: str) -> None:
    """Takes out what is never text, and the elements named as strips that hold neither the headline nor most of the page."""
    for node in reversed(body.css(_NEVER)):  # from the inside out: what lies in a node that is gone is freed
        node.decompose()
    whole, left = _own_length(body) or 1, _READ_AT_MOST
    for node in reversed(body.css("[class], [id], header")):
        named = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".lower().replace("_", "-")
        if node.tag != "header" and not _NAMED.search(named):
            continue
        text = node.text()
        left -= len(text) + 100
        if left < 0:
            return
        if wanted not in fold(text) and (node.tag == "header" or _own_length(node) < _LARGE * whole):
            node.decompose()


def _own_length(node: LexborNode) -> int:
    """Letters outside links."""
    return len(node.text(strip=True)) - sum(len(link.text(strip=True)) for link in node.css("a"))


def _shares(text: str) -> Iterator[_Line]:
    """Lines with the share of each that stands in links, and whether they are headings."""
    inside, heading = 0, False
    for line in text.split("\n"):
        if not _MARKED.search(line):
            if line.strip():
                yield _line(line, float(inside > 0), heading)
                heading = False
            continue
        linked = total = 0
        for sign in line:
            if sign in (_OPEN, _CLOSE):
                inside = max(0, inside + (1 if sign == _OPEN else -1))
            elif sign == _HEADING:
                heading = True
            elif not sign.isspace():
                total += 1
                linked += inside > 0
        if total:
            yield _line(line.translate(_MARKS), linked / total, heading)
            heading = False


def _line(text: str, linked: float, heading: bool) -> _Line:
    plain = " ".join(text.split())
    return _Line(text=plain, linked=linked, heading=heading, folded=fold(plain) if len(plain) <= 300 else "")


_MARKED = re.compile(f"[{_OPEN}{_CLOSE}{_HEADING}]")
_MARKS = dict.fromkeys(map(ord, (_OPEN, _CLOSE, _HEADING)))


def _article(lines: Sequence[_Line], wanted: str, stops: Callable[[str], bool]) -> list[str]:
    """The prose behind a headline and the short lines between its paragraphs, to the imprint or the next strip.

    Empty where most of what stands there is no prose: then this is no article of the kind that is read here.
    """
    kept: list[str] = []
    pending: list[str] = []
    seen = 0
    for place, line in enumerate(lines):
        folded = line.folded
        if kept and (_END.match(folded) or _is_strip(lines[place : place + 10])):
            break
        if (folded and stops(folded)) or (_STRIP.fullmatch(folded) and not line.prose):
            if kept and not _goes_on(lines[place + 1 : place + 3]):
                break
            continue
        if folded == wanted or line.linked >= _LINKED:
            continue
        seen += len(line.text)
        if line.prose or (kept and _FIGURES.search(line.text)):
            kept += [*(pending if kept else ()), line.text]
            pending = []
        else:
            pending = [*pending[-3:], line.text]
    return kept if sum(map(len, kept)) >= _KEPT * seen else []


def _goes_on(lines: Sequence[_Line]) -> bool:
    """Whether the article goes on right behind a word that heads strips elsewhere (`Quảng cáo` between paragraphs)."""
    return bool(lines) and lines[0].prose


def _is_strip(lines: Sequence[_Line]) -> bool:
    """Whether cards of other articles begin here: a linked headline and a line or two below it, three times over."""
    cards = [place for place, line in enumerate(lines) if line.linked >= _LINKED and line.words >= _CARD_WORDS]
    return len(cards) >= 3 and cards[0] == 0 and all(1 < later - one <= 3 for one, later in pairwise(cards))
