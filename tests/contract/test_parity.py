"""One query, the same hits in the same order: embedded index, Elasticsearch, matcher, and a plain reading of the rules.

Documents and queries are made from one seed, and from three over twice the documents with `CANHGIAC_PROVE=1`
(`make prove`). A failure prints the line that repeats it.
"""

from __future__ import annotations

import os
import random
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import frozen

from extraction.kinds.base import kinds
from indexer.fields import Value, index_values
from indexer.index import open_index
from indexer.kql import And, Compare, Exists, Is, Node, Not, Or, StartsWith, parse, print_kql
from indexer.matcher import Matcher
from indexer.plan import AllOf, AnyOf, Atom, NotOf, Plan, atoms, plan
from indexer.port import SearchIndex
from indexer.predicate import matches
from indexer.search import batch
from model.document import SOURCE_KINDS, DocumentVersion, Mention, Role
from model.errors import QuerySyntaxError
from model.query import SavedQuery

SEED = int(os.environ.get("CANHGIAC_PARITY_SEED", "20261124"))
PROVE = bool(os.environ.get("CANHGIAC_PROVE"))
SEEDS = [SEED, SEED + 1, SEED + 2] if PROVE else [SEED]
DOCUMENTS, QUERIES = 5000, 2000
EPOCH = datetime(2026, 3, 1, tzinfo=UTC)

WORDS = (  # noqa: SIM905 - a list of 150 quoted words is no reading
    "lừa đảo chuyển khoản tài ngân hàng công an lệnh bắt mã otp xác minh nhận quà trúng thưởng việc nhẹ lương cao cộng tác "
    "viên nạp tiền rút hoa hồng zalo telegram đầu tư sàn vàng vay nhanh số điện thoại đường dây nóng bưu điện thuế định danh "
    "mức độ hai ứng dụng cài đặt tệp apk Facebook livestream Đà Lạt Phan Thiết Bình Thuận hỏi đáp ơi nhé ạ kính báo được "
    "không ck stk tk ko fb zl0 sdt 0912 345 678 0912345678 1900 12345678 5.000.000đ 20/11 a1b2 x-y don't e.mail iPhone16 "
    "ß straße Ǆ ǆ İstanbul ıspanak œuvre naïve ﬁle ½ ² ª Ⅷ 東京 東 京都 カタカナ かな ไทย ကမ္ဘာ Москва Ελλάς हिन्दी עברית عربي 한국 "
    "𝐥ừ𝐚 𝓿𝓪𝔂 ＦＵＬＬ ｈａｌｆ Œ þorn ŋ Zzbreak cannot or and not 诈骗电话 転送 ｶﾀｶﾅ ㍿ 〡 ก็ ຂໍ້ សួស្តី 가각힣 가 "
    "5tr 10k 3ngày l.u.a A&B C++ #️⃣ ẞ ſ ς Σ َحم ¹₂ ﬃ ŉ ǅ"
).split()
SIGNS = (
    "🔥",
    "👉",
    "❤️",
    "…",
    "!!!",
    "(",
    ")",
    '"',
    "*",
    ":",
    "·",
    "—",
    "\n",
    "\t",
    "#",
    "@",
    "\u200b",
    "\u00ad",
    "‼️",
    "1️⃣",
    "\ufe0f",
    "\u034f",
    "\u20e3",
    "\u0323",
    "\u3000",
    "\u2028",
    "👩‍👩‍👧",
)
AUTHORS = ("Lan", "lan", "LAN", "Nguyễn Văn A", "nguyễn", "a:b", "a.b-c", "+84", "a*b", 'q"uote', "back\\slash", "Lán", "đ", "𝐀", " x ")  # fmt: skip
SOURCES = ("vov", "vov_tin", "Vov", "vov:rss", "vov.vn", "bao-moi", "công_an")
VALUES: dict[str, tuple[str, ...]] = {
    "phone": ("+84912345678", "+84900000001", "+842523812345", "+14155550100"),
    "hotline": ("19001234", "0692348560"),
    "account": ("VCB:1010000000001", "TCB:19010000000001", "?:1010000000001"),
    "link": ("vcb-xacminh.zq9.top/Vn", "zq9.top", "zq9.top/a?b=1", "xn--ngnhng-8ya.vn"),
    "handle": ("telegram:cskh_zq9", "zalo:84900000001", "zalo:g/abc"),
    "email": ("a.b@zq9.top",),
    "file": ("dichvucong-zq9.apk",),
    "wallet": ("MOMO:0900000001",),
    "phone_prefix": ("024999",),
    "account_partial": ("TCB:190100",),
    "card": ("970436******0016",),
}
FACTS = ("likes", "comments", "shares", "views")


@frozen
class Corpus:
    """What one seed gives."""

    seed: int
    documents: tuple[DocumentVersion, ...]
    queries: tuple[str, ...]


def corpus(seed: int, make: Callable[..., DocumentVersion]) -> Corpus:
    chance = random.Random(seed)
    documents = tuple(_document(chance, make, number) for number in range(1, DOCUMENTS + 1))
    return Corpus(seed, documents, tuple(_queries(chance, documents)))


def _words(chance: random.Random, low: int, high: int) -> str:
    parts = [
        chance.choice(WORDS) if chance.random() < 0.9 else chance.choice(SIGNS)
        for _ in range(chance.randint(low, high))
    ]
    text = chance.choice((" ", " ", " ", ". ", ", ", "\u00a0", "-")).join(parts)
    if chance.random() < 0.2:
        at = chance.randint(0, len(text))
        text = text[:at] + chance.choice(("\u200b", "\u200d", "\u00ad", "\ufeff", "🔥")) + text[at:]
    style = chance.random()
    if style < 0.25:
        return unicodedata.normalize("NFD", text)
    if style < 0.35:
        return text.upper()
    if style < 0.45:
        return "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
    return text


def _some(chance: random.Random, values: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple(chance.sample(values, min(len(values), chance.choice((0, 0, 1, 1, *range(most + 1))))))


def _mentions(chance: random.Random) -> tuple[Mention, ...]:
    names = [name for name in VALUES if name in kinds()]
    found = []
    for name in _some(chance, names, 4):
        value = chance.choice(VALUES[name])
        attributes = (
            {"domain": "zq9.top"} if name == "link" else {"holder": "NGUYỄN VĂN A"} if name == "account" else {}
        )
        found.append(Mention(kind=name, value=value, raw=value, role=chance.choice(tuple(Role)), attributes=attributes))
    return tuple(found)


def _document(chance: random.Random, make: Callable[..., DocumentVersion], number: int) -> DocumentVersion:
    facts = {name: chance.choice((0, 1, 5, 10, 999, 10**12, -1)) for name in FACTS if chance.random() < 0.6}
    published = EPOCH + timedelta(milliseconds=chance.randrange(90 * 86_400_000) // 3_600_000 * 3_600_000)
    if chance.random() < 0.3:
        published += timedelta(milliseconds=chance.randrange(3_600_000))
    return make(
        number,
        title=_words(chance, 1, 8) if chance.random() < 0.4 else "",
        text=_words(chance, 0, 30),
        source=chance.choice(SOURCES),
        source_kind=chance.choice(SOURCE_KINDS),
        author=chance.choice(AUTHORS) if chance.random() < 0.7 else "",
        url=f"https://{chance.choice(SOURCES)}.vn/{chance.randint(1, 99)}" + "x" * chance.choice((0, 0, 0, 1200)),
        published=published if chance.random() < 0.8 else None,
        language=chance.choice(("vi", "vi-ascii", "other", "")),
        regions=_some(chance, ("VN-35", "VN-68", "VN-SG", "VN-HN"), 3),
        narratives=_some(chance, ("S01", "S14", "N38"), 2),
        mentions=_mentions(chance),
        family=chance.choice(("", "f1", "f2")),
        queries=_some(chance, ("fake_police", "new_entity", "fake-x"), 2),
        leads=_some(chance, ("CG-1", "CG-11", "CG-2"), 2),
        fingerprint=f"{chance.randint(0, 50):02x}",
        first_seen=EPOCH + timedelta(days=chance.choice((0, 0, 0, 31, 62))),
        **facts,
    )


def _queries(chance: random.Random, documents: Sequence[DocumentVersion]) -> Iterator[str]:
    """Accepted queries only, each over atoms from a pool, so that the plain reading of an atom is made once."""
    pool: list[Node] = []
    while len(pool) < 700:
        leaf = _leaf(chance, chance.choice(documents))
        try:
            pool.append(parse(print_kql(leaf)))
        except QuerySyntaxError:
            continue
    made = 0
    while made < QUERIES:
        text = _print(chance, _tree(chance, pool, chance.choice((0, 1, 1, 2, 2, 3, 4))))
        try:
            parse(text)
        except QuerySyntaxError:
            continue
        made += 1
        yield text


def _tree(chance: random.Random, pool: Sequence[Node], depth: int) -> Node:
    if depth == 0:
        return chance.choice(pool)
    kind = chance.random()
    if kind < 0.15:
        return Not(_tree(chance, pool, depth - 1))
    if kind < 0.25:
        name = chance.choice(
            [node.field for node in pool if not isinstance(node, And | Or | Not | Compare) and node.field]
        )
        values = [node for node in pool if _one_field(node) == name]
        return (And if kind < 0.18 else Or)(tuple(_some_not(chance, values) for _ in range(3)))
    items = tuple(_tree(chance, pool, chance.randrange(depth)) for _ in range(chance.randint(2, 3)))
    return And(items) if kind < 0.65 else Or(items)


def _some_not(chance: random.Random, values: Sequence[Node]) -> Node:
    value = chance.choice(values)
    return Not(value) if chance.random() < 0.2 else value


def _leaf(chance: random.Random, version: DocumentVersion) -> Node:
    """A condition that at least one document is likely to meet."""
    values = index_values(version)
    name = chance.choice([*values, *["text", "exact", "title"] * 5, *FACTS, "published"])
    value = values.get(name)
    kind = chance.random()
    if name in ("text", "title", "exact"):
        return _text_leaf(chance, name, str(value or "zalo"), version)
    if name in ("headline", "content"):
        return Is("", chance.choice(WORDS), True)
    if isinstance(value, int) or name in (*FACTS, "published"):
        if kind < 0.2:
            return Exists(name)
        if name in ("published", "collected", "updated"):
            moment = EPOCH + timedelta(
                milliseconds=int(chance.choice((0, 1, 3_600_000))) + chance.randrange(90) * 86_400_000
            )
            if isinstance(value, int) and chance.random() < 0.5:
                moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
            return Compare(name, chance.choice(("<", "<=", ">", ">=")), moment.isoformat(timespec="milliseconds"))
        number = str(value if isinstance(value, int) else 5)
        return Is(name, number) if kind < 0.4 else Compare(name, chance.choice(("<", "<=", ">", ">=")), number)
    text = chance.choice(value) if isinstance(value, tuple) else str(value)
    if kind < 0.15:
        return Exists(name)
    if kind < 0.4 and len(text) > 2:
        return StartsWith(name, text[: chance.randint(2, min(len(text), 12))].strip())
    if kind < 0.5:
        text = chance.choice((text.upper(), text.lower(), unicodedata.normalize("NFD", text), text + "x"))
    elif kind < 0.7 and name in RESPELLED:
        text = chance.choice(RESPELLED[name])(text)
    return Is(name, text, True)


def _rest(text: str) -> str:
    return text.partition(":")[2]


def _spaced(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


RESPELLED: dict[str, tuple[Callable[[str], str], ...]] = {
    "phones": (
        lambda text: "0" + text[3:],
        lambda text: _spaced("0" + text[3:]),
        lambda text: f"({text[:3]}) {text[3:]}",
    ),
    "accounts": (_rest, lambda text: _spaced(_rest(text)), lambda text: text.replace(":", " ").lower()),
    "banks": (str.lower,),
    "wallets": (_rest, lambda text: _spaced(_rest(text)), lambda text: f"ví {text.lower()}"),
    "handles": (lambda text: f"@{_rest(text)}", str.upper, lambda text: f"https://t.me/{_rest(text)}"),
    "links": (lambda text: f"https://{text}", lambda text: f"hxxp://{text.replace('.', '[.]', 1)}"),
    "emails": (str.upper, lambda text: text.replace("@", "[@]")),
    "files": (str.upper,),
    "suspects": (_rest, lambda text: text.replace("+84", "0", 1)),
    "partials": (_rest,),
}
"""Other spellings of a value, as people paste them, by field."""


def _print(chance: random.Random, node: Node) -> str:
    """The query as KQL; now and then alternatives on one field as a list of values, `field: (a or not b*)`."""
    name = _one_field(node)
    if name and isinstance(node, And | Or) and chance.random() < 0.7:
        return f"{name}: ({_print_values(node)})"
    if isinstance(node, Not):
        return f"not ({_print(chance, node.item)})"
    if isinstance(node, And | Or):
        sign = " and " if isinstance(node, And) else " OR "
        return sign.join(f"({_print(chance, item)})" for item in node.items)
    return print_kql(node)


def _one_field(node: Node) -> str:
    """The field that every condition below is on, when it can hold a list of values."""
    if isinstance(node, Not):
        return _one_field(node.item)
    if isinstance(node, And | Or):
        names = {_one_field(item) for item in node.items}
        return names.pop() if len(names) == 1 else ""
    return "" if isinstance(node, Compare) else node.field


def _print_values(node: Node) -> str:
    if isinstance(node, Not):
        return f"not ({_print_values(node.item)})"
    if isinstance(node, And | Or):
        return (" AND " if isinstance(node, And) else " or ").join(f"({_print_values(item)})" for item in node.items)
    text = print_kql(node)
    return text.partition(": ")[2]


def _text_leaf(chance: random.Random, name: str, folded: str, version: DocumentVersion) -> Node:
    words = folded.split()
    at = chance.randrange(len(words))
    field = "" if name == "text" and chance.random() < 0.7 else name
    kind = chance.random()
    if kind < 0.25:
        return StartsWith(field, words[at][: chance.randint(2, 5)])
    if kind < 0.45:
        return Is(field, chance.choice(WORDS), chance.random() < 0.7)
    if kind < 0.65:
        raw = version.document.text.split() or ["zalo"]
        start = chance.randrange(len(raw))
        return Is(field, " ".join(raw[start : start + chance.choice((1, 1, 2, 3))]), True)
    return Is(field, " ".join(words[at : at + chance.choice((1, 1, 2, 2, 3))]), True)


class Oracle:
    """The plain reading: `indexer.predicate` for every atom and document, then sets."""

    def __init__(self, documents: Sequence[DocumentVersion]) -> None:
        self._values: list[dict[str, Value]] = [index_values(version) for version in documents]
        self._ids = [version.document.id for version in documents]
        self._atoms: dict[Atom, frozenset[int]] = {}
        self._everything = frozenset(range(len(documents)))
        dated = [int(values.get("published", -(2**62))) for values in self._values]  # type: ignore[arg-type]
        self._order = sorted(self._everything, key=lambda at: (-dated[at], -documents[at].seq))

    def ids(self, query: str) -> list[str]:
        wanted = plan(parse(query))
        for atom in atoms(wanted):
            if atom not in self._atoms:
                self._atoms[atom] = frozenset(at for at, values in enumerate(self._values) if matches(atom, values))
        hits = self._hits(wanted)
        return [self._ids[at] for at in self._order if at in hits]

    def _hits(self, wanted: Plan) -> frozenset[int]:
        match wanted:
            case AnyOf(items):
                return frozenset().union(*map(self._hits, items))
            case AllOf(items):
                return self._everything.intersection(*map(self._hits, items))
            case NotOf(item):
                return self._everything - self._hits(item)
            case atom:
                return self._atoms[atom]


def fill(index: SearchIndex, documents: Sequence[DocumentVersion]) -> None:
    for start in range(0, len(documents), 1000):
        assert index.put(documents[start : start + 1000]).refused == ()
    index.refresh()


def complain(made: Corpus, number: int, engine: str, expected: Sequence[str], found: object) -> str:
    return (
        f"{engine} differs on query {number}: {made.queries[number]}\nexpected {list(expected)[:5]}... ({len(expected)}), "
        f"got {str(found)[:300]}\nrepeat: CANHGIAC_PROVE={PROVE or ''} CANHGIAC_PARITY_SEED={made.seed} .venv/bin/python -m pytest {Path(__file__).name} -k {engine}"
    )


@pytest.fixture(scope="module", params=SEEDS)
def made(request: pytest.FixtureRequest, make_version: Callable[..., DocumentVersion]) -> Corpus:
    return corpus(request.param, make_version)


@pytest.fixture(scope="module")
def expected(made: Corpus) -> list[list[str]]:
    oracle = Oracle(made.documents)
    return [oracle.ids(query) for query in made.queries]


def compare(index: SearchIndex, engine: str, made: Corpus, expected: Sequence[Sequence[str]]) -> None:
    for number, answer in enumerate(batch(index, made.queries)):
        if answer.get("ids") != expected[number]:
            pytest.fail(complain(made, number, engine, expected[number], answer), pytrace=False)


def test_the_corpus_is_worth_asking(made: Corpus, expected: list[list[str]]) -> None:
    assert (len(made.documents), len(made.queries)) == (DOCUMENTS, QUERIES)
    assert sum(map(len, expected)) > 0.04 * DOCUMENTS * QUERIES
    assert sum(0 < len(hits) < DOCUMENTS for hits in expected) > 0.65 * QUERIES
    assert len(set(made.queries)) > 0.9 * QUERIES
    assert all(parse(print_kql(parse(query))) == parse(query) for query in made.queries)
    assert sum(re.search(r"[a-z_]: \(\(", query) is not None for query in made.queries) > 0.05 * QUERIES


def test_matcher(made: Corpus, expected: list[list[str]]) -> None:
    matcher = Matcher(SavedQuery(id=str(n), title="", query=text) for n, text in enumerate(made.queries))
    hits: dict[str, set[str]] = {str(number): set() for number in range(QUERIES)}
    for start in range(0, DOCUMENTS, 700):
        part = made.documents[start : start + 700]
        for key, positions in matcher.match(part).items():
            hits[key] |= {part[at].document.id for at in positions}
    for number, ids in enumerate(expected):
        if hits[str(number)] != set(ids):
            pytest.fail(complain(made, number, "matcher", ids, len(hits[str(number)])), pytrace=False)


def test_embedded(made: Corpus, expected: list[list[str]], tmp_path: Path) -> None:
    index = open_index(f"sqlite:///{tmp_path / 'search.db'}")
    fill(index, made.documents)
    compare(index, "embedded", made, expected)
    index.close()


@pytest.mark.elasticsearch
def test_elasticsearch(made: Corpus, expected: list[list[str]], elasticsearch_url: str) -> None:
    index = open_index(elasticsearch_url, prefix=f"parity-{uuid.uuid4().hex[:10]}")
    fill(index, made.documents)
    compare(index, "elasticsearch", made, expected)
    index.clear()
    index.close()
