"""What an answer is, and how a visit went."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.health import LONGEST_RETRY_AFTER, Verdict, classify, judge, read_retry_after
from model.source import SourceState

NOW = datetime(2026, 7, 1, tzinfo=UTC)
PAGE = "<html><body>" + "<p>Tin tức</p>" * 900 + "</body></html>"


def verdict(status: int = 200, body: str = PAGE, url: str = "https://x.vn/a", **headers: str) -> Verdict:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return classify(status=status, url=url, asked="https://x.vn/a", headers=named, body=body, now=NOW)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (verdict(), SourceState.OK),
        (verdict(200, "  "), SourceState.EMPTY),
        (verdict(401), SourceState.BLOCKED),
        (verdict(403), SourceState.BLOCKED),
        (verdict(403, '{"error": {"reason": "quotaExceeded"}}'), SourceState.QUOTA),
        (verdict(429), SourceState.QUOTA),
        (verdict(503), SourceState.FAILED),
        (verdict(503, retry_after="60"), SourceState.QUOTA),
        (verdict(200, "<title>Just a moment...</title>"), SourceState.BLOCKED),
        (verdict(200, "<script src=/_Incapsula_Resource></script>"), SourceState.BLOCKED),
        (verdict(200, PAGE, cf_mitigated="challenge"), SourceState.BLOCKED),
        (verdict(200, "<div class=g-recaptcha></div>"), SourceState.BLOCKED),
        (verdict(200, PAGE, url="https://x.vn/dang-nhap?next=/a"), SourceState.LOGIN_WALL),
        (verdict(200, "<form><input name=p type='password'></form>"), SourceState.LOGIN_WALL),
        (verdict(200, PAGE + "<input type=password>"), SourceState.OK),
        (verdict(500), SourceState.FAILED),
        (verdict(403, x_canhgiac_gate="refused: not public"), SourceState.FAILED),
    ],
)
def test_an_answer_is_classified_before_it_is_read(found: Verdict, state: SourceState) -> None:
    assert found.state is state


def test_gone_and_not_modified_are_told_apart() -> None:
    assert verdict(404).gone
    assert verdict(410).gone
    assert verdict(304).not_modified
    assert not verdict(304).readable


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("1000000000000", LONGEST_RETRY_AFTER),
        ("Wed, 01 Jul 2026 00:10:00 GMT", 600.0),
        ("Wed, 01 Jul 2020 00:10:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_and_bounded(header: str, seconds: float | None) -> None:
    assert read_retry_after(header, now=NOW) == seconds


def judged(*troubles: Verdict, items: tuple[Verdict, ...] = (), read: int = 0, seen: int = 5, unchanged: int = 0):
    return judge(
        troubles=troubles, item_troubles=items, items_read=read, seen=seen, not_modified=unchanged, expect_min=3
    )


def test_a_visit_is_judged_as_a_whole() -> None:
    failed, blocked = Verdict(state=SourceState.FAILED, reason="f"), Verdict(state=SourceState.BLOCKED, reason="b")
    assert judged().state is SourceState.OK
    assert judged(seen=0).state is SourceState.EMPTY
    assert judged(seen=2).state is SourceState.DRIFT
    assert judged(seen=0, unchanged=1).state is SourceState.OK
    assert judged(failed, blocked).error == "b"
    assert judged(items=(failed,), read=1).state is SourceState.OK
    assert judged(items=(blocked, blocked)).state is SourceState.BLOCKED
    assert judged(items=(Verdict(state=SourceState.FAILED, gone=True),)).state is SourceState.OK
