"""The shapes and statuses that scripts rely on (DESIGN section 6), through the real command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def test_ingest_ends_with_its_counts(cli: Cli) -> None:
    """Bad lines are quarantined, the rest is kept; again, nothing is new."""
    lines = json.dumps({"source": "s", "text": "xin chào 0900 000 001"}) + "\nnot json\n"

    first, second = cli("ingest", "-", "--json", given=lines), cli("ingest", "-", "--json", given=lines)

    assert (first.status, second.status) == (0, 0)
    assert first.rows[-1] == {
        "read": 2,
        "new": 1,
        "updated": 0,
        "unchanged": 0,
        "quarantined": 1,
        "leads": 0,
        "indexed": True,
    }
    assert second.rows[-1]["unchanged"] == 1


def test_ingest_keeps_all_and_says_so_when_the_index_is_away(cli: Cli) -> None:
    """Documents and leads are kept, `indexed` is false, status 1."""
    answer = cli(
        "ingest", "-", "--json", given='{"source": "s", "text": "abc"}\n', CANHGIAC_INDEX_URL="http://127.0.0.1:9"
    )

    assert answer.status == 1
    assert (answer.rows[-1]["new"], answer.rows[-1]["indexed"]) == (1, False)


def test_search_gives_documents_newest_first(filled: Cli) -> None:
    """One document a line with text as written; times with offset."""
    rows = filled("search", "phones: *", "--json").rows

    assert [row["external_id"] for row in rows] == ["3", "2", "1"]
    keys = ["id", "source", "source_kind", "external_id", "url", "title", "text", "author", "published", "collected"]
    assert list(rows[0])[:11] == [*keys, "mentions"]
    assert datetime.fromisoformat(rows[1]["published"]).utcoffset() is not None
    assert rows[1]["published"].startswith("2026-11-23T02:00:00")


def test_search_counts_limits_and_facets(filled: Cli) -> None:
    """`--count` is a bare number; `--limit 0` is all."""
    assert filled("search", "phones: *", "--count").out.strip() == "3"
    assert len(filled("search", "phones: *", "--json", "--limit", "1").rows) == 1
    assert len(filled("search", "phones: *", "--json", "--limit", "0").rows) == 3
    assert filled("search", "phones: *", "--from", "2026-11-23T09:30", "--count").out.strip() == "1"
    assert "rao_vat" in filled("search", "phones: *", "--facets", "source").out


@pytest.mark.parametrize("spelling", ["0900000015", "+84 900 000 015", "84900000015", "0900.000.015"])
def test_a_pasted_number_finds_its_posts_in_any_spelling(filled: Cli, spelling: str) -> None:
    """In the default field and in the register."""
    assert filled("search", f'"{spelling}"', "--count").out.strip() == "2"
    assert filled("entity", spelling, "--json").rows[0]["value"] == "+84900000015"


def test_a_batch_answers_every_line(filled: Cli) -> None:
    """Ids newest first, or the position of what is wrong."""
    good, bad = filled("search", "--batch", "-", given='phones: *\nphones: ("a"\n').rows

    assert (good["query"], good["total"], len(good["ids"])) == ("phones: *", 3, 3)
    assert set(bad) == {"query", "error", "position"}


def test_a_wrong_query_is_shown_with_its_place_and_cure(filled: Cli) -> None:
    """Status 2, in Vietnamese, a pointer under the place."""
    answer = filled("search", "fhones: *")

    assert answer.status == 2
    assert "Lỗi truy vấn" in answer.err
    assert "Gợi ý" in answer.err


def test_leads_are_listed_with_every_key(filled: Cli) -> None:
    """One lead a line; both posts of the fraud are on it."""
    (lead,) = filled("leads", "list", "--json").rows

    keys = "id code queries rule status score reason novelty created first_seen last_seen documents identifiers regions"
    assert set(keys.split()) | {"warning_gap_hours", "deliveries", "suppressed"} <= set(lead)
    assert [set(item) for item in lead["documents"]] == [{"id", "external_id", "url"}] * 2
    assert {"kind": "phone", "value": "+84900000015", "role": "suspect"}.items() <= lead["identifiers"][0].items()
    assert lead["code"].startswith("CG-")


def test_a_lead_is_shown_by_code(filled: Cli) -> None:
    """For people and for scripts; nothing in it can be clicked or called."""
    code = filled("leads", "list", "--json").rows[0]["code"]

    shown = filled("leads", "show", code)

    assert "CHƯA XÁC MINH" in shown.out
    assert "vcb-xacminh[.]top" in shown.out
    assert len(filled("leads", "show", code, "--json").rows[0]["documents"]) == 2


def test_entity_tells_what_the_register_knows(filled: Cli) -> None:
    """Status 1 when it knows nothing, or when the text is nothing."""
    (entry,) = filled("entity", "0900 000 015", "--json").rows

    assert (entry["kind"], entry["status"], entry["documents"]) == ("phone", "suspect", 2)
    assert filled("entity", "0900 000 999").status == 1
    assert filled("entity", "xin chào").status == 1


def test_nothing_is_sent_by_ingest(filled: Cli) -> None:
    """Deliveries wait for the outbox."""
    (delivery,) = filled("outbox", "list", "--json").rows

    assert (delivery["state"], delivery["address"]) == ("new", "truc@example.vn")


def test_unknown_things_fail_with_a_cure(filled: Cli) -> None:
    """Status 1 for what is not there, 2 for wrong usage."""
    for arguments in (("leads", "show", "CG-999"), ("source", "show", "nobody"), ("query", "backtest", "nothing")):
        answer = filled(*arguments)
        assert answer.status == 1, arguments
        assert "canhgiac" in answer.err, arguments
    assert filled("search").status == 2
    assert filled("nonsense").status == 2


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path, cli: Cli) -> None:
    """A file where the folder should be stops everybody, root too."""
    (tmp_path / "home").write_text("", encoding="utf-8")

    answer = cli("search", "a")

    assert answer.status == 2
    assert "CANHGIAC_HOME" in answer.err


def test_a_bad_setting_is_named(cli: Cli) -> None:
    """Before anything else is done."""
    answer = cli("leads", "list", CANHGIAC_CONSOLE_PORT="eighty")

    assert answer.status == 2
    assert "CANHGIAC_CONSOLE_PORT" in answer.err


def test_a_broken_sheet_warns_and_stops_nothing(tmp_path: Path, cli: Cli) -> None:
    """File, key and cure on stderr; the work is done."""
    folder = tmp_path / "home" / "config" / "queries"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("id: mine\ntitle: X\nquery: 'a b c'\n", encoding="utf-8")

    answer = cli("ingest", "-", "--json", given='{"source": "s", "text": "abc"}\n')

    assert answer.status == 0
    assert "queries/mine.yaml" in answer.err
    assert answer.rows[-1]["new"] == 1
    assert cli("query", "check", "--all").status == 2


def test_reindexing_changes_no_answer(filled: Cli) -> None:
    """The index is made anew from the log."""
    before = filled("search", "phones: *", "--json").out

    assert filled("reindex", "--json").rows[-1]["indexed"] == 3
    assert filled("search", "phones: *", "--json").out == before


def test_a_query_is_added_from_a_file(tmp_path: Path, cli: Cli) -> None:
    """It is checked with its examples, kept among the site's own, and raises leads."""
    sheet = tmp_path / "moi.yaml"
    text = "id: my_query\ntitle: Của tôi\nquery: '\"mã lạ\" and phones: *'\nexamples: {match: ['mã lạ 0900 000 002'], no_match: ['mã lạ']}\n"
    sheet.write_text(text, encoding="utf-8")

    assert cli("query", "add", str(sheet)).status == 0
    assert "my_query" in {row["id"] for row in cli("query", "list", "--json").rows}

    sheet.write_text(text.replace("no_match: ['mã lạ']", "no_match: ['mã lạ 0900 000 003']"), encoding="utf-8")
    refused = cli("query", "add", str(sheet))

    assert refused.status == 2
    assert "examples" in refused.err


def test_accounts_need_a_strong_password(cold_cli: Cli) -> None:
    """At least twelve characters, not a common one."""
    assert cold_cli("user", "add", "can.bo", "--password-stdin", given="12345678").status == 1
    assert cold_cli("user", "add", "can.bo", "--password-stdin", given="bien-xanh-cat-trang-35\n").status == 0
    assert "can.bo" in cold_cli("user", "list").out


def test_init_writes_the_answers_and_keeps_the_rest(tmp_path: Path, cli: Cli) -> None:
    """`.env` is readable by its owner alone; the recipient is the shipped queries'."""
    (tmp_path / ".env").write_text("CANHGIAC_CONTACT=a@example.vn\nCANHGIAC_PROVINCE=VN-01\n", encoding="utf-8")

    answer = cli("init", "--province", "vn-35", "--recipient", "truc@example.vn", "--yes")

    assert answer.status == 0, answer.err
    written = (tmp_path / ".env").read_text(encoding="utf-8")
    assert "CANHGIAC_CONTACT=a@example.vn" in written
    assert "CANHGIAC_PROVINCE=VN-35" in written
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert "truc@example.vn" in (tmp_path / "home" / "config" / "recipients.yaml").read_text(encoding="utf-8")
    assert cli("init", "--province", "VN-99", "--yes").status == 2


def test_a_batch_goes_on_past_bytes_that_are_no_text(cli: Cli, tmp_path: Path) -> None:
    """A byte order mark is no part of the first query; what is not UTF-8 costs its own line at most."""
    file = tmp_path / "queries.txt"
    file.write_bytes(b"\xef\xbb\xbfzalo\nza\xfflo zalo\nphones: *\n")

    answered = cli("search", "--batch", str(file), "--json")

    assert answered.status == 0
    assert [row["query"] for row in answered.rows] == ["zalo", "za\ufffdlo zalo", "phones: *"]
    assert answered.rows[1]["position"] == 6


def test_a_query_is_tried_before_it_is_added_and_meets_the_past_when_it_is(cli: Cli, tmp_path: Path) -> None:
    """The forecast says what adding it then does."""
    file = tmp_path / "thu.yaml"
    file.write_text("id: thu_nghiem\ntitle: Thử\nquery: 'phones: *'\npriority: immediate\n", encoding="utf-8")

    posts = [{"source": "s", "text": f"Vay nhanh gọi 0912 345 67{number}, đóng phí trước"} for number in range(3)]
    cli("ingest", "-", given="\n".join(map(json.dumps, posts)))

    (forecast,) = cli("query", "backtest", str(file), "--json").rows
    told = cli("query", "backtest", str(file)).out
    added = cli("query", "add", str(file)).out

    assert forecast["hits"] == 3
    assert {"leads", "mails_per_day", "within_budget", "overlaps", "sample", "hits_per_day"} <= set(forecast)
    assert f"{forecast['hits']} bài trong 30 ngày" in told
    assert f"Đã rà lại 30 ngày qua: {forecast['hits']} bài khớp" in added
