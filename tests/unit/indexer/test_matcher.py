"""The bit-parallel matcher: the same pairs as the plain predicate, through every change of its queries."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from indexer.fields import index_values
from indexer.matcher import Matcher
from indexer.plan import plan_query
from indexer.predicate import matches
from model.document import DocumentVersion
from model.errors import QuerySyntaxError
from model.query import SavedQuery

WORDS = ["lua", "dao", "chuyen", "khoan", "cong", "an", "zalo", "ma", "otp", "nhan", "qua", "viec", "nhe"]


def saved(key: str, text: str) -> SavedQuery:
    return SavedQuery(id=key, title=key, query=text)


def plainly(queries: Sequence[SavedQuery], versions: Sequence[DocumentVersion]) -> dict[str, list[int]]:
    found = {}
    for query in queries:
        plan = plan_query(query.query)
        hits = [at for at, version in enumerate(versions) if matches(plan, index_values(version))]
        if hits:
            found[query.id] = hits
    return found


@pytest.fixture
def versions(make_version: Callable[..., DocumentVersion]) -> list[DocumentVersion]:
    chance = random.Random(5)
    return [
        make_version(
            number,
            title=" ".join(chance.choices(WORDS, k=2)),
            text=" ".join(chance.choices(WORDS, k=chance.randint(0, 12))),
            source=chance.choice(("vov", "vov_tin", "bao")),
            author=chance.choice(("", "Lan", "lan")),
            likes=chance.choice((None, 0, 5, 10)),
            published=datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=chance.randint(0, 5)) if number % 3 else None,
            regions=tuple(chance.sample(("VN-35", "VN-SG"), chance.randint(0, 2))),
        )
        for number in range(1, 60)
    ]


def some_query(chance: random.Random, depth: int = 2) -> str:
    if not depth or chance.random() < 0.3:
        return chance.choice(
            [
                chance.choice(WORDS),
                f'"{" ".join(chance.choices(WORDS, k=2))}"',
                f"{chance.choice(WORDS)[:2]}*",
                f"title: {chance.choice(WORDS)}",
                "source: vov",
                "source: vov*",
                "author: *",
                "regions: VN-35",
                f"likes {chance.choice(('<', '<=', '>', '>='))} 5",
                "likes: 5",
                f'published >= "2026-06-01T0{chance.randint(0, 5)}:00:00Z"',
            ]
        )
    if chance.random() < 0.25:
        return f"not ({some_query(chance, depth - 1)})"
    parts = [f"({some_query(chance, depth - 1)})" for _ in range(2)]
    return chance.choice((" and ", " or ")).join(parts)


def test_the_same_pairs_as_the_plain_predicate(versions: list[DocumentVersion]) -> None:
    chance = random.Random(7)
    queries = [saved(str(number), some_query(chance)) for number in range(400)]
    assert Matcher(queries).match(versions) == plainly(queries, versions)


def test_after_every_change_of_the_queries(versions: list[DocumentVersion]) -> None:
    chance = random.Random(11)
    queries = {str(number): saved(str(number), some_query(chance)) for number in range(120)}
    matcher = Matcher(queries.values())
    for _ in range(8):
        for key in chance.sample(sorted(queries), 20):
            if chance.random() < 0.3:
                del queries[key]
            else:
                queries[key] = saved(key, some_query(chance))
        queries[f"n{chance.random()}"] = saved(f"n{chance.random()}", some_query(chance))
        queries = {query.id: query for query in queries.values()}
        matcher.update(queries.values())
        assert matcher.match(versions) == plainly(list(queries.values()), versions)


def test_only_changed_queries_are_compiled() -> None:
    queries = [saved("a", "zalo"), saved("b", "not zalo")]
    matcher = Matcher(queries)
    assert matcher.update(queries) == 0
    assert matcher.update([*queries, saved("c", "otp")]) == 1
    assert matcher.update([saved("a", "otp"), saved("c", "otp")]) == 1


def test_an_edit_among_many_leaves_the_others_as_they_were_compiled() -> None:
    chance = random.Random(13)
    queries = {str(number): saved(str(number), some_query(chance)) for number in range(500)}
    matcher = Matcher(queries.values())
    before = dict(matcher._compiled)
    queries["7"] = saved("7", '"zalo otp" or author: Minh')
    assert matcher.update(queries.values()) == 1
    changed = [key for key, item in matcher._compiled.items() if item is not before[key]]
    assert changed == ["7"]
    assert list(matcher._compiled) == list(queries)


def test_a_broken_query_leaves_the_matcher_as_it_was(versions: list[DocumentVersion]) -> None:
    queries = [saved("a", "zalo")]
    matcher = Matcher(queries)
    with pytest.raises(QuerySyntaxError):
        matcher.update([*queries, saved("b", "hai từ")])
    assert matcher.match(versions) == plainly(queries, versions)


def test_no_queries_and_no_documents(versions: list[DocumentVersion]) -> None:
    assert Matcher().match(versions) == {}
    assert Matcher([saved("a", "not zalo")]).match([]) == {}
    assert Matcher([saved("a", "not zalo")]).fields == {"text"}
