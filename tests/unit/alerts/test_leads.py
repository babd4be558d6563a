from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.evidence import Evidence
from alerts.leads import Cluster, group, identifiers, warning_gap_hours
from model.document import Mention
from model.lead import Lead

Make = Callable[..., Evidence]
WEEK = {"q": timedelta(days=7)}


def shape(clusters: tuple[Cluster, ...]) -> set[frozenset[str]]:
    return {frozenset(item.document for item in cluster.evidence) for cluster in clusters}


def lead_of(cluster: Cluster, number: int) -> Lead:
    return Lead(
        id=f"lead{number}",
        code=f"CG-{number}",
        title="t",
        key=cluster.keys[0],
        keys=cluster.keys,
        created=cluster.first_seen + timedelta(minutes=number),
        first_seen=cluster.first_seen,
        last_seen=cluster.last_seen,
        documents=tuple(item.document for item in cluster.evidence),
        realert_seconds=7 * 86400,
    )


def test_a_shared_key_makes_one_cluster_and_a_bridge_ties_two(evidence: Make) -> None:
    made = group([evidence("d1", "a"), evidence("d2", "b"), evidence("d3", "c"), evidence("d4", "a", "b")])
    assert shape(made) == {frozenset({"d1", "d2", "d4"}), frozenset({"d3"})}


def test_a_copy_joins_a_repost_with_a_new_number(evidence: Make) -> None:
    made = group([evidence("d1", "a", copies=("copy:f",)), evidence("d2", "b", copies=("copy:f",))])
    assert shape(made) == {frozenset({"d1", "d2"})}


def test_an_episode_ends_when_the_window_has_passed(evidence: Make) -> None:
    made = group([evidence("d1", "a"), evidence("d2", "a", hours=20), evidence("d3", "a", hours=60)])
    assert shape(made) == {frozenset({"d1", "d2"}), frozenset({"d3"})}
    longer = group([evidence("d1", "a"), evidence("d3", "a", hours=60)], realert=WEEK)
    assert shape(longer) == {frozenset({"d1", "d3"})}


def test_a_list_in_a_warning_ties_nothing_and_belongs_to_each(evidence: Make) -> None:
    made = group([evidence("d1", "a"), evidence("d2", "b"), evidence("w3", "a", "b", "c", kind="warning")])
    assert shape(made) == {frozenset({"d1", "w3"}), frozenset({"d2", "w3"})}


def test_warnings_that_no_post_uses_form_their_own(evidence: Make) -> None:
    made = group([evidence("w1", "a", kind="warning"), evidence("w2", "a", kind="news"), evidence("d3", "z")])
    assert shape(made) == {frozenset({"w1", "w2"}), frozenset({"d3"})}


def test_the_oldest_lead_stays(evidence: Make) -> None:
    first, second = group([evidence("d1", "a"), evidence("d2", "b")])
    leads = [lead_of(second, 7), lead_of(first, 3)]
    (joined,) = group([evidence("d1", "a"), evidence("d2", "b"), evidence("d3", "a", "b")], leads)
    assert [lead.code for lead in joined.leads] == ["CG-3", "CG-7"]


def test_a_lead_of_a_warning_passes_to_the_posts_that_use_its_number(evidence: Make) -> None:
    (warned,) = group([evidence("w1", "a", kind="warning")])
    lead = lead_of(warned, 5)
    (grown,) = group([evidence("w1", "a", kind="warning"), evidence("d2", "a")], [lead])
    assert shape((grown,)) == {frozenset({"w1", "d2"})}
    assert grown.leads == (lead,)


def test_an_edited_post_stays_in_its_lead(evidence: Make) -> None:
    (made,) = group([evidence("d1", "a")])
    lead = lead_of(made, 1)
    (grown,) = group([evidence("d1", "new"), evidence("d2", "new")], [lead])
    assert grown.leads == (lead,)
    assert shape((grown,)) == {frozenset({"d1", "d2"})}


def test_identifiers_of_a_list_beside_posts_are_those_the_posts_use(evidence: Make) -> None:
    used = Mention(kind="phone", value="+84900000001", raw="0900000001", role="suspect")
    other = Mention(kind="phone", value="+84900000002", raw="0900000002", role="suspect")
    cluster = Cluster(
        evidence=(
            evidence("d1", "a", suspects=(used, used)),
            evidence("w2", "a", "b", kind="warning", suspects=(used, other)),
        )
    )
    (one,) = identifiers(cluster)
    assert (one.entity.value, one.mentions, one.documents) == ("+84900000001", 3, 2)


def test_warning_gap_counts_from_our_first_sight(evidence: Make, at: Callable[[float], datetime]) -> None:
    posts = (evidence("d1", "a"), evidence("d2", "a", hours=3))
    assert warning_gap_hours(Cluster(evidence=posts)) is None
    warned = Cluster(evidence=(*posts, evidence("w3", "a", hours=9, kind="warning", published=at(6.5))))
    assert warning_gap_hours(warned) == 6.5
    late = Cluster(evidence=(*posts, evidence("w4", "a", hours=9, kind="warning", published=at(-4))))
    assert warning_gap_hours(late) == -4


def post(name: str, keys: tuple[str, ...], hours: float, kind: str) -> Evidence:
    return Evidence(
        document=name,
        seq=int(name[1:]),
        at=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hours),
        source="mang",
        source_kind=kind,
        keys=tuple(f"phone:{key}" for key in keys),
        bridges=kind != "warning",
    )


@st.composite
def feeds(draw: st.DrawFn) -> tuple[list[tuple[str, tuple[str, ...], float, str]], int]:
    size = draw(st.integers(2, 14))
    items = []
    for number in range(size):
        keys = tuple(sorted(draw(st.sets(st.sampled_from("abcde"), min_size=1, max_size=2))))
        hours = draw(st.integers(0, 30)) * 5.0
        items.append((f"d{number}", keys, hours, draw(st.sampled_from(("social", "forum", "social", "warning")))))
    return items, draw(st.integers(0, 2**32))


@settings(max_examples=300, deadline=None)
@given(feeds())
def test_order_and_batches_do_not_matter(feed: tuple[list[tuple[str, tuple[str, ...], float, str]], int]) -> None:
    """Documents in any order, in batches of any size, with the leads of earlier batches: the same final leads."""
    items, seed = feed
    everything = [post(*item) for item in items]
    expected = shape(group(everything))
    shuffled = everything[:]
    randomness = random.Random(seed)
    randomness.shuffle(shuffled)
    seen: list[Evidence] = []
    leads: list[Lead] = []
    number = 0
    while shuffled:
        size = randomness.randint(1, 4)
        seen, shuffled = seen + shuffled[:size], shuffled[size:]
        clusters = group(seen, leads)
        leads = []
        for cluster in clusters:
            number += 1
            old = cluster.leads[0] if cluster.leads else lead_of(cluster, number)
            fresh = lead_of(cluster, number)
            leads.append(
                Lead(
                    id=old.id,
                    code=old.code,
                    title="t",
                    key=old.key,
                    keys=fresh.keys,
                    created=old.created,
                    first_seen=cluster.first_seen,
                    last_seen=cluster.last_seen,
                    documents=fresh.documents,
                    realert_seconds=86400,
                )
            )
    assert shape(group(everything, leads)) == expected
