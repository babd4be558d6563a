"""The truth agrees with what is served, and the score counts as it says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from model.ids import document_id
from town.server import Running
from town.sheets import source_id, write_sheets
from town.state import Town
from town.truth import Truth, score, truth


@pytest.fixture(scope="module")
def known() -> Truth:
    return truth(1)


def lead(
    code: str, documents: list[tuple[str, str]], identifiers: Sequence[tuple[str, str]] = (), role: str = "suspect"
) -> dict:
    return {
        "code": code,
        "documents": [{"id": document_id(*pair), "external_id": pair[1], "url": ""} for pair in documents],
        "identifiers": [{"kind": kind, "value": value, "role": role} for kind, value in identifiers],
    }


def test_truth_counts_what_the_town_serves(town: Town, known: Truth) -> None:
    for site in ("portal", "news", "channel", "forum", "classifieds", "ads"):
        assert known.expected[source_id(site)] == len(town.documents(site))
    assert sum(known.expected.values()) == len(known.honest) + sum(
        len(campaign.documents) for campaign in known.planted
    )


def test_every_planted_campaign_has_documents_and_identifiers(known: Truth) -> None:
    assert len(known.planted) >= 14
    assert all(campaign.documents and campaign.identifiers for campaign in known.planted)
    assert all(not campaign.documents for campaign in known.campaigns if campaign.reserve)


def test_frauds_in_pictures_that_nobody_can_read_need_not_be_found(known: Truth) -> None:
    hidden = {campaign.only_in: campaign.id for campaign in known.planted if campaign.only_in}
    blind = truth(1, unread=["code"])
    assert {campaign.id for campaign in known.planted} - {campaign.id for campaign in blind.planted} == {hidden["code"]}
    assert blind.honest == known.honest
    assert blind.expected == known.expected


def test_perfect_leads_score_perfectly(known: Truth) -> None:
    leads = [
        lead(campaign.id, [(item.source, item.external_id) for item in campaign.documents])
        for campaign in known.planted
    ]
    result = score(known, leads)
    assert (result.missed, result.false_leads, result.split, result.mixed) == ((), (), (), ())
    assert len(result.found) == len(known.planted)


def test_an_identifier_finds_a_campaign_unless_it_is_innocent(known: Truth) -> None:
    campaign = known.planted[0]
    pair = min(campaign.identifiers)
    assert score(known, [lead("CG-1", [], [pair])]).found == (campaign.id,)
    assert score(known, [lead("CG-1", [], [pair], role="official")]).false_leads == ("CG-1",)


def test_a_lead_of_an_honest_post_is_false(known: Truth) -> None:
    post = known.honest[0]
    result = score(known, [lead("CG-9", [(post.source, post.external_id)])])
    assert result.false_leads == ("CG-9",)
    assert result.honest_raised == (f"{post.source}/{post.external_id}",)
    assert len(result.missed) == len(known.planted)


def test_a_published_post_is_not_false(known: Truth) -> None:
    reserve = next(campaign for campaign in known.campaigns if campaign.reserve)
    assert score(known, [lead("CG-2", [], [min(reserve.identifiers)])]).false_leads == ()


def test_split_and_mixed_campaigns_are_named(known: Truth) -> None:
    first, second = known.planted[:2]
    one, two = first.documents[:2]
    leads = [
        lead("CG-1", [(one.source, one.external_id)]),
        lead("CG-2", [(two.source, two.external_id), (second.documents[0].source, second.documents[0].external_id)]),
    ]
    result = score(known, leads)
    assert result.split == (first.id,)
    assert result.mixed == ("CG-2",)


def test_a_document_is_known_by_its_address_too(known: Truth) -> None:
    item = known.planted[0].documents[0]
    found = score(
        known,
        [{"code": "CG-1", "documents": [{"id": "x", "external_id": "x", "url": f"http://127.0.0.1:9{item.path}"}]}],
    ).found
    assert found == (known.planted[0].id,)


def test_missing_documents_are_counted_by_source(known: Truth) -> None:
    held = [{"source": item.source, "external_id": item.external_id} for item in known.honest]
    missing = score(known, [], held).missing
    assert sum(missing.values()) == sum(len(campaign.documents) for campaign in known.planted)


def test_without_a_browser_the_ad_library_is_left_out() -> None:
    wanted = truth(1, without=["ads"])
    assert "town_ads" not in wanted.expected
    assert all(campaign.documents for campaign in wanted.planted)


def test_sheets_are_sources(running: Running, tmp_path: Path) -> None:
    for path in write_sheets(running.ready, tmp_path / "sheets"):
        data = yaml.safe_load(path.read_text("utf-8"))
        assert data["url"].startswith("http://127.0.0.1:")
        assert data["id"] == path.stem
        assert data["enabled"] is True
        assert set(data) == {"id", "title", "spider", "kind", "url", "interval", "enabled", "expect_min", "options"}
