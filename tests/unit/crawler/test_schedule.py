"""When a source is due again, and what is visited together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.schedule import chance, group, item_pause, next_due, site_of
from model.source import Run, Source, SourceState

NOW = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def source(name: str, url: str = "https://x.vn/a", spider: str = "feed") -> Source:
    return Source(id=name, title=name, spider=spider, kind="news", url=url, interval=HOUR)


def pause(state: SourceState, *, failures: int = 0, retry_after: float | None = None) -> timedelta:
    run = Run(id="r", source="s", batch="b", started=NOW, state=state, retry_after=retry_after)
    return next_due(source("s"), run, failures=failures, now=NOW) - NOW


def test_a_healthy_source_is_due_after_its_interval_give_or_take_a_tenth() -> None:
    for state in (SourceState.OK, SourceState.EMPTY):
        assert HOUR * 0.9 <= pause(state) <= HOUR * 1.1


def test_failures_double_the_pause_up_to_a_day() -> None:
    pauses = [pause(SourceState.FAILED, failures=number) for number in (0, 1, 2, 30)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= HOUR * 1.8
    assert pauses[-1] <= timedelta(hours=26.4)


def test_a_refusal_and_a_retry_after_are_respected() -> None:
    assert pause(SourceState.BLOCKED) >= timedelta(hours=5)
    assert pause(SourceState.QUOTA, retry_after=86_400) >= timedelta(days=1)


def test_an_item_rests_longer_each_time() -> None:
    assert item_pause(1, None) == timedelta(minutes=5)
    assert item_pause(3, None) == timedelta(minutes=20)
    assert item_pause(60, None) == timedelta(hours=24)
    assert item_pause(1, 90.0) == timedelta(seconds=90)


def test_chance_spreads_and_repeats() -> None:
    values = [chance("s", str(number)) for number in range(500)]
    assert values == [chance("s", str(number)) for number in range(500)]
    assert min(values) < -0.9
    assert max(values) > 0.9


def test_a_site_is_a_registrable_domain_or_an_address_with_its_port() -> None:
    assert site_of("https://congan.lamdong.gov.vn/a") == site_of("http://lamdong.gov.vn")
    assert site_of("http://127.0.0.1:8001/") != site_of("http://127.0.0.1:8002/")
    assert site_of("http://[::1") == "?"


def test_sources_of_one_site_share_a_batch_however_many() -> None:
    many = [source(f"s{number}", f"https://a{number}.tuoitre.vn/") for number in range(7)]
    others = [source(f"o{number}", f"https://o{number}.vn/") for number in range(7)]
    page = [source("page", "https://tuoitre.vn/x", "listing")]
    groups = group([*many, *others, *page], size=5)
    of = {member.id: number for number, found in enumerate(groups) for member in found.sources}
    assert len(of) == 15
    assert len({of[member.id] for member in many}) == 1
    assert of["page"] != of["s0"]
    assert next(found for found in groups if found.spider == "listing").sites & groups[of["s0"]].sites
