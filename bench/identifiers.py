"""Identifiers in generated posts: ours beside phonenumbers (phones) and iocsearcher (hosts), in one run.

Usage: python bench/identifiers.py [--posts N] [--seed S] [--rounds N]

Prints precision, recall and F1 per kind, recall per class of writing, the peers' F1 on what they can do, and posts/s of
one core: the ways take turns in every round and the median of the per-round ratios counts, so that a busy machine
disturbs them alike. Times are of CPU. Reading alone and reading with roles are timed apart.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "corpus"))

import generator
import phonenumbers
from iocsearcher.searcher import Searcher

from extraction.article import read_article
from extraction.extract import extract
from extraction.kinds.base import reading_order
from extraction.reading import Page
from indexer.heap import collect_seldom

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
Post = dict[str, Any]
SECOND_READINGS = ("link", "phone")
SEARCHER = Searcher()


def read(text: str) -> int:
    """Every identifier, without its role."""
    page = Page(text)
    return sum(1 for kind in reading_order() for _ in kind.find(page))


def peer_phones(text: str) -> set[str]:
    """libphonenumber's matcher as it is, after the NFKC that helps it most."""
    text = unicodedata.normalize("NFKC", text)
    return {
        phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        for match in phonenumbers.PhoneNumberMatcher(text, "VN")
    }


def peer_hosts(text: str) -> set[str]:
    found = SEARCHER.search_raw(text, targets={"url", "fqdn"})
    return {value.partition("://")[2].partition("/")[0] if kind == "url" else value for kind, value, *_ in found}


def pipeline(text: str) -> int:
    return len(peer_phones(text)) + len(peer_hosts(text))


def pipeline_all(text: str) -> int:
    """With all kinds that iocsearcher knows (mails, coins, cards, ...), nearer to what we look for."""
    return len(peer_phones(text)) + len(SEARCHER.search_raw(text))


class Score:
    """Counts of one kind or one peer."""

    def __init__(self) -> None:
        self.right = self.missed = self.invented = 0

    def add(self, wanted: set[str], found: set[str]) -> None:
        self.right += len(wanted & found)
        self.missed += len(wanted - found)
        self.invented += len(found - wanted)

    def __str__(self) -> str:
        precision = self.right / (self.right + self.invented or 1)
        recall = self.right / (self.right + self.missed or 1)
        return f"P {precision:.4f}  R {recall:.4f}  F1 {2 * precision * recall / (precision + recall or 1):.4f}  n {self.right + self.missed}"


def quality(posts: Sequence[Post]) -> None:
    scores: dict[str, Score] = {}
    found_by_class: Counter[str] = Counter()
    all_by_class: Counter[str] = Counter()
    for post in posts:
        mentions = extract(post["text"])
        spans = {(mention.start, mention.end) for mention in mentions if mention.kind == "handle"}
        found: dict[str, set[str]] = {}
        for mention in mentions:
            if mention.kind not in SECOND_READINGS or (mention.start, mention.end) not in spans:
                found.setdefault(mention.kind, set()).add(mention.value)
        wanted: dict[str, set[str]] = {}
        for gold in post["gold"]:
            wanted.setdefault(gold["kind"], set()).add(gold["value"])
            all_by_class[f"{gold['kind']}/{gold['class']}"] += 1
            found_by_class[f"{gold['kind']}/{gold['class']}"] += gold["value"] in found.get(gold["kind"], ())
        for kind in {*found, *wanted}:
            scores.setdefault(kind, Score()).add(wanted.get(kind, set()), found.get(kind, set()))
    for kind, score in sorted(scores.items()):
        print(f"  {kind:16} {score}")
    print("  classes below 1: " + (", ".join(f"{name} {found_by_class[name] / total:.3f}" for name, total in sorted(all_by_class.items()) if found_by_class[name] < total) or "none"))  # fmt: skip


def peers(posts: Sequence[Post]) -> None:
    phones, hosts = Score(), Score()
    for post in posts:
        phones.add({gold["value"] for gold in post["gold"] if gold["kind"] == "phone"}, peer_phones(post["text"]))
        wanted = {gold["value"].partition("/")[0].partition(":")[0] for gold in post["gold"] if gold["kind"] == "link"}
        hosts.add(
            wanted,
            {host for host in peer_hosts(post["text"]) if host.split("/")[0] not in ("t.me", "fb.com", "zalo.me")},
        )
    print(f"  phonenumbers     {phones}\n  iocsearcher host {hosts}")


def timed(work: Callable[[str], object], texts: Sequence[str]) -> float:
    start = time.process_time()
    for text in texts:
        work(text)
    return len(texts) / (time.process_time() - start)


def speed(texts: Sequence[str], rounds: int) -> None:
    ways: dict[str, Callable[[str], object]] = {
        "reading": read,
        "reading + roles": extract,
        "phonenumbers": peer_phones,
        "phonenumbers + iocsearcher": pipeline,
        "the same, all its kinds": pipeline_all,
    }
    for work in ways.values():
        timed(work, texts[:20])
    rates = [{name: timed(work, texts) for name, work in ways.items()} for _ in range(rounds)]
    for name in ways:
        rate = statistics.median(round_[name] for round_ in rates)
        ratio = statistics.median(round_[name] / round_["phonenumbers + iocsearcher"] for round_ in rates)
        against_all = statistics.median(round_[name] / round_["the same, all its kinds"] for round_ in rates)
        print(
            f"  {name:28} {rate:8.0f} texts/s   {ratio:5.2f} x the peers' hosts and phones, {against_all:5.2f} x all their kinds"
        )


def prose(number: int) -> list[str]:
    """Texts of articles without an identifier, and warnings with one or two: what a paper's pages are made of."""
    texts = [read_article((folder / "page.html").read_text("utf-8"), url="https://bao.example/").text for folder in sorted((CORPUS / "articles").iterdir())]  # fmt: skip
    return (texts * (number // len(texts) + 1))[:number]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=99)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    collect_seldom()
    posts = list(generator.posts(arguments.posts, arguments.seed))
    print(f"{len(posts)} posts, seed {arguments.seed}: ours")
    quality(posts)
    print("peers")
    peers(posts)
    texts = [post["text"] for post in posts[:400]]
    print(f"speed, one core: posts, {statistics.mean(map(len, texts)):.0f} characters and 1.5 identifiers each")
    speed(texts, arguments.rounds)
    texts = prose(100)
    print(f"speed, one core: articles, {statistics.mean(map(len, texts)):.0f} characters each")
    speed(texts, arguments.rounds)


if __name__ == "__main__":
    main()
