"""Leads from a mixed feed of known truth: precision and recall, and posts a second from ingest to lead.

    python -m bench.leads [--seed N] [--documents 1500] [--show]

Extraction, appending, families, matching, leads and their mails run in one process on a fresh SQLite database; posts a
second is documents over the time of all that.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from alerts.raise_leads import raise_leads
from alerts.rules.base import rules
from config.sheets import load_queries, shipped_folders
from extraction.narratives import forms
from indexer.ingest import ingest, read_line
from model.message import Recipient
from store import documents, leads
from store.connect import connect, disconnect


def load_feed() -> ModuleType:
    """The generator of the tests."""
    path = Path(__file__).parent.parent / "tests" / "corpus" / "feed.py"
    spec = importlib.util.spec_from_file_location("feed", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(items: list[dict[str, Any]], url: str) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """The leads that a feed makes, in the shape of `leads list --json` as far as it is scored, and the times."""
    connect(url)
    now = datetime.now(UTC)
    lines = [json.dumps(item, ensure_ascii=False) for item in items]
    loaded = load_queries(shipped_folders("queries"), forms=forms(), rules=rules())
    started = time.perf_counter()
    ingest((read_line(line, now=now) for line in lines), now=now)
    appended = time.perf_counter()
    raised = raise_leads(
        queries=loaded.items,
        recipients=[Recipient(id="truc", name="Trực ban", addresses=("truc@example.vn",), daily_budget=1000)],
        now=lambda: now,
        console_url="http://127.0.0.1:8600",
        sender="canhgiac@example.vn",
    )
    ended = time.perf_counter()
    found = leads.list_leads()
    versions = documents.get_many({document for lead in found for document in lead.documents})
    shaped = [
        {
            "code": lead.code,
            "title": lead.title,
            "score": lead.score,
            "reason": lead.reason,
            "queries": lead.queries,
            "documents": [
                {"external_id": versions[one].document.external_id, "text": versions[one].document.text}
                for one in lead.documents
            ],
            "identifiers": [one.entity.key for one in lead.identifiers],
        }
        for lead in found
    ]
    disconnect()
    times = {
        "ingest": appended - started,
        "raise": ended - appended,
        "posts_a_second": len(items) / (ended - started),
        "matches": raised.matches,
        "mails": raised.deliveries,
    }
    return shaped, times


def main() -> None:
    """Print the figures of one seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=1500)
    parser.add_argument("--show", action="store_true", help="also print false leads and missed campaigns")
    options = parser.parse_args()
    feed = load_feed()
    scale = options.documents / 1500
    campaigns = max(1, round(40 * scale))
    items = feed.feed(options.seed, campaigns=campaigns, honest_posts=round(1000 * scale), documents=options.documents)
    with tempfile.TemporaryDirectory() as folder:
        found, times = run(items, f"sqlite:///{folder}/bench.db")
    figures = {**feed.score(found, campaigns=campaigns), **times}
    print(json.dumps({key: round(value, 3) for key, value in figures.items()}))
    if options.show:
        show(items, found)


def show(items: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    """False leads and missed campaigns, to look at."""
    hit = {one["external_id"].split("-")[0] for lead in found for one in lead["documents"]}
    for lead in found:
        if not any(one["external_id"].startswith("c") for one in lead["documents"]):
            print("FALSE", lead["code"], lead["score"], lead["title"], lead["reason"], lead["identifiers"])
            print("      ", [one["text"][:160] for one in lead["documents"][:2]])
    for item in items:
        name = item["external_id"].split("-")[0]
        if name.startswith("c") and name not in hit:
            print("MISSED", item["external_id"], item["text"][:200])
    sys.stdout.flush()


if __name__ == "__main__":
    main()
