"""The plan of the town: how much of what, in which voices, and that words give nothing away."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from town.plan import SITES, Plan, Planned, make_plan, published_campaign, scripts
from town.values import Surface, ascii_fold
from town.voices import VOICES

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
SEEDS = (1, 2, 3)


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed {seed}")
def plan(request: pytest.FixtureRequest) -> Plan:
    return make_plan(request.param, NOW)


def words_of(title: str, text: str, raws: list[str]) -> set[str]:
    """Folded words of letters, the identifiers taken out."""
    whole = f"{title}\n{text}"
    for raw in raws:
        whole = whole.replace(raw, " ")
    return set(re.findall(r"[a-z]+", ascii_fold(unicodedata.normalize("NFC", whole)).lower()))


def surfaces(item: Planned) -> tuple[Surface, ...]:
    """Every identifier of a document, that of its picture too."""
    shown = item.picture.surface if item.picture else None
    return (*item.surfaces, shown) if shown else item.surfaces


def test_two_frauds_stand_in_nothing_but_pictures(plan: Plan) -> None:
    """One account only in payment codes, one phone only in letters; and a picture says nothing of who posts it."""
    hidden = {campaign.id: campaign for campaign in plan.campaigns if campaign.only_in}
    assert sorted(campaign.only_in for campaign in hidden.values()) == ["code", "letters"]
    for item in plan.documents:
        if item.campaign in hidden:
            assert item.surfaces == ()
            assert item.picture is not None
            assert item.picture.kind == hidden[item.campaign].only_in
            assert item.picture.surface is not None
            assert item.picture.surface.raw in item.picture.content
    assert any(item.picture and not item.campaign for item in plan.documents)


def test_at_least_170_documents_on_six_sites_and_60_percent_honest(plan: Plan) -> None:
    honest = sum(not item.campaign for item in plan.documents)
    assert len(plan.documents) >= 170
    assert honest / len(plan.documents) >= 0.6
    assert {item.site for item in plan.documents} == set(SITES)


def test_at_least_14_campaigns_of_different_forms_recur_across_sites(plan: Plan) -> None:
    planted = [campaign for campaign in plan.campaigns if not campaign.reserve]
    assert len({campaign.form for campaign in planted}) == len(planted) >= 14
    for campaign in planted:
        own = [item for item in plan.documents if item.campaign == campaign.id]
        assert len({item.site for item in own}) >= (2 if campaign.only_in else 3), campaign.id
        shared = Counter(surface.value for item in own for surface in {(s.value): s for s in surfaces(item)}.values())
        assert max(shared.values()) >= 2, campaign.id


def test_the_documents_of_a_campaign_hang_together_by_identifiers(plan: Plan) -> None:
    for campaign in plan.campaigns:
        groups: list[set[str]] = []
        for item in plan.documents:
            if item.campaign != campaign.id:
                continue
            values = {surface.value for surface in surfaces(item)}
            touching = [group for group in groups if group & values]
            groups = [group for group in groups if not group & values] + [values.union(*touching)]
        assert len(groups) <= 1, f"{campaign.id} falls into {groups}"


def test_every_surface_stands_in_its_text(plan: Plan) -> None:
    for item in plan.documents:
        for surface in item.surfaces:
            assert surface.raw in item.title + "\n" + item.text, (item.external_id, surface)


def test_no_identifier_is_shared_by_two_campaigns_or_with_an_honest_text(plan: Plan) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for item in plan.documents:
        for surface in surfaces(item):
            owners[surface.value].add(item.campaign or f"honest {item.site} {item.external_id}")
    assert {value: who for value, who in owners.items() if len(who) > 1} == {}


def test_no_word_marks_a_fraud_that_honest_posts_lack(plan: Plan) -> None:
    honest: set[str] = set()
    fraud: dict[str, set[str]] = defaultdict(set)
    for item in plan.documents:
        words = words_of(item.title, item.text, [surface.raw for surface in item.surfaces])
        if item.campaign:
            for word in words:
                fraud[word].add(item.campaign)
        else:
            honest |= words
    assert sorted(word for word, campaigns in fraud.items() if len(campaigns) >= 2 and word not in honest) == []


def test_no_voice_and_no_disguise_marks_a_fraud() -> None:
    voices: dict[bool, set[str]] = {True: set(), False: set()}
    for seed in SEEDS:
        for item in make_plan(seed, NOW).documents:
            voices[bool(item.campaign)].add(item.voice)
    assert voices[False] == set(VOICES)
    assert voices[True] <= voices[False]


def test_warnings_come_after_two_campaigns_and_before_one(plan: Plan) -> None:
    gaps: dict[str, list[timedelta]] = defaultdict(list)
    for campaign in plan.campaigns:
        own = [item for item in plan.documents if item.campaign == campaign.id]
        warned = [item.published for item in own if item.site == "portal"]
        if warned:
            others = [item.published for item in own if item.site != "portal"]
            gaps[campaign.warned].append(min(warned) - min(others))
    assert len(gaps["after"]) >= 2
    assert all(gap > timedelta(hours=1) for gap in gaps["after"])
    assert len(gaps["before"]) >= 1
    assert all(gap < timedelta(hours=-1) for gap in gaps["before"])


def test_times_lie_in_the_last_days_and_ids_grow_with_them(plan: Plan) -> None:
    for site in SITES:
        items = plan.of(site)
        assert all(NOW - timedelta(days=6) < item.published < NOW for item in items)
        assert [item.published for item in items] == sorted(item.published for item in items)
        assert [int(item.external_id) for item in items] == sorted({int(item.external_id) for item in items})


def test_a_thread_opens_with_its_title() -> None:
    for seed in SEEDS:
        threads: dict[int, list[str]] = defaultdict(list)
        openings = {}
        for item in make_plan(seed, NOW).of("forum"):
            openings.setdefault(item.thread, item)
            threads[item.thread].append(item.title)
        assert all(len(set(titles)) == 1 and titles[0] for titles in threads.values())
        assert len(threads) >= 20


def test_a_seed_repeats_itself_and_another_changes_numbers_names_and_order() -> None:
    first, again, other = make_plan(1, NOW), make_plan.__wrapped__(1, NOW), make_plan(2, NOW)
    assert first == again
    values = [{surface.value for item in plan.documents for surface in item.surfaces} for plan in (first, other)]
    assert len(values[0] & values[1]) <= 5
    order = [[item.campaign for item in plan.documents] for plan in (first, other)]
    assert order[0] != order[1]


def test_the_moment_moves_times_only() -> None:
    later = make_plan(1, NOW + timedelta(days=3))
    for item, moved in zip(make_plan(1, NOW).documents, later.documents, strict=True):
        assert (item.external_id, item.text, item.published + timedelta(days=3)) == (
            moved.external_id,
            moved.text,
            moved.published,
        )


def test_published_campaigns_have_their_own_identifiers() -> None:
    made = [published_campaign(1, number)[0] for number in range(6)]
    assert len({campaign.id for campaign in made}) == 6
    assert len({value.value for campaign in made for value in campaign.identifiers.values()}) == sum(
        len(campaign.identifiers) for campaign in made
    )


def test_every_script_has_what_its_site_shows() -> None:
    for site in ("portal", "news", "classifieds", "ads", "forum"):
        for script in scripts()[f"honest_{site}"]:
            assert script["title"], script
            assert script["text"], script
