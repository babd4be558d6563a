"""Undoing what keeps a link from being a link: broken schemes, bracketed, spelled, spaced and foreign dots.

The result is another string with a way back to the page's views. Only the finder of links and addresses reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import ahocorasick_rs
from attrs import frozen

from extraction import spelled
from extraction.hosts import PATH_HOSTS, brand_words, is_tld
from extraction.reading import Page
from extraction.signs import Gate
from extraction.syllables import is_syllable
from extraction.tokens import Tokens, tokens
from extraction.words import words

_STRICT = (
    "com|net|org|vn|xyz|cc|icu|info|cyou|vip|top|club|online|site|shop|store|app|live|link|life|click|biz|asia|me|co|io|win|bet|pro|tk|ml|ga|cf|gq|pw|ws|cn"
    "|us|ru|website|space|fun|work|world|today|cloud|tech|mobi|loan|finance|bond|sbs|cfd|ltd|gov|edu|one|buzz|lat|autos|rest|page|dev|ly|mom|lol|monster|quest"
)
_BRACKETS_OPEN, _BRACKETS_CLOSE = r"\[({<«【（「《‹❨⟨|“„‘", r"\])}>»】）」》›❩⟩|”“’"
_DOT_WORD = r"(?:dau )?(?:c[\-_.*]?h[\-_.*]?a[\-_.*]?m|cha\^m|ch4m|chem|d[\-_.*]?[o0][\-_.*]?t|point|period)(?: (?:cham|dot)(?= ))?"

_SCHEME = re.compile(
    r"(?<![a-z0-9])h\s?[tx*#_+.\-]{1,2}\s?[tx*#_+.\-]{0,1}\s?p\s?(?P<s>s?)\s?[\[({]?\s?[:;]?\s?[\])}]?\s?[\[({]?\s?[/\\|]\s?[\])}]?\s?[\[({]?[/\\|][\])}]?[/\\]?\s{0,2}(?=[a-z0-9\[(])"
    r"|(?<![a-z0-9])(?:fxp|hxp|htp|htpp|htttp|hhtp|ttp|meow)(?P<s2>s?)\s?[:;]\s?[/\\]{1,3}\s{0,2}(?=[a-z0-9])"
)
_BRACKETED_DOT = re.compile(
    rf"[ \t{_BRACKETS_OPEN}](?<=[\w\]].)(?:(?<=[ \t])[ \t]?[{_BRACKETS_OPEN}]|(?<![ \t]))[ \t]?(?:[.,·•]|{_DOT_WORD})[ \t]?[{_BRACKETS_CLOSE}][ \t]{{0,2}}(?=\w)"
)
_QUOTED_DOT = re.compile(
    r"[*\"'_~\[({.\\%](?<=\w.)(?:(?<=[*\"'_~])\.[*\"'_~](?=\w)|(?<=[\[({])\.(?=\w)|(?<=\.)[\])}](?=\w)|(?<=\\)\.(?=\w)|(?<=%)2e(?=\w))"
)
_BRACKETED_TAIL = re.compile(
    rf"(?<=\w)[ \t]?[\[({{][ \t]?(?:\.|{_DOT_WORD})[ \t]?((?:{_STRICT})(?:[ \t]?\.[ \t]?vn)?)[ \t]?[\])}}]"
)
_NEXT_LABEL = re.compile(r"[a-z0-9\-]+")
_DOT_BEGINS = frozenset("[({<«【（「《‹❨⟨|“„‘.,·•")
_BRACKETED_OTHER = re.compile(
    r"[\[({]\s?(?:(?P<slash>/|slash|xuyet|gach cheo)|(?P<at>@|at|a cong)|(?P<colon>:)|(?P<dash>-|gach ngang|gach noi))\s?[\])}]"
)
_NEAR = r"[ \t]{0,2}(?:\n[ \t]{0,4})?[-_*.~\"'/|]?[ \t]{0,2}"
_DOT_SPELLED = rf"[ \t]\.[ \t]|{_NEAR}(?<![a-z]){_DOT_WORD}(?![a-z]){_NEAR}"
_SPELLED = re.compile(
    rf"(?<![a-z0-9.])(?:[a-z0-9][a-z0-9\-]{{0,40}}(?:[ \t]{{1,2}}(?:{spelled.DASH_WORDS})[ \t]{{1,2}}[a-z0-9]{{1,40}}){{0,3}})"
    rf"(?:(?:{_DOT_SPELLED})[a-z0-9][a-z0-9\-]{{0,40}}){{1,5}}"
)
_SPELLED_DOT = re.compile(_DOT_SPELLED)
_WRITTEN_ENDING = re.compile(r"\w{2,12}")
_SPELLED_DASH = re.compile(rf"[ \t]{{1,2}}(?:{spelled.DASH_WORDS})[ \t]{{1,2}}")
_SPACED = re.compile(
    r"(?<=[a-z0-9])(?:[ \t]{1,2}\.[ \t]{0,2}|\.[ \t]{1,2}|[ \t]?\.{2,6}[ \t]?|\n\.|[·•∙⋅‧][ \t]?|[ \t][·•∙⋅‧][ \t]?|\.\n[ \t]{0,4})(?=[a-z0-9])"
)
_FEW = "com|net|vn|top|xyz|vip|cc|org"
_ODD_DOT = re.compile(
    rf"(?<=[a-z0-9])(?:[ \t]?(?![|/@–—])[^\w\s.,:;/\-()\[\]\"'?!%$&+=#@][\ufe0f]?[ \t]?(?=(?:{_STRICT})(?![a-z0-9_]))|[_,](?=(?:{_FEW})(?![a-z0-9_]))|[;:/'\"=+&](?=(?:com|net|org|xyz)(?![a-z0-9_]))|[|#](?=(?:{_FEW})(?![a-z0-9_])))"
)
_LETTERED = re.compile(
    r"(?<![\w])(?:[a-z0-9\-][ \t]){1,40}(?:\.[ \t]?(?:[a-z0-9\-][ \t]){0,40}[a-z0-9\-](?:[ \t]|\b)){1,4}(?![a-z0-9])"
)
_LETTERED_TLD = re.compile(
    r"(?<=[a-z0-9])[ \t]?\.[ \t]?[a-z](?P<between>[^a-z0-9\n]{1,3})[a-z](?:(?P=between)[a-z]){0,5}(?![a-z0-9])"
)
_CLUSTER = re.compile(
    rf"(?<=[a-z0-9])[ \t]?(?P<dot>[^\w\s.,]{{1,3}}[ \t]?(?:[.,•·]|{_DOT_WORD})(?:[ \t]?[^\w\s]{{1,4}})?|[.•·][^\w\s]{{1,4}})[ \t]?(?=(?:{_STRICT})(?![a-z0-9_]))"
)
"""A dot in any dress of brackets and signs before a top-level domain: `[.[top`, `**.**com`, `(chấm)(com)`."""
_DRESSED = re.compile(rf"(?:[^\w\s.]|[^\w\s][^\w\s])[ \t]?(?:{_STRICT})(?![a-z0-9_])")
"""What stands before every top-level domain that `_CLUSTER` finds."""
_ENDING = re.compile(
    r"(?P<dot>(?<=[a-z0-9])[ \t]?\.[ \t]?|(?<![a-z])cham ?|(?<=[a-z0-9])[ \t])"
    r"(?P<tld>c[ .\-]?[o0][ .\-]?m|n[ .\-]?[e3][ .\-]?t|t[ .\-]?[o0][ .\-]?p|v[ .\-]?[i1][ .\-]?p|x[ .\-]?y[ .\-]?z|[o0][ .\-]?r[ .\-]?g|a[ .\-]?p[ .\-]?k|vn)(?![a-z0-9])"
)
"""A well-known ending whose letters are apart or look-alikes, or that is glued to the word for the dot."""
_UNLEET = str.maketrans("013", "oie")
_WWW = re.compile(
    rf"(?<![a-z0-9])w[ .]?w[ .]?w(?:[ \t]?\.[ \t]?|[ \t]{{1,2}})(?P<label>[a-z0-9\-]{{2,40}})(?P<dot>[ \t]?\.[ \t]?|[ \t]{{1,2}})(?=(?:{_STRICT})(?![a-z0-9]))"
)
_HYPHENED = re.compile(
    rf"(?<![a-z0-9\-])(?P<first>[a-z0-9]{{2,20}})(?P<hyphen> ?- ?)(?P<rest>[a-z0-9]{{2,20}}(?: [a-z0-9]{{2,8}}){{0,3}})(?P<dot> ?(?:\.|(?<= )(?:cham|dot)(?= )) ?)(?=(?:{_STRICT})(?![a-z0-9]))"
)
_SITE_BEFORE = re.compile(r"(?<![a-z])(?:web|website|link|trang|truy cap|vao|site|url)[ :]{1,2}\Z")
_BRACKETED_COMMA = re.compile(r"[\[({<] ?, ?[\])}>]")
_OPENED = re.compile(rf"[\[({{<«【「⟦⟨|]|\.[\[({{<]\Z|.*{_DOT_WORD}")
"""What a dot with spaces around must begin with: behind a closing bracket or a quotation mark a sentence ends."""
_MAY_BE_HYPHENED = re.compile(r" \.|\. | (?:cham|dot) ")
_UNDOTTED = re.compile(
    r"(?:(?<![a-z])(?P<announced>(?:web|website|link|trang|truy cap|vao|site|url|dia chi|tim)[ :]{1,2})|(?<![a-z0-9\-]))"
    r"(?P<label>[a-z0-9\-]{6,40})(?P<dot> )(?=(?:com|net|top|xyz|org|vip|club|info)(?![a-z0-9])(?P<told>[^\w\n]{1,4}(?:nho |tu |ban )?(?:them|bo|co|thieu|quen) (?:dau )?cham)?)"
)
"""A host that lost its dot, behind a word that announces a site."""
_DOT_NEAR = re.compile(
    rf"(?: \.|\.[ \n]|\.\.|\n\.)[ .]{{0,12}}(?:{_STRICT}|x?apk|ipa|exe)(?![a-z])| \.[a-z0-9]|[·•∙⋅‧]|https?://[^\n]{{0,60}}(?: \.|\. )"
)
"""A dot with spaces that some top-level domain follows: without one `_spaced` finds nothing."""
_NEXT = re.compile(r"[a-z0-9\-]+(?:[ \t]?\.[ \t]?[a-z0-9\-]+){0,4}")
_LAST_LABEL = re.compile(rf"(?:{_STRICT}|apk|xapk|ipa|exe)(?![a-z0-9])")


_TLDS = frozenset(_STRICT.split("|"))
_FILES = frozenset({"apk", "xapk", "ipa", "exe"})
_ENDS = _TLDS | _FILES
_AFTER_SLASH = words("com net org xyz")
"""Endings that a slash may stand before for the dot; `web/app` and `thanh/vn` are said for other reasons."""
_DOT_WORDS = words("cham dot d0t ch4m chem point period am m ot t")
"""Words that stand for a dot, and the last pieces of those that are written in pieces."""
_ENDING_PIECES = words(
    "m om 0m t et 3t p op 0p ip 1p z yz g rg k pk c0m n3t t0p v1p 0rg chamcom chamnet chamtop chamvip chamxyz chamorg chamapk chamvn"
)
_BROKEN = words("com net top vip xyz org apk")
_GLUED = words("chamcom chamnet chamtop chamvip chamxyz chamorg chamapk chamvn")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_FEW_WORDS = 4
"""Words that are sooner looked for one by one than with a walk over all tokens."""
_MOST_LABELS = 8
_MOST_ENDINGS = 2_000
"""Endings of one page that are looked at."""
_BEFORE, _BEHIND = 100, 48
"""Characters before and behind an ending in which its host is looked for."""
_CLEAN_GAPS = frozenset(
    (" ", "  ", ", ", ": ", "; ", "! ", "? ", " (", ' "', " '", "\n", "\n\n", " - ", " – ", "/", "-", "://", "@")
)
"""What stands before a word that nobody means as the dot of a host."""


class Sight:
    """What the rules ask of a text before they look: its tokens, whether a dot may be hidden in it; first: as it was written."""

    def __init__(self, plain: str, base: str, split: Tokens, *, first: bool = True) -> None:
        self.plain, self.base, self.tokens, self.first = plain, base, split, first
        self._windows: list[tuple[int, int]] | None = None
        self.letters = len(_LETTERS & split.present)

    def has(self, wanted: frozenset[str]) -> bool:
        """Whether one of the words stands in the text."""
        return not wanted.isdisjoint(self.tokens.present)

    def _places(self, wanted: frozenset[str]) -> list[int]:
        """Indexes of the tokens that are one of the words, ascending."""
        texts = self.tokens.texts
        here = wanted & self.tokens.present
        if len(here) > _FEW_WORDS:
            return [index for index, text in enumerate(texts) if text in here]
        found = []
        for word in here:
            index = -1
            for _ in range(texts.count(word)):
                index = texts.index(word, index + 1)
                found.append(index)
        return sorted(found)

    @property
    def ends(self) -> bool:
        """Whether a word of the text is a top-level domain."""
        return self.has(_TLDS)

    @property
    def windows(self) -> list[tuple[int, int]]:
        """Spans around the top-level domains that stand, or whose host stands, behind anything but a clean gap."""
        if self._windows is None:
            self._windows = self._odd_windows() if self.has(_ENDS) else []
        return self._windows

    def _odd_windows(self) -> list[tuple[int, int]]:
        texts, start = self.tokens.texts, self.tokens.start
        said = self.has(_DOT_WORDS)
        found: list[tuple[int, int]] = []
        for index in self._places(_ENDS)[:_MOST_ENDINGS]:
            place = start(index)
            apart = index > 0 and texts[index - 1] != "" and self.base[place - 1] in " \n"
            if not (apart and not (said and texts[index - 1] in _DOT_WORDS)) and self._is_odd(index):
                first, last = max(0, place - _BEFORE), self._edge(place + _BEHIND)
                if found and first <= found[-1][1]:
                    first = found.pop()[0]
                found.append((first, last))
        return found

    def _edge(self, position: int) -> int:
        """The end of the word at a position."""
        while position < len(self.base) and self.base[position].isalnum():
            position += 1
        return min(position, len(self.base))

    @property
    def breaks_ending(self) -> bool:
        """Whether an ending stands in pieces or with figures for letters: `c o m`, `c0m`."""
        if not self.has(_ENDING_PIECES):
            return False
        texts = self.tokens.texts
        for index in self._places(_ENDING_PIECES)[:_MOST_ENDINGS]:
            parts = list(filter(None, texts[max(0, index - 4) : index + 1]))
            if texts[index] in _GLUED or any(
                "".join(parts[-size:]).translate(_UNLEET) in _BROKEN for size in (1, 2, 3)
            ):
                return True
        return False

    def _gap(self, index: int) -> tuple[str, int]:
        """What stands between a token and the one before it, and the index of that; -1 where none is."""
        before = index - 1
        texts = self.tokens.texts
        while before >= 0 and not texts[before]:
            before -= 1
        end = self.tokens.start(before) + len(texts[before]) if before >= 0 else 0
        return self.base[end : self.tokens.start(index)], before

    def _is_odd(self, index: int) -> bool:
        gap, before = self._gap(index)
        if gap == ". " and _begins_a_sentence(self.plain, self.base, self.tokens.start(index)):
            return False
        if gap == "/":
            return self.tokens.texts[index] in _AFTER_SLASH
        for _ in range(_MOST_LABELS):
            if gap not in (".", "-") or before < 0:
                break
            index = before
            gap, before = self._gap(index)
        if gap not in _CLEAN_GAPS and gap:
            return True
        return before >= 0 and self.tokens.texts[before] in _DOT_WORDS


class Refanged:
    """plain, base: the views with links restored; `back(start, end)`: a span of them as a span of the page's views."""

    def __init__(self, page: Page) -> None:
        self.plain, self.base = page.plain, page.base
        self._starts: list[int] | None = None
        self._ends: list[int] = []
        sight = Sight(self.plain, self.base, tokens(page))
        if not (_ANY_MARK(page) or any(rule.may(sight) for rule in _UNMARKED)):
            return
        held = {index for index, gate in enumerate(_GATES) if gate is None or gate(page)}
        for index, rule in enumerate(_RULES):
            edits = rule.undo(sight) if index in held and rule.may(sight) else None
            if edits:
                self._apply(edits)
                sight = Sight(self.plain, self.base, Tokens(self.base), first=False)
                held = _held(self.base)

    @property
    def edited(self) -> bool:
        """Whether anything was restored."""
        return self._starts is not None

    def back(self, start: int, end: int) -> tuple[int, int]:
        if self._starts is None:
            return start, end
        return self._starts[start], self._ends[end - 1]

    def _apply(self, edits: list[tuple[int, int, str]]) -> None:
        if not edits:
            return
        starts = self._starts if self._starts is not None else list(range(len(self.plain)))
        ends = self._ends if self._starts is not None else list(range(1, len(self.plain) + 1))
        plain, new_starts, new_ends, position = [], [], [], 0
        for start, end, text in edits:
            if start < position:
                continue
            plain.append(self.plain[position:start])
            new_starts.extend(starts[position:start])
            new_ends.extend(ends[position:start])
            plain.append(text)
            new_starts.extend([starts[start]] * len(text))
            new_ends.extend([ends[end - 1]] * len(text))
            position = end
        plain.append(self.plain[position:])
        new_starts.extend(starts[position:])
        new_ends.extend(ends[position:])
        self.base = self._edited_base(edits)
        self.plain = "".join(plain)
        self._starts, self._ends = new_starts, new_ends

    def _edited_base(self, edits: list[tuple[int, int, str]]) -> str:
        parts, position = [], 0
        for start, end, text in edits:
            if start < position:
                continue
            parts.append(self.base[position:start])
            parts.append(text.lower())
            position = end
        parts.append(self.base[position:])
        return "".join(parts)


def refanged(page: Page) -> Refanged:
    """The restored views of a page, computed once."""
    view = page.memo.get("refanged")
    if not isinstance(view, Refanged):
        view = page.memo["refanged"] = Refanged(page)
    return view


Edits = list[tuple[int, int, str]]


def _schemes(plain: str, base: str) -> Edits:
    if (
        base.count("//") == base.count("http://") + base.count("https://")
        and not any(mark in base for mark in ("\\", "/ /", "|"))
        and ":/" not in base.replace("://", "")
        and "[" not in base
    ):
        return []
    return [
        (*match.span(), f"http{match.group('s') or match.group('s2') or ''}://")
        for match in _SCHEME.finditer(base)
        if not re.fullmatch(r"https?://", match.group())
    ]


def _is_named_sign(base: str, dot: re.Match[str]) -> bool:
    """Whether the sign in brackets is spoken of (`the decimal point (.) is`): apart on both sides, and no host behind."""
    if not (dot.group()[:1].isspace() and dot.group()[-1:].isspace()):
        return False
    label = _NEXT_LABEL.match(base, dot.end())
    if label is None or label.group() in _ENDS:
        return False
    behind = base[label.end() : label.end() + 2].lstrip()
    return not behind or behind[0] not in _DOT_BEGINS


def _bracketed(plain: str, base: str) -> Edits:
    edits = [(*match.span(), ".") for match in _BRACKETED_DOT.finditer(base) if not _is_named_sign(base, match)]
    edits += [(*match.span(), ".") for match in _QUOTED_DOT.finditer(base)]
    edits.extend((*match.span(), "-") for match in re.finditer(r"(?<=\w)%2d(?=\w)", base))
    for match in _BRACKETED_TAIL.finditer(base):
        edits.append((*match.span(), "." + match.group(1).replace(" ", "")))
    for match in _BRACKETED_OTHER.finditer(base):
        kind = match.lastgroup or ""
        edits.append((*match.span(), {"slash": "/", "at": "@", "colon": ":", "dash": "-"}[kind]))
    return sorted(edits)


def _lettered(plain: str, base: str) -> Edits:
    edits = []
    for match in _LETTERED_TLD.finditer(base):
        joined = re.sub(r"[^a-z]", "", match.group())
        if is_tld(joined) and (match["between"] == " " or len(joined) > 2):
            edits.append((*match.span(), "." + joined))
    for match in _LETTERED.finditer(base) if " ." in base or "\t." in base else ():
        joined = re.sub(r"[ \t]", "", match.group())
        if (
            is_tld(joined.rpartition(".")[2])
            and len(joined.rpartition(".")[2]) >= 2
            and joined.count(".") < len(joined) // 2
        ):
            tail = match.group()[-1:] if match.group()[-1:].isspace() else ""
            edits.append((*match.span(), re.sub(r"[ \t]", "", plain[match.start() : match.end()]) + tail))
    return sorted(edits)


def _clustered(plain: str, base: str, first: int, last: int) -> Edits:
    edits: Edits = []
    for match in _CLUSTER.finditer(base, first, last) if _DRESSED.search(base, first, last) else ():
        dressed = match["dot"]
        if "," in dressed and not _BRACKETED_COMMA.search(dressed):
            continue
        left = _LEFT_LABEL.search(base[max(0, match.start() - 63) : match.start()])
        label = left.group() if left else ""
        spaced = match.group()[:1].isspace() or match.group()[-1:].isspace()
        if spaced and not _OPENED.match(dressed):
            continue
        if len(label) >= 3 and not label.isdigit() and not (spaced and is_syllable(label)):
            edits.append((*match.span(), "."))
    return edits


def _endings(plain: str, base: str) -> Edits:
    edits: Edits = []
    for match in _ENDING.finditer(base):
        written, dot = match["tld"], match["dot"]
        ending = re.sub(r"[ .\-]", "", written).translate(_UNLEET)
        if ending == written and not (dot == "cham" and base[match.start() - 1 : match.start()] == " "):
            continue
        left = _LEFT_LABEL.search(base[max(0, match.start() - 63) : match.start()].rstrip(" "))
        label = left.group() if left else ""
        if not dot.strip() and not ("." in written and re.search(r"[0-9\-]", label)):
            continue
        if len(label) >= 3 and not label.isdigit() and not is_syllable(label):
            edits.append(
                (match.start() - (dot.startswith("cham") and base[match.start() - 1] == " "), match.end(), "." + ending)
            )
    return edits


def _www(plain: str, base: str) -> Edits:
    """`www` and the site's name without dots."""
    edits: Edits = []
    for match in _WWW.finditer(base):
        edits.append((match.start(), match.start("label"), "www."))
        edits.append((*match.span("dot"), "."))
    return edits


def _ends_a_host(plain: str, base: str, match: re.Match[str]) -> bool:
    """Whether a host with spaces around its dot is no sentence: a small ending with nothing behind, or a brand before."""
    if plain[match.end()].isupper():
        return False
    ending = re.match(r"[a-z.]+(?![a-z0-9]| [a-z])", base[match.end() : match.end() + 24])
    return ending is not None or match["first"] in brand_words()


def _hyphened(plain: str, base: str, first: int, last: int) -> Edits:
    """Labels that are spaced around their hyphen: `vcb - xac minh . top`."""
    edits: Edits = []
    for match in _HYPHENED.finditer(base, first, last) if _MAY_BE_HYPHENED.search(base, first, last) else ():
        if not plain[match.start() : match.start("dot")].isascii() or match["dot"] == ". ":
            continue
        announced = _SITE_BEFORE.search(base[max(0, match.start() - 14) : match.start()]) is not None
        if not announced and (is_syllable(match["first"]) or not _ends_a_host(plain, base, match)):
            continue
        if is_syllable(match["first"]) and not re.search(r"[0-9]", match["rest"]):
            continue
        edits.append((*match.span("hyphen"), "-"))
        rest = match.start("rest")
        edits.extend((rest + gap.start(), rest + gap.end(), "") for gap in re.finditer(" ", match["rest"]))
        edits.append((*match.span("dot"), "."))
    return edits


def _undotted(plain: str, base: str) -> Edits:
    return [
        (*match.span("dot"), ".")
        for match in _UNDOTTED.finditer(base)
        if (match["announced"] or match["told"])
        and re.search(r"[0-9\-]", match["label"])
        and re.search(r"[a-z]", match["label"])
    ]


def _begins_a_sentence(plain: str, base: str, position: int) -> bool:
    """Whether a word is written like the first of a sentence: `Net mạnh`, but not `COM`, `Com` or `Vn`."""
    written = plain[position : position + 2]
    return written[:1].isupper() and written[1:].islower() and not base.startswith(("com", "vn"), position)


def _spelled(plain: str, base: str) -> Edits:
    edits: Edits = []
    for match in _SPELLED.finditer(base):
        start, end = match.span()
        dots = list(_SPELLED_DOT.finditer(base, start, end))
        while dots and not _tld_follows(base, dots[-1].end()):
            dots.pop()
        if dots and dots[-1].group().strip() == "." and _begins_a_sentence(plain, base, dots[-1].end()):
            continue
        if dots and dots[-1].group().strip() in _ENGLISH_DOTS and not _LAST_LABEL.match(base, dots[-1].end()):
            continue
        if not dots:
            continue
        label = base[start : dots[0].start()].split()[-1]
        written = plain[dots[0].start() - len(label) : dots[0].start()]
        if is_syllable(label) and not (written.isascii() and _LAST_LABEL.match(base, dots[-1].end())):
            continue
        edits.extend((*dot.span(), ".") for dot in dots)
        ending = _WRITTEN_ENDING.match(plain, dots[-1].end())
        if ending and not ending.group().isascii():
            edits.append((*ending.span(), base[slice(*ending.span())]))
        edits.extend((*dash.span(), "-") for dash in _SPELLED_DASH.finditer(base, start, dots[-1].start()))
    return sorted(edits)


_ENGLISH_DOTS = words("point period")
"""Words for the dot that English says of other things: `the focal point is`."""


def _tld_follows(base: str, position: int) -> bool:
    match = re.compile(r"[a-z]{2,18}(?![a-z0-9\-])").match(base, position)
    return bool(
        match and (_LAST_LABEL.match(base, position) or (is_tld(match.group()) and not is_syllable(match.group())))
    )


_FILE_ENDING = re.compile(r"(?:x?apk|ipa|exe)(?![a-z0-9\-])")


def between_is_light(text: str) -> bool:
    """Whether a dot with spaces can stand before a file's ending."""
    return text.strip(" ") == "."


_LEFT_LABEL = re.compile(r"[\w\-]{1,63}\Z")
_LEFT_CONTEXT = re.compile(
    r"(?:://|www\s?\.\s?|\[\s?|(?<![a-z])(?:web|website|link|trang|truy cap|vao|tai|site|app|url|dia chi)[ :]{1,2}(?:la |web |link |trang )?)[\w\-. ]{0,40}\Z"
)


def _spaced(plain: str, base: str, first: int, last: int) -> Edits:
    edits: Edits = []
    if not _DOT_NEAR.search(base, first, last):
        return edits
    for match in _SPACED.finditer(base, first, last):
        start, end = match.span()
        following = _NEXT.match(base, end)
        if not following:
            continue
        ending = re.split(r"[ \t]?\.[ \t]?", following.group())[-1]
        if _FILE_ENDING.match(following.group()) and between_is_light(match.group()):
            edits.append((start, end, "."))
            continue
        if not re.fullmatch(_STRICT, ending) and not (re.fullmatch(_STRICT, re.split(r"[ \t.]", following.group())[0])):
            continue
        if _joins_host(plain, base, start, end, match.group()):
            edits.append((start, end, "."))
    return edits


def _joins_host(plain: str, base: str, start: int, end: int, between: str) -> bool:
    """Whether what stands left of a spaced dot is a host's label and not the last word of a sentence."""
    left = _LEFT_LABEL.search(base[max(0, start - 63) : start])
    if not left:
        return False
    label = left.group()
    if (
        base[start - len(label) - 1 : start - len(label)] == "."
        and re.fullmatch(_STRICT, label)
        and base[end : end + 2] != "vn"
    ):
        return False
    written = plain[max(0, start - len(label)) : start]
    following = plain[end : end + 3]
    if between[:1] == "." and between.strip(".") and not between.startswith("..") and following[:1].isupper():
        return False
    if _LEFT_CONTEXT.search(base[max(0, start - 70) : start]) and written.isascii():
        return True
    if _begins_a_sentence(plain, base, end):
        return False
    if (
        f"{label}.{re.split('[^a-z0-9]', base[end : end + 12])[0]}" in PATH_HOSTS
        and base[end : end + 16].find("/") >= 0
    ):
        return True
    if is_syllable(label) or not written.isascii() or label.isdigit():
        return False
    return len(label) >= 3 or "-" in label


_CLOSING = frozenset("”“’‘»›)]}>")
_COMMON = frozenset(",_;:/'\"=+&|#")
"""Signs that stand between two words for other reasons more often than for a dot."""


def _odd(plain: str, base: str, first: int, last: int) -> Edits:
    edits: Edits = []
    for match in _ODD_DOT.finditer(base, first, last):
        start, end = match.span()
        left = _LEFT_LABEL.search(base[max(0, start - 63) : start])
        label = left.group() if left else ""
        if (
            len(label) < 4
            or label.isdigit()
            or not plain[start - len(label) : start].isascii()
            or is_syllable(label.rpartition("_")[2])
        ):
            continue
        if (
            match.group() in _COMMON
            and not re.search(r"[0-9\-]", label)
            and (len(label) < 6 or match.group() not in ",_")
        ):
            continue
        if match.group().strip() in _CLOSING and match.group() != match.group().strip():
            continue
        if match.group() == "_" and ("_" in label or base[start - len(label) - 1 : start - len(label)] in ("/", "@")):
            continue
        edits.append((start, end, "."))
    return edits


def _behind(openers: str, *texts: str) -> tuple[str, ...]:
    """The texts directly and one space behind each of the openers."""
    return tuple(opener + space + text for opener in openers for space in ("", " ") for text in texts)


def _always(sight: Sight) -> bool:
    return True


def _hides_dot(sight: Sight) -> bool:
    return bool(sight.windows)


def _around(undo: Callable[[str, str, int, int], Edits]) -> Callable[[Sight], Edits]:
    """A rule that reads the windows alone."""
    return lambda sight: [edit for window in sight.windows for edit in undo(sight.plain, sight.base, *window)]


def _whole(undo: Callable[[str, str], Edits]) -> Callable[[Sight], Edits]:
    """A rule that reads the whole text."""
    return lambda sight: undo(sight.plain, sight.base)


@frozen(kw_only=True)
class _Rule:
    """A way of breaking links. marks: strings without any of which it was not used, none when `may` knows better."""

    undo: Callable[[Sight], Edits]
    marks: tuple[str, ...] = ()
    may: Callable[[Sight], bool] = _always


_RULES = (
    _Rule(undo=_whole(spelled.encoded), marks=("%3a%2f%2f", "%253a%252f")),
    _Rule(undo=_whole(spelled.woven), may=lambda sight: sight.letters > 2),
    _Rule(undo=_whole(spelled.told), marks=(" duoi ", " duoi:", ", duoi", " cuoi ", "tiep", ", dau cham", ", cham")),
    _Rule(undo=_whole(spelled.rows), may=lambda sight: sight.letters > 1),
    _Rule(undo=_whole(_schemes), marks=("//", "\\", "/ /", ":/", "[/", "/]", "(/", "||", "|/")),
    _Rule(
        undo=_whole(_bracketed),
        marks=(
            *_behind("[({<«【（「《‹❨⟨|“„‘", *".,·•/@:-", *words("ch c- c. c_ c* da do d0 d- d. d_ d* poi per sl xu ga at a")),
            *words("*. '. \". _. ~. .] .) .} \\. %2e %2d"),
        ),
    ),
    _Rule(undo=_whole(_endings), may=lambda sight: sight.breaks_ending),
    _Rule(undo=_around(_clustered), may=_hides_dot),
    _Rule(undo=_whole(_www), marks=("www ", "w w", "w.w.w")),
    _Rule(undo=_around(_hyphened), marks=(" - ", " -", "- "), may=_hides_dot),
    _Rule(undo=_whole(_undotted), marks=(" com", " net", " top", " xyz", " org", " vip", " club", " info"), may=lambda sight: sight.ends),
    _Rule(undo=_whole(_lettered), marks=(), may=lambda sight: sight.letters > 1),
    _Rule(undo=_whole(spelled.glued), marks=tuple(f"cham{ending}" for ending in spelled.STRONG.split("|"))),
    _Rule(undo=_whole(spelled.by_ear), marks=("a lo", "buc", "but", "bit l", "bit.l", "to cham", "te cham", "ti cham", "em cham", "mo cham", "le gram", "le go", "tup", "meo", "meu", "g mail", "gi mail", "go mail", "tich to")),
    _Rule(undo=_whole(spelled.addresses), marks=tuple(f"{figure}{dot}" for figure in "0123456789" for dot in (" cham ", " dot ", " . "))),
    _Rule(undo=_whole(spelled.mail_dots), marks=("gmail com", "yahoo com", "hotmail com", "outlook com", "icloud com")),
    _Rule(undo=_whole(spelled.read_out_endings), marks=tuple(f"{dot} {letter}" for dot in ("cham", "dot") for letter in "cevntxio")),
    _Rule(undo=_whole(_spelled), marks=("cham", "dot", "d0t", "ch4m", "chem", "point", "period", "c-h", "c.h", "c_h", "c*h", "d-o", "d.o", " . ")),
    _Rule(undo=_around(_spaced), may=_hides_dot),
    _Rule(undo=_around(_odd), may=_hides_dot),
    _Rule(undo=_whole(spelled.second_dots), marks=("cham vn", "dot vn")),
    _Rule(undo=_whole(spelled.hyphens), marks=("‐", "‑", "‒", "–", "—", "−"), may=lambda sight: sight.ends),
    _Rule(undo=_whole(spelled.heads), marks=("gach", "dash", "hyphen", "minus", " tru ")),
    _Rule(undo=_whole(spelled.unders), marks=("gach duoi", "gach chan", "under", " _ ")),
    _Rule(undo=_whole(spelled.space_hosts), marks=("t me", "zalo me", "m me", "wa me", "viber me", "fb com", "facebook com", "tiktok com", "bit ly", "tinyurl com")),
    _Rule(undo=_whole(spelled.parted), may=lambda sight: not sight.first and sight.has(spelled.name_tails())),
    _Rule(undo=_whole(spelled.odd_ats), marks=("gmail", "yahoo", "hotmail", "outlook", "icloud", "protonmail", "yandex")),
    _Rule(undo=_whole(spelled.tails), marks=("t.me", "zalo.me", "m.me", "wa.me", "fb.com", "facebook.com", " /", "/ ", "gach", "xuye", "suyt", "suye", "xoet", "xet", "set", "slash", "sec", "xec", "xuoc", " cheo", "so lat", "so la", "xo la", "slat", "xlat", "\n/", "\\")),
)  # fmt: skip
"""Rules in the order in which they are applied."""

_UNMARKED = tuple(rule for rule in _RULES if not rule.marks)
_ANY_MARK = Gate(*(mark for rule in _RULES for mark in rule.marks))


_GATES = tuple(Gate(*rule.marks) if rule.marks else None for rule in _RULES)


@lru_cache(maxsize=1)
def _machine() -> tuple[ahocorasick_rs.AhoCorasick, list[int]]:
    owned = [(mark, index) for index, rule in enumerate(_RULES) for mark in rule.marks]
    return ahocorasick_rs.AhoCorasick([mark for mark, _ in owned]), [index for _, index in owned]


def _held(base: str) -> set[int]:
    """Indexes of the rules one of whose marks a text holds, and of those without any."""
    machine, owners = _machine()
    found = {owners[match[0]] for match in machine.find_matches_as_indexes(base, overlapping=True)}
    return found | {index for index, rule in enumerate(_RULES) if not rule.marks}
