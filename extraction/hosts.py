"""Host names: which strings are one, their registrable domain, and whose name they imitate."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from publicsuffixlist import PublicSuffixList

from extraction.syllables import is_syllable
from extraction.words import words

SHORTENERS = words("bit.ly t.ly tinyurl.com shorturl.at cutt.ly s.id by.com.vn me-qr.com rebrand.ly is.gd ow.ly goo.gl buff.ly rb.gy tiny.cc shorten.asia"
    " short.gy v.gd bom.so bom.to url.vn linkvn.net gg.gg s.net.vn 1link.vn link1s.com megaurl.in tly.link lnkd.in shope.ee s.shopee.vn"
    " s.lazada.vn vt.tiktok.com vm.tiktok.com forms.gle goo.su clck.ru lnk.to linktr.ee bio.link beacons.ai yip.su qr.io qrco.de urlvn.net"
    " da.gd t2m.io hyperurl.co soo.gd x.gd kutt.it l.ead.me onelink.to bitly.com j.mp trib.al dlvr.it t.co")  # fmt: skip
"""Hosts whose links say nothing about who stands behind them."""
SHARED = words("google.com facebook.com fb.com youtube.com youtu.be tiktok.com zalo.me t.me telegram.me telegram.org telegram.dog wa.me whatsapp.com"
    " m.me messenger.com instagram.com x.com twitter.com viber.com apple.com microsoft.com github.com medium.com blogspot.com wordpress.com"
    " weebly.com wixsite.com dropbox.com mediafire.com vietqr.io shopee.vn lazada.vn tiki.vn chotot.com sites.google.com drive.google.com docs.google.com"
    " zaloapp.com fb.me fb.watch fb.gg canva.com canva.site notion.site linkedin.com pinterest.com reddit.com discord.gg discord.com")  # fmt: skip
"""Registrable domains of platforms where anybody publishes: they join nothing."""

PATH_HOSTS = SHORTENERS | words(
    "t.me m.me wa.me fb.com fb.me zalo.me telegram.me facebook.com tiktok.com youtube.com instagram.com x.com youtu.be"
)
"""Hosts that lead nowhere without what follows the slash."""

_SAFE_TLDS = words("com net org vn top xyz vip cc life club online shop site store info app link icu live biz pro win bet asia mobi tech work world website"
    " space fun loan finance bank money cash credit click buzz host press page dev cloud digital agency email center network group today news"
    " edu gov mil cyou sbs cfd rest bond lat beauty hair skin makeup quest monster autos boats homes yachts motorcycles one fit run art gold"
    " cn ru kr jp uk eu us tw hk sg au de fr ph th kh tv cx pw ws gg tk ml ga cf gq id io ee gl ly at is su gd nu ink ltd company services"
    " support help security exchange market trade trading capital fund investments insurance casino poker games game bingo lottery promo gift"
    " gifts sale deals express delivery tel mom wiki ooo red blue pink green black")  # fmt: skip
"""TLDs that a bare name may end in without further evidence; none is a Vietnamese word that follows a full stop."""
_NEVER_BARE = words("zip mov md sh py rs ps pl so java js ts cs cpp hcm doc pdf jpg png mp3 mp4 ms mr dr st ad al")
"""Country codes and new TLDs that in bare form are file names and abbreviations far more often than hosts."""

_BETS = words("vip com bet win club top cc xyz")
"""Endings under which hosts of two figures are bought; elsewhere `20.vn` is a price or a size."""
_TECHNIQUES = words("asp.net vb.net basic.net ado.net ml.net paint.net socket.io draw.io signalr.net crystal.net")
"""Names of software that end like a host."""

_CODE = words("main self this app math array string object list dict map np pd plt df tf os sys std console document window node react vue model config index util utils"
    " java javax android system thread process file path json xml html css user data date time event button view controller service client server request response"
    " logging timezone datetime collections match regex re obj instance entry driver query field socket stream logger log test spec module package class func function method init setup form page item node root parent child session context state props store")  # fmt: skip
_CALLS = words(
    "run map fit show new call build page id name is in to do go as events date open io stream store link click select plus play watch report zone app dev email info now save group search seek storage data fail host media help pk by support security internet abc"
)
"""Names of things and of what is done with them in programs: `main.run`, `array.map`, `user.name`."""

_LABEL = re.compile(r"(?!-)[^\W_](?:[\w-]{0,61}[^\W_])?\Z")


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=16384)
def registrable_domain(host: str) -> str:
    """The domain that one registrant holds, private suffixes on: `a.b.vercel.app` -> `b.vercel.app`. An IP is itself."""
    if is_address(host):
        return host.partition(":")[0]
    return _suffixes().privatesuffix(host.partition(":")[0]) or host.partition(":")[0]


@lru_cache(maxsize=8192)
def is_tld(label: str) -> bool:
    """Whether the label, in any case, IDNA or not, is a top-level domain."""
    return _suffixes().publicsuffix(to_ascii(label)) is not None


_IPV4 = re.compile(
    r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?::[0-9]{1,5})?\Z"
)


def is_address(host: str) -> bool:
    """Whether the host is an IPv4 literal, with or without a port."""
    return bool(_IPV4.match(host))


@lru_cache(maxsize=4096)
def to_ascii(host: str) -> str:
    """Lower case, each label in IDNA form; a label that Unicode's codec refuses is kept as it is."""
    host = host.lower()
    if host.isascii():
        return host
    labels = []
    for label in host.split("."):
        try:
            labels.append(label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii"))
        except UnicodeError:
            labels.append(label)
    return ".".join(labels)


_HOSTISH = re.compile(r"[\w\-]++(?:\.[\w\-]++)+")


def dotted(plain: str) -> Iterator[tuple[int, int]]:
    """Spans of the tokens in which dots stand between letters or digits."""
    dot = plain.find(".")
    while dot >= 0:
        following = plain[dot + 1 : dot + 2]
        start = dot
        if following.isalnum() or following in ("-", "_"):
            while start and (plain[start - 1].isalnum() or plain[start - 1] in "-_"):
                start -= 1
        match = _HOSTISH.match(plain, start) if start < dot else None
        if match is not None:
            yield match.span()
        dot = plain.find(".", match.end() if match is not None else dot + 1)


def is_host(host: str) -> bool:
    """Whether labels and TLD make a well-formed host name; says nothing of whether the author meant one."""
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or not is_tld(labels[-1]):
        return False
    return all(_LABEL.match(label) for label in labels)


_SOLD = words("com net org vn top xyz vip cc club online site shop icu biz asia edu gov me ly")


def is_sold(base: str) -> bool:
    """Whether a bare `a.b` in plain Latin is a host even among names of programs: by its ending, a figure or a hyphen."""
    left, _, tld = base.rpartition(".")
    return tld in _SOLD or re.search(r"[0-9\-]", left) is not None


def is_call(base: str) -> bool:
    """Whether `a.b(` in plain Latin is a call in a program: its last word is what is done with things there."""
    return base.rpartition(".")[2] in _CALLS


def bare_is_meant(written: str, base: str, *, path: bool) -> bool:
    """Whether a bare `a.b` in a sentence is a host and not a missing space. written: as in the text; base: folded."""
    labels, folded = written.split("."), base.split(".")
    tld, left = folded[-1], folded[-2]
    masked = tld == "xxx" and not any(map(str.isalpha, left.replace("x", "")))
    if masked or (tld in _NEVER_BARE and not path):
        return False
    if left.isdigit() and len(left) <= 2 and len(folded) == 2 and tld not in _BETS:
        return False
    if folded[0] == "www" or path:
        return True
    if base in _TECHNIQUES or (tld in _CALLS and left in _CODE):
        return False
    if not labels[-1].isascii():
        return False
    if labels[-1][:1].isupper() and not labels[-1].isupper() and labels[-1].lower() not in ("com", "vn", "net"):
        return tld in _SAFE_TLDS and labels[-2].isascii() and bool(re.search(r"[a-z]-?[0-9]|-[a-z]", left))
    accented = any(not label.isascii() for label in labels[:-1])
    if tld in _SAFE_TLDS:
        return _safe_is_meant(labels, folded, accented)
    return _doubtful_is_meant(labels, folded, left, tld, accented)


def _safe_is_meant(labels: list[str], folded: list[str], accented: bool) -> bool:
    tld, left = labels[-1], folded[-2]
    if (
        accented
        and is_syllable(left)
        and len(labels) == 2
        and (
            tld.lower()
            in ("vip", "top", "one", "fun", "fit", "red", "net", "app", "work", "link", "shop", "page", "group", "live")
            or tld != tld.lower()
        )
    ):
        return False
    if all(len(label) <= 4 and label.isupper() for label in labels) and tld not in (
        "COM",
        "VN",
        "NET",
        "TOP",
        "CC",
        "VIP",
        "XYZ",
        "ORG",
    ):
        return False
    return len(left) >= 2 or tld.lower() in ("com", "vn", "net", "co", "cc", "me", "ly")


def _doubtful_is_meant(labels: list[str], folded: list[str], left: str, tld: str, accented: bool) -> bool:
    if accented or labels[-1] != labels[-1].lower():
        return False
    if any(character.isdigit() or character == "-" for character in left) and any(map(str.isalpha, left)):
        return True
    if is_syllable(left) or len(left) < 3:
        return False
    return labels[-2] == labels[-2].lower() or not is_syllable(tld)


# --- whose name a host imitates -------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _brands() -> tuple[tuple[str, str, frozenset[str]], ...]:
    """(keyword, brand, its own registrable domains), longest keyword first."""
    text = resources.files("extraction").joinpath("data/brands.csv").read_text(encoding="utf-8")
    rows: list[tuple[str, str, frozenset[str]]] = []
    for row in csv.DictReader(text.splitlines()):
        domains = frozenset(row["domains"].split("|"))
        rows.extend((word, row["brand"], domains) for word in row["keywords"].split("|"))
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


_SKELETON = str.maketrans({"0": "o", "1": "l", "i": "l", "3": "e", "5": "s", "4": "a", "@": "a", "8": "b", "9": "g", "6": "b", "7": "t", "q": "g", "j": "l", "y": "l"})  # fmt: skip


def _skeleton(word: str) -> str:
    """What a hurried eye sees: leet undone, doubled letters once, `rn` as `m`, `vv` as `w`."""
    seen = word.replace("rn", "m").replace("vv", "w").translate(_SKELETON)
    return re.sub(r"(.)\1+", r"\1", seen)


@lru_cache(maxsize=1)
def _skeletons() -> tuple[dict[str, str], re.Pattern[str], dict[int, list[str]]]:
    """Skeleton -> brand; a pattern that finds a long one inside a word; the long ones by length."""
    known = {_skeleton(word): brand for word, brand, _ in _brands() if len(word) >= 4}
    long = sorted((skeleton for skeleton in known if len(skeleton) >= 6), key=len, reverse=True)
    by_length: dict[int, list[str]] = {}
    for skeleton in long:
        for length in (len(skeleton) - 1, len(skeleton), len(skeleton) + 1):
            by_length.setdefault(length, []).append(skeleton)
    return known, re.compile("|".join(map(re.escape, long))), by_length


@lru_cache(maxsize=1)
def _own_domains() -> frozenset[str]:
    return frozenset(domain for _, _, domains in _brands() for domain in domains if domain)


@lru_cache(maxsize=1)
def _keywords() -> tuple[dict[str, str], re.Pattern[str]]:
    """Keyword -> brand, and a pattern of those long enough to be looked for inside a host."""
    known = {word: brand for word, brand, _ in reversed(_brands())}
    return known, re.compile("|".join(re.escape(word) for word, _, _ in _brands() if len(word) >= 5))


def brand_words() -> dict[str, str]:
    """Keyword -> brand."""
    return _keywords()[0]


@lru_cache(maxsize=8192)
def look_alike(host: str, base: str) -> str:
    """The brand that a foreign host wears, or "": as a label or part of one, misspelt, or in look-alike letters."""
    labels = host.split(".")
    if any(".".join(labels[index:]) in _own_domains() for index in range(len(labels))):
        return ""
    words = [word for word in re.split(r"[.\-]", base) if word]
    keywords, inside = _keywords()
    for word in words:
        if word in keywords:
            return keywords[word]
    found = inside.search(base.replace("-", ""))
    if found:
        return keywords[found.group()]
    known, part, by_length = _skeletons()
    for word in words[:-1] or words:
        skeleton = _skeleton(word)
        if skeleton in known:
            return known[skeleton]
        match = part.search(skeleton)
        if match:
            return known[match.group()]
        for candidate in by_length.get(len(skeleton), ()):
            if (candidate[:2] == skeleton[:2] or candidate[-2:] == skeleton[-2:]) and near(candidate, skeleton):
                return known[candidate]
    return ""


def near(wanted: str, word: str) -> bool:
    """Whether one insertion, deletion, substitution or swap separates two words of six letters or more."""
    if abs(len(wanted) - len(word)) > 1 or len(word) < 6:
        return False
    prefix = 0
    while prefix < min(len(wanted), len(word)) and wanted[prefix] == word[prefix]:
        prefix += 1
    rest, other = wanted[prefix:], word[prefix:]
    swapped = (
        len(rest) >= 2 and len(other) >= 2 and rest[0] == other[1] and rest[1] == other[0] and rest[2:] == other[2:]
    )
    return rest[1:] == other[1:] or rest[1:] == other or rest == other[1:] or swapped
