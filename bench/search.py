"""The embedded index: how fast it is filled and how long ten shapes of question take, at growing size.

Usage: python bench/search.py [--sizes 50000,200000] [--keep DIR] [--elasticsearch N]

For each size: documents a second, bytes on disk for each byte of text, and p50/p95 in milliseconds of CPU, which a busy
machine disturbs less, over 20 runs of each shape (total and newest 50, unless it says otherwise), each with other words. --elasticsearch N: put N documents
into a real Elasticsearch through our adapter and through a bare `helpers.bulk` of the same sources, and print the ratio.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.posts import PHRASES, SOURCES, START, Posts
from indexer.backends.embedded import EmbeddedIndex
from indexer.fields import index_values
from indexer.port import Histogram, SearchRequest
from model.document import DocumentVersion

RUNS = 20
TARGET_MS = 150


def shapes(posts: Posts, size: int) -> dict[str, Callable[[int], SearchRequest]]:
    """Ten questions that people ask, each a function of the run's number."""
    chance = posts.chance
    word = [word[:4] for word in chance.choices([word for word in posts.words[60:400] if len(word) > 4], k=RUNS)]
    rare = [" ".join(chance.choices(posts.words[30:200], k=2)) for _ in range(RUNS)]
    terms = [" and ".join(chance.sample(posts.words[20:80], 5)) for _ in range(RUNS)]
    several = [" or ".join(f'"{phrase}"' for phrase in chance.sample(PHRASES, 5)) for _ in range(RUNS)]
    last = START + timedelta(minutes=size)

    def common(run: int) -> str:
        return f'"{PHRASES[run % len(PHRASES)]}"'

    return {
        "common phrase": lambda run: SearchRequest(query=common(run)),
        "rare phrase": lambda run: SearchRequest(query=f'"{rare[run]}"'),
        "and of 5 words": lambda run: SearchRequest(query=terms[run]),
        "or of 5 phrases": lambda run: SearchRequest(query=several[run]),
        "common phrase, range of time, source": lambda run: SearchRequest(
            query=f"{common(run)} and source: {SOURCES[1 + run % 5]}", start=last - timedelta(days=30), end=last
        ),
        "beginning of a word": lambda run: SearchRequest(query=f"{word[run]}*"),
        "histogram by day of a common phrase": lambda run: SearchRequest(
            query=common(run), histogram=Histogram(), limit=0
        ),
        "top 20 phones of a phrase": lambda run: SearchRequest(
            query=common(run), facets=("phones",), facet_size=20, limit=0
        ),
        "exact phone": lambda run: SearchRequest(query=f"phones: +849{run:08d}"),
        "newest page": lambda _: SearchRequest(),
    }


def extra_shapes() -> dict[str, Callable[[int], SearchRequest]]:
    """The heaviest questions of the notes, outside the target: a third of all posts, and everything but something."""
    return {
        "top 20 phones of a third of all posts": lambda _: SearchRequest(
            query="phones: *", facets=("phones",), facet_size=20, limit=0
        ),
        "everything but a phrase": lambda run: SearchRequest(query=f'not "{PHRASES[run % len(PHRASES)]}"'),
    }


def chunks(versions: Iterator[DocumentVersion], size: int) -> Iterator[list[DocumentVersion]]:
    while part := list(islice(versions, size)):
        yield part


def fill(index: EmbeddedIndex, posts: Posts, first: int, last: int) -> tuple[float, int]:
    """Put documents first..last; CPU seconds of the index's work, characters of text."""
    spent, characters = 0.0, 0
    for part in chunks(posts.versions(last - first + 1, first), 500):
        characters += sum(len(version.document.text.encode()) for version in part)
        started = time.process_time()
        index.put(part)
        spent += time.process_time() - started
        if sys.stderr.isatty():
            print(f"\r{part[-1].seq:,}", end="", file=sys.stderr)
    return spent, characters


def measure(index: EmbeddedIndex, posts: Posts, size: int) -> bool:
    good = True
    for name, ask in (shapes(posts, size) | extra_shapes()).items():
        taken, hits = [], []
        for run in range(RUNS):
            started = time.process_time()
            hits.append(index.search(ask(run)).total)
            taken.append((time.process_time() - started) * 1000)
        p95 = statistics.quantiles(taken, n=20)[-1]
        targeted = name not in extra_shapes() and size <= 200_000
        good &= not targeted or p95 < TARGET_MS
        row = {"documents": size, "shape": name, "hits": round(statistics.mean(hits)), "p50_ms": round(statistics.median(taken), 1), "p95_ms": round(p95, 1)}  # fmt: skip
        if targeted:
            row["target_ms"] = TARGET_MS
        print(json.dumps(row, ensure_ascii=False), flush=True)
    return good


def elasticsearch(count: int) -> None:
    """Our adapter beside a bare `helpers.bulk` of the same documents, taking turns."""
    from elasticsearch import Elasticsearch, helpers

    from console.elasticsearch_server import running
    from indexer.compile_elastic import source
    from indexer.index import open_index

    versions = list(Posts(11).versions(count))
    with running() as server:
        client = Elasticsearch(server.url)
        rates: dict[str, list[float]] = {"ours": [], "bare": []}
        for turn in range(3):
            index = open_index(server.url, prefix=f"bench{turn}")
            index.clear()
            started = time.perf_counter()
            for at in range(0, count, 500):
                index.put(versions[at : at + 500])
            rates["ours"].append(count / (time.perf_counter() - started))
            index.clear()
            started = time.perf_counter()
            actions = (
                {
                    "_index": f"bench{turn}-documents-{version.first_seen:%Y.%m}",
                    "_id": version.document.id,
                    "_source": source(version.document.id, index_values(version)),
                }
                for version in versions
            )
            helpers.bulk(client, actions)
            rates["bare"].append(count / (time.perf_counter() - started))
            index.clear()
            index.close()
        client.close()
    ours, bare = max(rates["ours"]), max(rates["bare"])
    row = {"what": f"Elasticsearch, {count:,} documents", "ours_per_second": round(ours), "bare_bulk_per_second": round(bare), "ratio": round(ours / bare, 2), "target_ratio": 0.8}  # fmt: skip
    print(json.dumps(row), flush=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="50000,200000")
    options.add_argument("--keep", type=Path)
    options.add_argument("--elasticsearch", type=int, default=0)
    given = options.parse_args()
    good = True
    with tempfile.TemporaryDirectory(dir="/var/tmp") as work:
        path = (given.keep or Path(work)) / "bench.db"
        index, posts, held, spent, characters = EmbeddedIndex(path), Posts(), 0, 0.0, 0
        for size in map(int, given.sizes.split(",")):
            seconds, written = fill(index, posts, held + 1, size)
            spent, characters, held = spent + seconds, characters + written, size
            disk = sum(file.stat().st_size for file in path.parent.glob(path.name + "*"))
            row = {"documents": size, "put_per_cpu_second": round(size / spent), "disk_per_text": round(disk / characters, 2)}  # fmt: skip
            print(json.dumps(row), flush=True)
            good &= measure(index, posts, size)
        index.close()
    if given.elasticsearch:
        elasticsearch(given.elasticsearch)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
