"""Addresses that are read out: signs as words, letters one by one, endings by the names of their letters.

`zalo chấm me gạch chéo g gạch chéo abc`, `v c b [.] t o p`, `shop88 chấm cờ o mờ`. Each rule takes the two views and gives
the edits that turn what is read out into what is meant; `refang` applies them.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

from extraction.hosts import PATH_HOSTS, brand_words, dotted, is_address, is_tld
from extraction.letters import said
from extraction.syllables import is_syllable
from extraction.words import words

Edits = list[tuple[int, int, str]]

SLASH_WORDS = "gach (?:cheo|xeo)|[sx][oa] ?la(?:t|ch|s|sh)|[sx]lat|dau (?:gach )?cheo|so cheo|xuyet|xuyec|suyt|suyet|xoet|xet|set|sech|sec|xec|xuoc|cheo|slash|gach"
DASH_WORDS = "gach (?:ngang|noi|giua)|dau (?:gach(?: ngang| noi)?|tru)|tru|dash|hyphen|minus"
UNDER_WORDS = "(?:dau )?gach (?:duoi|chan)|underscore|underline|under score"
STRONG = "com|net|vn|top|xyz|vip|cc|org|club|info|online|site|shop|app|live|link|life|icu|me|fun|win|click|store|cyou|asia|biz|bet|ly"
"""Endings that are taken for an ending after a spelled sign, whatever stands before."""

_MOST_PIECES = 12
"""Pieces of a path that is read out."""

# --- letters one by one ---------------------------------------------------------------------------------------------

_ATOM = r"(?:[\[({<«【「\"'][ ]?(?:[./@:\-_]|cham|dot)[ ]?[\])}>»】」\"']|[^\s])"
_ROW = re.compile(rf"(?<!\S)(?:{_ATOM}[ ]{{1,2}}){{3,90}}{_ATOM}(?!\S)")
"""One sign after the other with spaces between: `v c b . t o p`, `f b [.] c o m`."""
_BRACKETED = re.compile(r"[\[({<«【「\"'][ ]?(?:(?P<sign>[./@:\-_])|cham|dot)[ ]?[\])}>»】」\"']")
_ADDRESS = re.compile(
    r"(?:h(?:tt|xx)ps?://)?[\w\-]+(?:\.[\w\-]+)*(?:@[\w\-]{2,})?(?:\.[\w\-]+)*\.(?P<tld>[a-z]{2,12})(?:/[\w./\-]*)?"
)


_AT_NAME = re.compile(r"@[a-z0-9_.]{4,32}")


_MOST_ROWS = 300
"""Rows of single signs of one page that are read."""


def rows(plain: str, base: str) -> Edits:
    """Rows of single signs that make an address, as far as they make one."""
    edits: Edits = []
    for match in islice(_ROW.finditer(base), _MOST_ROWS):
        start, end = match.span()
        joined = _opened(base[start:end], base[start:end]).replace(" ", "")
        found = _ADDRESS.fullmatch(joined)
        if found and is_tld(found["tld"]) and joined.count(".") * 2 < len(joined):
            edits.append((start, end, _opened(plain[start:end], base[start:end]).replace(" ", "")))
        elif _AT_NAME.fullmatch(joined) and re.search("[0-9_]", joined):
            edits.append((start, end, plain[start:end].replace(" ", "")))
        elif cut := _address_in(base, start, end):
            edits.append((start, cut, _opened(plain[start:cut], base[start:cut]).replace(" ", "")))
    return edits


def _opened(plain: str, base: str) -> str:
    """A piece with its bracketed signs taken out of their brackets."""
    parts, position = [], 0
    for match in _BRACKETED.finditer(base):
        parts += [plain[position : match.start()], match["sign"] or "."]
        position = match.end()
    return "".join([*parts, plain[position:]])


_ENDED = re.compile(rf"\.[ ]?(?:{'|'.join('[ ]?'.join(ending) for ending in STRONG.split('|'))})(?=[ ])")


def _address_in(base: str, start: int, end: int) -> int | None:
    """Where the address ends with which a row begins, when more letters follow it."""
    for ended in islice(_ENDED.finditer(base, start, end), _MOST_PIECES):
        cut = ended.end()
        if _ADDRESS.fullmatch(_opened(base[start:cut], base[start:cut]).replace(" ", "")):
            return cut
    return None


# --- signs as words -------------------------------------------------------------------------------------------------

_HOST = re.compile(
    r"(?P<host>(?:[a-z0-9\-]{1,63}\.){1,5}(?P<tld>[a-z]{2,18})|(?:[0-9]{1,3}\.){3}[0-9]{1,3})(?![a-z0-9.\-])(?P<path>/(?:[a-z0-9_\-./]*[a-z0-9_\-])?)?"
)
_SLASH = re.compile(
    rf"(?:[ \t]{{0,2}}[^\w\s.,;!?]{{0,2}}[ \t]?(?:(?P<word>(?<![a-z])(?:{SLASH_WORDS})(?![a-z])[\])}}\"']?)|/|\\)[ \t]{{0,2}}|[ \t]?\n[ \t]{{0,4}}/)(?=[a-z0-9@])"
)
_INSIDE = re.compile(
    rf"[ \t]{{1,2}}(?:(?P<dot>cham|dot|\.)|(?P<under>{UNDER_WORDS})|(?P<dash>{DASH_WORDS}))[ \t]{{1,2}}(?=[a-z0-9])"
)
_PIECE = re.compile(r"@?[a-z0-9][a-z0-9_\-.=?&]*")
_NEXT_LINKS = words("zalo fb facebook telegram tele tiktok web website hotline sdt dt ib inbox hoac")
"""Words behind a slash that begin something else: `facebook.com/ten / Zalo 09...`."""
_PATHS = words("login dangnhap dangky register nhanqua vn app ref home index qua download tai")
_SLASHES = words(
    "dấu dau sổ so xéo xeo gạch gach chéo cheo sờ so sa xờ xo lát lat lách lach slat xlat sơ xuyệt xuyet xuyệc xuyec suỵt suyt suyệt suyet xoẹt xoet xẹt xet sẹt set sẹc sec xẹc xec xược xuoc sếch sech slash"
)
"""How the words for a slash are written: `xét duyệt`, `sét` and `gạo` are others."""


def tails(plain: str, base: str) -> Edits:
    """Paths whose slashes are words or stand apart: `zalo.me gạch chéo g / abc`."""
    edits: Edits = []
    reached = 0
    for start, _ in dotted(base):
        match = _HOST.match(base, start) if start >= reached and base[start - 1 : start] != "@" else None
        if match and (is_address(match["host"]) if match["tld"] is None else is_tld(match["tld"])):
            found = _tail(plain, base, match)
            edits += found
            reached = found[-1][1] if found else match.end()
    return edits


def _tail(plain: str, base: str, match: re.Match[str]) -> Edits:
    edits: Edits = []
    known = (
        match["tld"] is None
        or match["host"].removeprefix("www.") in PATH_HOSTS
        or base.endswith("://", 0, match.start())
    )
    position, within = match.end(), match["path"] is not None and len(match["path"]) > 1
    if match["path"] == "/":
        position -= 1
    for _ in range(_MOST_PIECES):
        joint = _SLASH.match(base, position) or (_INSIDE.match(base, position) if within and known else None)
        if joint is None:
            break
        piece = _PIECE.match(base, joint.end())
        if piece is None or not plain[piece.start() : piece.end()].isascii():
            break
        if not _is_joint(plain, joint, piece.group(), known=known or within):
            break
        text = piece.group().rstrip(".?&=")
        sign = _sign(joint)
        number = _NUMBER.match(base, piece.start()) if match["host"] in _NUMBER_HOSTS else None
        if number:
            gaps = re.finditer("[ .-]+", number.group())
            edits += [
                (*joint.span(), sign),
                *((number.start() + gap.start(), number.start() + gap.end(), "") for gap in gaps),
            ]
            break
        if joint.group() != sign:
            edits.append((*joint.span(), sign))
        position, within = piece.start() + len(text), True
        if len(text) < len(piece.group()):
            break
    return edits


_NUMBER_HOSTS = words("wa.me zalo.me viber.me chat.zalo.me")
_NUMBER = re.compile(r"(?:\+?84|0)(?:[ .\-]{0,2}[0-9]){9}(?![0-9])")


def _sign(joint: re.Match[str]) -> str:
    if joint.re is _SLASH:
        return "/"
    return "." if joint["dot"] else "_" if joint["under"] else "-"


def _is_joint(plain: str, joint: re.Match[str], piece: str, *, known: bool) -> bool:
    """Whether what stands between a host and a word joins them: a slash that stands apart parts two things as often."""
    if joint.re is not _SLASH:
        return True
    if joint["word"]:
        return set(re.findall(r"\w+", plain[joint.start() : joint.end()].lower())) <= _SLASHES
    if "." in piece and is_tld(piece.rstrip(".").rpartition(".")[2]):
        return False
    if joint.group() in ("/", "\\") or "\n" in joint.group() or (known and piece not in _NEXT_LINKS):
        return True
    return piece in _PATHS or (
        len(piece) >= 4 and bool(re.search(r"[a-z]", piece)) and bool(re.search(r"[0-9_\-]", piece))
    )


_HEAD = re.compile(
    rf"(?<![\w.\-])(?P<label>[a-z0-9]{{2,40}})(?P<joint>[ \t]{{1,2}}(?:{DASH_WORDS})[ \t]{{1,2}})(?=(?:[a-z0-9\-]{{1,63}}\.){{1,4}}(?:{STRONG})(?![a-z0-9\-]))"
)


def heads(plain: str, base: str) -> Edits:
    """A host's first label behind which the hyphen is a word: `vcb gạch ngang hoadon.top`."""
    return [
        (*match.span("joint"), "-") for match in _HEAD.finditer(base) if plain[slice(*match.span("label"))].isascii()
    ]


_UNDER = re.compile(rf"(?<=[a-z0-9])[ \t]{{1,2}}(?:{UNDER_WORDS}|(?P<sign>_))[ \t]{{1,2}}(?=[a-z0-9])")


def unders(plain: str, base: str) -> Edits:
    """`hotro gạch dưới vcb` as `hotro_vcb`, where neither side is a word of a sentence."""
    edits: Edits = []
    for match in _UNDER.finditer(base):
        left = re.search(r"[\w.@]{1,40}\Z", plain[max(0, match.start() - 40) : match.start()])
        right = re.match(r"[\w.]{1,40}", plain[match.end() :])
        named = not match["sign"] or "@" in base[max(0, match.start() - 30) : match.start()]
        if left and right and named and left.group().isascii() and right.group().isascii():
            edits.append((*match.span(), "_"))
    return edits


_GLUED = re.compile(rf"(?<=[a-z0-9])(?:d[aấ]u)?ch(?:ấ|â|ẩ|ẫ)m(?=(?:{STRONG})(?![a-z0-9]))", re.IGNORECASE)


def glued(plain: str, base: str) -> Edits:
    """The word for the dot, told by its accent inside a word that has none: `hoadonchấmtop`."""
    return [(*match.span(), ".") for match in _GLUED.finditer(plain)]


_SLASH_NEXT = r"(?=[ \t]{0,2}[\[({]?(?:/|\\|slash|gach|xuyet|xuyec|xet|xoet|suyt|cheo|sec|[sx][oa] ?lat)(?![a-z]))"
_SPACE_HOSTS = re.compile(
    rf"(?<![\w.\-@])(?:(?:t|zalo|m|wa|viber)(?P<gap>[ \t])me|(?:fb|facebook|bit|tinyurl|tiktok)(?P<gap2>[ \t])(?:com|ly)){_SLASH_NEXT}"
)
_EARS = {
    "zalo.me": r"(?:z|d|gi)a ?lo@me", "facebook.com": r"(?:f|ph)[ae]y? ?(?:but|buc|book|bot)@com", "bit.ly": r"bit@l[yi]|bit l[yi]", "t.me": r"(?:to|te|ti)@me",
    "m.me": r"(?:em|mo)@me", "wa.me": r"(?:oa|qua|goa)@me", "telegram.me": r"te ?le ?go? ?ram@me", "tiktok.com": r"ti[ck]h? ?to[ck]@com", "youtube.com": r"(?:y|d)i?u ?tup@com",
}  # fmt: skip
_DOT_SAID = r"[ \t]{0,2}(?:\.|(?:dau )?cham|dot)[ \t]{0,2}"
_BY_EAR = {
    host: re.compile(rf"(?<![\w.\-@])(?:{ear.replace('@', _DOT_SAID)})(?![a-z0-9]){_SLASH_NEXT}")
    for host, ear in _EARS.items()
}
_MAIL_BY_EAR = re.compile(rf"(?<![a-z0-9])(?:(?:go|gi|ji|dzi|g)[ -]?(?:meo|mail|meu)){_DOT_SAID}com(?![a-z0-9])")


def by_ear(plain: str, base: str) -> Edits:
    """Known hosts as they sound: `za lô chấm me xẹt`, `bít ly xẹt`, `gờ meo chấm com`."""
    edits = [(*match.span(), host) for host, pattern in _BY_EAR.items() for match in pattern.finditer(base)]
    edits += [(*match.span(), "gmail.com") for match in _MAIL_BY_EAR.finditer(base)]
    return sorted(edits)


def space_hosts(plain: str, base: str) -> Edits:
    """Known hosts that lost their dot before a slash: `t me slash hotro_vcb`."""
    return [(*match.span("gap" if match["gap"] else "gap2"), ".") for match in _SPACE_HOSTS.finditer(base)]


_WORDS_BEFORE = re.compile(r"(?:(?<![\w.\-@])[a-z0-9]{1,14} ){1,3}\Z")


@cache
def name_tails() -> frozenset[str]:
    """What a known name may end in when its words stand apart: `book`, `bank`."""
    return frozenset(name[cut:] for name in brand_words() for cut in range(2, len(name) - 1))


def parted(plain: str, base: str) -> Edits:
    """Known names whose words stand apart: `face book.com/shop`, `viet com bank.top`."""
    edits: Edits = []
    for start, _ in dotted(base):
        label = base[start : base.index(".", start)]
        before = _WORDS_BEFORE.search(base[max(0, start - 46) : start]) if label in name_tails() else None
        parts = before.group().split() if before else []
        for first in range(len(parts)):
            if "".join([*parts[first:], label]) in brand_words():
                gaps = re.finditer(" ", base[start - len(" ".join(parts[first:])) - 1 : start])
                origin = start - len(" ".join(parts[first:])) - 1
                edits += [(origin + gap.start(), origin + gap.end(), "") for gap in gaps]
                break
    return edits


_MAIL_HOST = re.compile(r"(?:gmail|yahoo|hotmail|outlook|icloud|protonmail|yandex)\.com(?![a-z0-9.])")
_MAIL_UNDOTTED = re.compile(
    r"(?:[0-9]|[@)\]}]|a cong|a moc|a vong|at)[ \t]{0,2}(?:gmail|yahoo|hotmail|outlook|icloud)(?P<dot>[ \t])com(?![a-z0-9])"
)


def mail_dots(plain: str, base: str) -> Edits:
    """A mail provider's host that lost its dot, behind the sign or a name with figures: `cskh88 a móc gmail com`."""
    return [(*match.span("dot"), ".") for match in _MAIL_UNDOTTED.finditer(base)]


_ODD_AT = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._\-]{2,40})(?P<sign>[ ]{0,2}(?:[^\w\s.,:;/\-()\[\]\"'!?%&+=@]\s?){1,2}| a | )\Z"
)


def odd_ats(plain: str, base: str) -> Edits:
    """Any sign before a mail provider's host, behind what no word looks like: `hotro.zq 🐌 gmail.com`."""
    edits: Edits = []
    for host in _MAIL_HOST.finditer(base):
        first = max(0, host.start() - 48)
        before = base[first : host.start()]
        found = _ODD_AT.search(before) if before[-1:] != "@" else None
        if found is None or not re.search("[0-9._]", found["name"]):
            continue
        if found["sign"] != " " or plain[first + found.start() : host.start()].isascii():
            edits.append((first + found.start("sign"), first + found.end("sign"), "@"))
    return edits


_FILL = r"[ ,]{1,3}(?:(?:tiep|roi|den|xong|sau do|ke)(?: theo| den| toi)?(?: la)?[ ,:]{1,2}|la[ :]{1,2})?"
_TOLD_DOT = r"(?:(?:dau )?cham|dot|(?:duoi|cuoi)(?: la)?(?: (?:dau )?cham)?)"
_TOLD = re.compile(
    rf"(?<![a-z0-9.\-])[a-z0-9][a-z0-9\-]{{1,40}}(?:{_FILL}(?:{DASH_WORDS}){_FILL}[a-z0-9]{{1,30}}){{0,4}}{_FILL}{_TOLD_DOT}(?:{_FILL}|[ :]{{1,3}})(?:{STRONG})(?![a-z0-9])"
)
_TOLD_SIGN = re.compile(rf"{_FILL}(?:(?P<dash>{DASH_WORDS})|{_TOLD_DOT})(?:{_FILL}|[ :]{{1,3}})")


def told(plain: str, base: str) -> Edits:
    """A host as one tells it to another: `dautu, tiếp là gạch ngang, tiếp là dubai, đuôi com`."""
    edits: Edits = []
    for match in _TOLD.finditer(base):
        size = len(match.group()) - len(match.group().lstrip("abcdefghijklmnopqrstuvwxyz0123456789-"))
        label, first = match.group()[:size], match.start() + size
        if plain[match.start() : first].isascii() and (not is_syllable(label) or re.search(DASH_WORDS, match.group())):
            signs = _TOLD_SIGN.finditer(base, first, match.end())
            edits += [(*sign.span(), "-" if sign["dash"] else ".") for sign in signs]
    return edits


_WOVEN = re.compile(r"(?<!\S)[a-z0-9]{1,4}(?:[^\w\s]{1,2}[a-z0-9]{1,4}){3,40}(?!\S)")
_NOISE = re.compile(r"[^\w\s./:@\-]+")


def woven(plain: str, base: str) -> Edits:
    """Signs between all letters of an address: `t*i*k*i-q*u*a.c*o*m`."""
    edits: Edits = []
    for match in _WOVEN.finditer(base):
        first, text = match.start(), match.group()
        noise = [(first + sign.start(), first + sign.end(), "") for sign in _NOISE.finditer(text)]
        joined = _NOISE.sub("", text)
        found = _ADDRESS.fullmatch(joined) if len(noise) > 2 else None
        if found and re.fullmatch(STRONG, found["tld"]) and len(joined) < 3 * len(noise):
            edits += noise
    return edits


_ENCODED = re.compile(r"(?<![\w/=?&%])https?%(?:25)?3a%(?:25)?2f%(?:25)?2f[^\s<>\"]{3,400}")
_CODE = re.compile("%(?:25)?(?:2f|3a|2e|2d|3f|3d|26|40|5f|23)")


def encoded(plain: str, base: str) -> Edits:
    """An address that is percent-encoded as a whole."""
    return [
        (match.start() + code.start(), match.start() + code.end(), chr(int(code.group()[-2:], 16)))
        for match in _ENCODED.finditer(base)
        for code in _CODE.finditer(match.group())
    ]


# --- endings by the names of their letters --------------------------------------------------------------------------


_ENDINGS = {name: ending for ending in words("com net vn top vip xyz org info cc") for name in said(ending)}
"""`coomo` -> `com`, for the endings that people read out."""
_READ_OUT = re.compile(
    r"[ \t](?:dau )?(?:cham|dot)[ \t](?P<names>[a-z]{1,4}(?:[ \t\-.]{1,2}(?!(?:cham|dot)[ \t])[a-z]{1,4}){1,3})(?![a-z0-9])"
)


_SECOND = words("com net org edu gov")
_SECOND_DOT = re.compile(r"(?<=[a-z0-9]\.(?:com|net|org|edu|gov))[ \t](?:dau )?(?:cham|dot)[ \t](?=vn(?![a-z0-9]))")


def second_dots(plain: str, base: str) -> Edits:
    """`shop88.com chấm vn`: the second dot alone is a word."""
    return [(*match.span(), ".") for match in _SECOND_DOT.finditer(base)]


_SPELLED_ADDRESS = re.compile(
    r"(?<![\w.])[0-9]{1,3}(?:[ \t]{0,2}(?:\.|(?:dau )?cham|dot)[ \t]{0,2}[0-9]{1,3}){3}(?![\w])"
)


def addresses(plain: str, base: str) -> Edits:
    """An IP address that is read out, behind a scheme or before a path."""
    edits: Edits = []
    for match in _SPELLED_ADDRESS.finditer(base):
        host = re.sub("[^0-9]+", ".", match.group())
        linked = base.endswith("://", 0, match.start()) or _SLASH.match(base, match.end())
        if host != match.group() and linked and is_address(host):
            edits.append((*match.span(), host))
    return edits


_LONG_HYPHEN = re.compile(rf"(?<=[a-z0-9])[‐‑‒–—−](?=(?:[a-z0-9‐‑‒–—−\-]{{1,40}}\.){{1,3}}(?:{STRONG})(?![a-z0-9]))")


def hyphens(plain: str, base: str) -> Edits:
    """Long hyphens inside a host."""
    return [(*match.span(), "-") for match in _LONG_HYPHEN.finditer(base)]


def read_out_endings(plain: str, base: str) -> Edits:
    """`chấm cờ o mờ` as `.com`."""
    edits: Edits = []
    for match in _READ_OUT.finditer(base):
        words = re.findall("[a-z]+", match["names"])
        label = re.search(r"[a-z0-9\-]{3,63}\Z", base[max(0, match.start() - 63) : match.start()])
        if label is None or label.group().isdigit():
            continue
        for size in range(len(words), 1, -1):
            ending = _ENDINGS.get("".join(words[:size]))
            if ending and (size > 2 or label.group() in _SECOND or not is_syllable(label.group())):
                stop = match.start("names") + [word.end() for word in re.finditer("[a-z]+", match["names"])][size - 1]
                edits.append((match.start(), stop, "." + ending))
                break
    return edits
