"""Phrases in a text and how far they stand from each other."""

from __future__ import annotations

import unicodedata

from extraction.cues import CueTable, CueText, distinct, read_sections
from extraction.marks import agrees, bare, toned


def names(text: str, table: CueTable, blank: tuple[tuple[int, int], ...] = ()) -> list[tuple[str, str]]:
    return [(cue.name, text[cue.start : cue.end]) for cue in table.find(CueText(text, blank))]


def test_longest_phrase_wins_and_marks_must_agree() -> None:
    table = CueTable({"none": ["không lừa đảo"], "fraud": ["lừa đảo"], "sell": ["bán"]})
    assert names("Shop không lừa đảo ai", table) == [("none", "không lừa đảo")]
    assert names("bi lua dao roi", table) == [("fraud", "lua dao")]
    assert names("bạn ơi, bàn ghế, ban ngày", table) == []
    assert names("cần bán", table) == [("sell", "bán")]


def test_decomposed_text_and_old_tone_places() -> None:
    table = CueTable({"lock": ["khóa thẻ"]})
    assert names("khoá thẻ", table) == [("lock", "khoá thẻ")]
    assert len(names(unicodedata.normalize("NFD", "khóa thẻ"), table)) == 1


def test_patterns_are_tried_at_the_words_that_begin_them() -> None:
    table = CueTable({"only": [r"~(?P<chỉ>chi) (?:dung|co)(?: [a-z]+){0,2} so", r"~\d+ ?k ngay"]})
    assert names("chỉ dùng một số", table) == [("only", "chỉ dùng một số")]
    assert names("chị dùng một số", table) == []
    assert names("kiếm 300k ngày", table) == [("only", "300k ngày")]


def test_nothing_is_read_inside_identifiers() -> None:
    table = CueTable({"service": ["cskh"]})
    assert names("tele @cskh_zq", table, ((5, 13),)) == []


def test_digits_for_letters_are_read_in_words_only() -> None:
    table = CueTable({"money": ["nhận tiền"], "amount": ["500k"]})
    assert names("nh4n t1en 500k", table) == [("money", "nh4n t1en"), ("amount", "500k")]


def test_distance_grows_with_what_stands_between() -> None:
    places = [CueText(text).place(len(text) - 1) for text in ("xa b", "xa, b", "xa\nb", "xa. b", "xa\n\nb")]
    assert places == sorted(places)
    assert len(set(places)) == 5


def test_distinct_counts_phrases_once() -> None:
    table = CueTable({"x": ["lừa đảo|né"]})
    assert distinct(table.find(CueText("lừa đảo, lừa đảo, né"))) == {"x": 2}


def test_sections_of_the_shipped_file() -> None:
    sections = read_sections("role_cues.txt")
    assert {"fraud", "report", "victim", "offer_loan"} <= set(sections)


def test_marks() -> None:
    assert toned("hoà") == toned("hòa")
    assert bare("lua")
    assert not bare("lụa")
    assert agrees("lua dao", "lừa đảo")
    assert not agrees("lụa đào", "lừa đảo")
    assert not agrees("ban", "bán", strict=True)


def test_layers_are_exclusive_each_for_itself() -> None:
    table = CueTable(
        {"fraud": ["lừa đảo", "~lua dao (?:qua|tren)"]}, {"none": ["lừa đảo qua mạng"], "net": ["qua mạng"]}
    )
    first, second = table.find_layers(CueText("Nó lừa đảo qua mạng"))
    assert [(cue.name, cue.phrase, cue.pattern) for cue in first] == [
        ("fraud", "lua dao", False),
        ("fraud", "lua dao qua", True),
    ]
    assert [(cue.name, cue.phrase) for cue in second] == [("none", "lua dao qua mang")]
