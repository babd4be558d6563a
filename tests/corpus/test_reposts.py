"""Reposts of the labelled texts are found with their number, words or length changed, and strangers kept apart."""

from __future__ import annotations

import json
import random
import unicodedata
from collections import defaultdict
from pathlib import Path

from extraction.fingerprint import SIMILAR, minhash_bands, similar

CORPUS = Path(__file__).with_name("roles.jsonl")


def texts() -> list[str]:
    rows = (json.loads(line) for line in CORPUS.read_text("utf-8").splitlines())
    return [row["text"] for row in rows if len(row["text"]) >= 110]


def reposts(text: str, dice: random.Random) -> list[str]:
    """The text as it is posted again: another number, no marks, a few words changed, words added, a sentence dropped."""
    words = text.split()
    changed = [dice.choice(("nhé", "ạ", "luôn", "nha")) if dice.random() < 0.08 else word for word in words]
    other = "".join(str(dice.randrange(10)) if letter.isdigit() else letter for letter in text)
    bare = "".join(c for c in unicodedata.normalize("NFD", text).replace("đ", "d") if not unicodedata.combining(c))
    return [
        other,
        bare.upper(),
        " ".join(changed),
        f"🔥 {text} Chia sẻ giúp mình với cả nhà ơi 🔥",
        " ".join(words[: int(len(words) * 0.8)]),
    ]


def test_reposts_join_and_strangers_do_not() -> None:
    dice = random.Random(7)
    known = texts()
    holders: dict[str, set[int]] = defaultdict(set)
    for place, text in enumerate(known):
        for band in minhash_bands("", text):
            holders[band].add(place)
    found = asked = wrong = 0
    for place, text in enumerate(known):
        for repost in reposts(text, dice):
            near = set().union(*(holders[band] for band in minhash_bands("", repost) if band in holders))
            family = [other for other in near if similar(repost, known[other]) >= SIMILAR]
            asked += 1
            found += place in family
            wrong += len([other for other in family if other != place])
    assert asked > 500
    assert found / asked >= 0.97
    assert wrong / asked <= 0.003
