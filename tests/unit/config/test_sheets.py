"""Sheets to nouns: what is read, and what a broken sheet says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest

from config.sheets import Folder, load_queries, load_query_file, load_recipients, load_sources
from model.query import Priority
from model.source import Origin

SOURCE = """
id: bao_vi_du
title: Báo Ví Dụ
spider: feed
kind: news
url: https://bao.example.vn/rss
interval: 20m
enabled: true
expect_min: 3
terms_checked_on: 2026-11-01
options: {item: "article a"}
"""
QUERY = """
id: fake_police
title: Giả danh công an
form: S14
query: '"lệnh bắt" and phones: *'
rule: {type: any}
priority: immediate
realert: 12h
recipients: [truc_ban]
examples: {match: ["Có lệnh bắt, gọi 0900000001"], no_match: ["Trời đẹp"]}
"""
RECIPIENTS = """
id: truc_ban
name: Trực ban
addresses: [truc@example.vn]
hours: {days: [mon, tue], from: 07:00, to: 17:30}
stand_in: truong_phong
escalate_after: 1h
---
id: truong_phong
addresses: truong@example.vn
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a sheet into the folder `sheets`, whose path it returns."""

    def write_sheet(name: str, text: str) -> Path:
        folder = tmp_path / "sheets"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write_sheet


def site(path: Path) -> list[Folder]:
    """The folder, as an installation's own."""
    return [Folder(path=path, origin=Origin.SITE)]


def test_a_source_sheet_is_read(write: Write) -> None:
    """Every key reaches its field; durations and the file name too."""
    (source,) = load_sources(site(write("a.yaml", SOURCE)), spiders=["feed"]).items

    assert source.interval == timedelta(minutes=20)
    assert source.enabled
    assert source.options == {"item": "article a"}
    assert source.terms_checked_on == "2026-11-01"
    assert (source.origin, source.file) == (Origin.SITE, "sheets/a.yaml")


def test_a_query_sheet_is_read(write: Write) -> None:
    """Priority, realert and examples are typed."""
    (query,) = load_queries(site(write("q.yaml", QUERY)), forms=["S14"], rules=["any"], recipients=["truc_ban"]).items

    assert query.priority is Priority.IMMEDIATE
    assert query.realert == timedelta(hours=12)
    assert query.examples.match == ("Có lệnh bắt, gọi 0900000001",)


def test_recipients_are_read_with_times_that_yaml_mistakes_for_numbers(write: Write) -> None:
    """17:30 without quotes is 1050 in YAML 1.1; 07:00 is a text."""
    loaded = load_recipients([write("recipients.yaml", RECIPIENTS) / "recipients.yaml"])

    first, second = loaded.items
    assert not loaded.errors
    assert (first.hours.start, first.hours.end) == (time(7, 0), time(17, 30))
    assert first.escalate_after == timedelta(hours=1)
    assert (second.name, second.addresses) == ("truong_phong", ("truong@example.vn",))


def test_a_later_folder_wins_by_id(tmp_path: Path) -> None:
    """An installation's sheet replaces the shipped one of the same id."""
    folders = []
    for name, title, origin in (("shipped", "A", Origin.SHIPPED), ("own", "B", Origin.SITE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.yaml").write_text(SOURCE.replace("Báo Ví Dụ", title), encoding="utf-8")
        folders.append(Folder(path=tmp_path / name, origin=origin))

    (source,) = load_sources(folders).items

    assert (source.title, source.origin) == ("B", Origin.SITE)


@pytest.mark.parametrize(
    ("old", "new", "key", "cure"),
    [
        ("interval: 20m", "interval: soon", "interval", "30m"),
        ("interval: 20m", "interval: 0m", "interval", "30m"),
        ("kind: news", "kind: newz", "kind", "did you mean 'news'"),
        ("spider: feed", "spider: fed", "spider", "did you mean 'feed'"),
        ("title: Báo Ví Dụ", "titel: Báo Ví Dụ", "title", "Add a line"),
        ("expect_min: 3", "expect_min: many", "expect_min", "whole number"),
        ("expect_min: 3", "expect_mim: 3", "expect_mim", "did you mean 'expect_min'"),
        ("enabled: true", "enabled: 1", "enabled", "true or false"),
        ("id: bao_vi_du", "id: Báo", "id", "lower-case"),
        ("url: https://bao.example.vn/rss", "url: file:///etc/passwd", "url", "http://"),
        ('options: {item: "article a"}', "options: [a]", "options", "keys and values"),
    ],
)
def test_a_broken_source_names_file_key_and_cure(write: Write, old: str, new: str, key: str, cure: str) -> None:
    """One error, with what to write instead."""
    loaded = load_sources(site(write("a.yaml", SOURCE.replace(old, new))), spiders=["feed"])

    (error,) = loaded.errors
    assert not loaded.items
    assert (error.file, error.key) == ("sheets/a.yaml", key)
    assert cure in str(error)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("form: S14", "form: S99", "form"),
        ("rule: {type: any}", "rule: {type: anny}", "rule.type"),
        ("rule: {type: any}", "rule: {}", "rule.type"),
        ("recipients: [truc_ban]", "recipients: [truc_bann]", "recipients"),
        ("priority: immediate", "priority: urgent", "priority"),
        ("examples: {match", "examples: {matches", "examples.matches"),
    ],
)
def test_a_broken_query_names_the_key(write: Write, old: str, new: str, key: str) -> None:
    """Unknown form, rule, recipient and priority are refused."""
    loaded = load_queries(
        site(write("q.yaml", QUERY.replace(old, new))), forms=["S14"], rules=["any"], recipients=["truc_ban"]
    )

    (error,) = loaded.errors
    assert error.key == key


def test_a_broken_sheet_costs_only_itself(write: Write) -> None:
    """The others are read; every broken one is listed."""
    write("bad.yaml", "id: [unclosed")
    write("bytes.yaml", "\x07")
    write("text.yaml", "just words")
    folder = write("good.yaml", SOURCE)

    loaded = load_sources(site(folder))

    assert [source.id for source in loaded.items] == ["bao_vi_du"]
    assert [error.file for error in loaded.errors] == ["sheets/bad.yaml", "sheets/bytes.yaml", "sheets/text.yaml"]


def test_python_objects_and_alias_bombs_are_refused_quickly(write: Write) -> None:
    """No tag makes an object, and a value that repeats itself a billion times is not printed whole."""
    write("object.yaml", "!!python/object/apply:os.system ['true']")
    levels = ["a: &a [x,x,x,x,x,x,x,x,x]"] + [
        f"{name}: &{name} [{','.join('*' + last for _ in range(9))}]"
        for last, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    folder = write("bomb.yaml", "\n".join([*levels, "id: *i"]))

    loaded = load_sources(site(folder))

    assert [error.file for error in loaded.errors] == ["sheets/bomb.yaml", "sheets/object.yaml"]


def test_two_sheets_of_one_folder_may_not_share_an_id(write: Write) -> None:
    """The second is refused and names the first."""
    write("a.yaml", SOURCE)
    loaded = load_sources(site(write("b.yaml", SOURCE)))

    (error,) = loaded.errors
    assert "sheets/a.yaml" in str(error)


def test_an_unknown_stand_in_is_named(write: Write) -> None:
    """A stand-in that is nobody would lose mails at night."""
    folder = write("recipients.yaml", RECIPIENTS.replace("stand_in: truong_phong", "stand_in: truong_fong"))

    (error,) = load_recipients([folder / "recipients.yaml"]).errors

    assert "truong_fong" in str(error)


def test_one_query_file_is_read_for_adding(write: Write) -> None:
    """`query add` reads a file from anywhere."""
    folder = write("q.yaml", QUERY)

    assert load_query_file(folder / "q.yaml").id == "fake_police"


def test_a_bottomless_sheet_is_refused_and_ends_nothing(write: Write) -> None:
    """libyaml goes down a level for every bracket until the stack ends, and the process with it."""
    write("flow.yaml", "id: " + "[" * 400_000)
    folder = write("block.yaml", "- " * 400_000)

    loaded = load_sources(site(folder))

    assert [error.file for error in loaded.errors] == ["sheets/block.yaml", "sheets/flow.yaml"]


def test_a_long_sheet_reads_as_a_short_one(write: Write) -> None:
    """Where libyaml may not, Python reads the same; both say the same of a mistake."""
    long = f"\n#{'x' * 5000}\n"
    assert load_sources(site(write("a.yaml", SOURCE))) == load_sources(site(write("a.yaml", SOURCE + long)))

    broken = [load_sources(site(write("a.yaml", "id: 'x" + tail))).errors for tail in ("", long)]
    assert len({str(error).partition("(")[0] for (error,) in broken}) == 1
