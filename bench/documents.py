"""Articles, dates and near-duplicates: ours beside trafilatura, dateparser and datasketch, in one run.

Usage: python bench/documents.py [--rounds N] [--texts N]

Articles: pages of `tests/corpus/articles` and the layouts of `tests/corpus/shells.py`, F1 over the words of the text, and how many titles, authors and times are
right. Dates: strings of `tests/corpus/dates.txt`, seen at one moment. Near-duplicates: posts of `tests/corpus/roles.jsonl`
and what becomes of them when they are posted again; recall over the kinds of edits, and how many strangers are taken for
a repost. Times are of CPU; the ways take turns in every round, and the median of the per-round ratios counts.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

import dateparser
import trafilatura
from datasketch import MinHash, MinHashLSH

from extraction.article import read_article
from extraction.dates import read_date
from extraction.fingerprint import SIMILAR, masked, minhash_bands, similar

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
SEEN = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
Way = Callable[[Any], object]


def speeds(ways: Mapping[str, Way], items: Sequence[Any], rounds: int, unit: str) -> None:
    """Prints CPU time per item of each way and how many times as fast as it the first one is."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            start = time.process_time()
            for item in items:
                work(item)
            times[name].append((time.process_time() - start) / len(items))
    first = next(iter(ways))
    for name, taken in times.items():
        ratio = statistics.median(other / own for own, other in zip(times[first], taken, strict=True))
        print(f"  {name:28} {statistics.median(taken) * 1e6:9.0f} us a {unit}   ours is {ratio:6.2f} x as fast")


# ---- articles


def _shared(wanted: str, found: str) -> float:
    """F1 over the words of two texts, each as often as it stands."""
    gold, got = Counter(wanted.split()), Counter(found.split())
    right = (gold & got).total()
    return 2 * right / (gold.total() + got.total() or 1)


def _ours(page: Mapping[str, Any]) -> dict[str, Any]:
    article = read_article(page["html"], url=page["url"], selectors=page.get("selectors", {}))
    return {"text": article.text, "title": article.title, "author": article.author, "date": _day(article.published)}


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone(VIETNAM):%Y-%m-%d}" if moment is not None else ""


def _trafilatura(page: Mapping[str, Any]) -> dict[str, Any]:
    found = trafilatura.bare_extraction(page["html"], url=page["url"], fast=True, with_metadata=True)
    return {name: getattr(found, name, None) or "" for name in ("text", "title", "author", "date")}


def shells() -> Iterator[tuple[str, Any, str]]:
    """The pages of `tests/corpus/shells.py`."""
    sys.path.insert(0, str(CORPUS))
    try:
        from shells import pages
    finally:
        sys.path.remove(str(CORPUS))
    yield from pages()


def articles(rounds: int) -> None:
    pages = []
    for folder in sorted((CORPUS / "articles").iterdir()):
        page = json.loads((folder / "fields.json").read_text("utf-8"))
        pages.append({**page, "html": (folder / "page.html").read_text("utf-8")})
    for _, story, html in shells():
        pages.append(
            {
                "html": html,
                "url": "https://zq.vn/bai",
                "text": story.text,
                "title": story.title,
                "published": "",
                "short": not story.lead,
            }
        )
    ways: dict[str, Way] = {"ours": _ours, "trafilatura": _trafilatura}
    print(f"articles: {len(pages)} pages")
    for name, read in ways.items():
        found: list[dict[str, Any]] = [read(page) for page in pages]  # type: ignore[misc]
        both = list(zip(pages, found, strict=True))
        text = statistics.mean(_shared(page["text"], got["text"]) for page, got in both if "text" in page)
        notices = statistics.mean(_shared(page["text"], got["text"]) for page, got in both if page.get("short"))
        titles = sum(page["title"] == got["title"] for page, got in both)
        authors = [page["author"] == got["author"] for page, got in both if "author" in page]
        told = [_day(datetime.fromisoformat(page["published"])) if page["published"] else "" for page in pages]
        days = [day == got["date"] for day, got in zip(told, found, strict=True) if day]
        print(f"  {name:28} text F1 {text:.3f}, notices {notices:.3f}   titles {titles}/{len(pages)}   authors {sum(authors)}/{len(authors)}   days {sum(days)}/{len(days)}")  # fmt: skip
    speeds(ways, pages, rounds, "page")


# ---- dates


def _dateparser(text: str) -> datetime | None:
    base = SEEN.astimezone(VIETNAM).replace(tzinfo=None)
    settings = {"RELATIVE_BASE": base, "DATE_ORDER": "DMY", "TIMEZONE": "+0700", "RETURN_AS_TIMEZONE_AWARE": True}
    found: datetime | None = dateparser.parse(text, languages=["vi", "en"], settings=settings)
    return found


def _own_date(text: str) -> datetime | None:
    found = read_date(text, now=SEEN)
    return found[0] if found else None


def _is_right(wanted: str, moment: datetime | None) -> bool:
    if moment is None:
        return False
    day, _, clock = wanted.partition(" ")
    local = moment.astimezone(VIETNAM)
    return f"{local:%Y-%m-%d}" == day and clock in ("day", f"{local:%H:%M}")


def dates(rounds: int) -> None:
    lines = [line for line in (CORPUS / "dates.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    forms = [(text.replace(" ;", " |"), wanted) for text, _, wanted in (line.partition(" | ") for line in lines)]
    ways: dict[str, Way] = {"ours": _own_date, "dateparser (vi, en)": _dateparser}
    print(f"dates: {len(forms)} strings (day and, where told, minute)")
    for name, read in ways.items():
        right = sum(_is_right(wanted, read(text)) for text, wanted in forms)  # type: ignore[arg-type]
        print(f"  {name:28} {right}/{len(forms)} right")
    speeds(ways, [text for text, _ in forms], rounds, "string")


# ---- near-duplicates


def reposts(text: str, dice: random.Random) -> dict[str, str]:
    """The text as it is posted again, by kind of edit."""
    words = text.split()
    bare = (sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return {
        "digits changed": "".join(str(dice.randrange(10)) if sign.isdigit() else sign for sign in text),
        "no marks, shouted": "".join(bare).replace("đ", "d").replace("Đ", "D").upper(),
        "8 % of the words": " ".join(dice.choice(("nhé", "ạ", "nha")) if dice.random() < 0.08 else word for word in words),
        "words around": f"🔥 {text} Chia sẻ giúp mình với cả nhà ơi 🔥",
        "cut to 80 %": " ".join(words[: int(len(words) * 0.8)]),
    }  # fmt: skip


class Bands:
    """Ours: shared bands find candidates, the Jaccard similarity of the masked texts decides."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._by_band: dict[str, list[int]] = {}

    def add(self, text: str) -> None:
        for band in minhash_bands("", text):
            self._by_band.setdefault(band, []).append(len(self._texts))
        self._texts.append(text)

    def same(self, text: str) -> set[int]:
        near = {number for band in minhash_bands("", text) for number in self._by_band.get(band, ())}
        return {number for number in near if similar(self._texts[number], text) >= SIMILAR}


class Sketch:
    """datasketch: MinHash of 128 permutations over runs of five characters, LSH at .4, its own estimate as check."""

    def __init__(self) -> None:
        self._lsh = MinHashLSH(threshold=0.4, num_perm=128)
        self._sketches: list[MinHash] = []

    def _sketch(self, text: str) -> MinHash:
        read, sketch = masked(text), MinHash(num_perm=128)
        sketch.update_batch([read[start : start + 5].encode() for start in range(max(1, len(read) - 4))])
        return sketch

    def add(self, text: str) -> None:
        sketch = self._sketch(text)
        self._lsh.insert(len(self._sketches), sketch)
        self._sketches.append(sketch)

    def same(self, text: str) -> set[int]:
        sketch = self._sketch(text)
        return {number for number in self._lsh.query(sketch) if self._sketches[number].jaccard(sketch) >= SIMILAR}


def duplicates(rounds: int, number: int) -> None:
    rows = (json.loads(line) for line in (CORPUS / "roles.jsonl").read_text("utf-8").splitlines())
    texts = [row["text"] for row in rows if len(row["text"]) >= 110][:number]
    dice = random.Random(7)
    edited = [(place, kind, text) for place, one in enumerate(texts) for kind, text in reposts(one, dice).items()]
    print(f"near-duplicates: {len(texts)} posts, {len(edited)} reposts")
    for name, store in (("ours", Bands()), ("datasketch", Sketch())):
        for text in texts:
            store.add(text)
        found: Counter[str] = Counter()
        strangers = 0
        for place, kind, text in edited:
            same = store.same(text)
            found[kind] += place in same
            strangers += len(same - {place})
        kinds = ", ".join(f"{kind} {count / len(texts):.2f}" for kind, count in found.items())
        print(f"  {name:28} recall {found.total() / len(edited):.3f}, strangers {1000 * strangers / len(edited):.1f} of 1,000   ({kinds})")  # fmt: skip
    sketch = Sketch()
    ways: dict[str, Way] = {
        "ours": lambda text: minhash_bands("", text),
        "datasketch": lambda text: sketch._sketch(text),
    }
    speeds(ways, texts, rounds, "signature")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--texts", type=int, default=300)
    arguments = parser.parse_args()
    articles(arguments.rounds)
    dates(arguments.rounds)
    duplicates(arguments.rounds, arguments.texts)


if __name__ == "__main__":
    main()
