"""All saved queries against a batch of new posts: the bit-parallel matcher beside a `:memory:` FTS5 database of the batch.

Usage: python bench/matching.py [--posts N] [--rounds N]

1,000 queries of realistic shape, and 100,000 selective ones, x 1,000 posts; folding included on both sides; the two ways
take turns and the best round of each counts. Times are of CPU, which a busy machine disturbs less, with the wall beside.
Both ways must give the same pairs.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.posts import Posts
from indexer.backends.embedded import EmbeddedIndex
from indexer.compile_sql import Sql, compile_sql
from indexer.fields import index_values
from indexer.matcher import Matcher
from indexer.plan import plan_query
from model.document import DocumentVersion
from model.query import SavedQuery

TARGETS = {"broad": 0.10, "selective": 0.40}


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU and of the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


class MemoryIndex:
    """The runner-up: the batch in a fresh `:memory:` database, every query as a statement."""

    def __init__(self, queries: Sequence[SavedQuery]) -> None:
        self.queries: list[tuple[str, Sql]] = [(item.id, compile_sql(plan_query(item.query))) for item in queries]

    def match(self, versions: Sequence[DocumentVersion]) -> dict[str, list[int]]:
        index = EmbeddedIndex(Path(":memory:"))
        index.put(versions)
        connection: sqlite3.Connection = index._connection()
        found = {}
        for key, sql in self.queries:
            rows = connection.execute(f"SELECT docs.doc {sql.source}", sql.values).fetchall()
            if rows:
                found[key] = sorted(row[0] - 1 for row in rows)
        index.close()
        return found


def run(name: str, texts: Sequence[str], versions: Sequence[DocumentVersion], rounds: int, *, runner_up: bool) -> bool:
    queries = [SavedQuery(id=str(number), title="", query=text) for number, text in enumerate(texts)]
    started = time.process_time()
    matcher = Matcher(queries)
    matcher.match(versions[:1])
    compiled = time.process_time() - started
    memory = MemoryIndex(queries) if runner_up else None
    ours, theirs = list[tuple[float, float]](), list[tuple[float, float]]()
    for _ in range(rounds):
        ours.append(timed(lambda: matcher.match(versions)))
        if memory:
            theirs.append(timed(lambda: memory.match(versions)))
    best = min(ours)
    found = matcher.match(versions)
    row = {
        "what": f"{len(queries):,} {name} queries x {len(versions):,} posts",
        "seconds": round(best[0], 3),
        "wall": round(best[1], 3),
        "target": TARGETS[name],
        "without_reading": round(min(timed(lambda: matcher.match_values(values))[0] for _ in range(3)), 3)
        if (values := [index_values(version, matcher.fields) for version in versions])
        else 0,
        "pairs": sum(map(len, found.values())),
        "compile": round(compiled, 2),
    }
    if memory:
        row["memory_fts5"] = round(min(theirs)[0], 3)
        row["ratio"] = round(min(theirs)[0] / best[0], 1)
        row["same_pairs"] = memory.match(versions) == found
    print(json.dumps(row), flush=True)
    return bool(row.get("same_pairs", True))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    posts = Posts()
    versions = list(posts.versions(given.posts))
    broad = [posts.broad_query() for _ in range(1000)]
    selective = [posts.selective_query() for _ in range(100_000)]
    same = run("broad", broad, versions, given.rounds, runner_up=True)
    same &= run("selective", selective, versions, max(2, given.rounds // 2), runner_up=True)
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
