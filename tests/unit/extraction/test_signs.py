"""Gates: what lets a rule be skipped must be in everything that the rule finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.digits import figures
from extraction.kinds import card, crypto, email, file, handle, phone_partial, phone_prefix, shortcode
from extraction.reading import Page
from extraction.signs import Gate, Places

ANYWHERE = st.text(alphabet="acegiktvxz0189 .,@_-#*?…()[]{}", max_size=60)


def test_a_gate_opens_by_any_of_its_strings() -> None:
    gate, other = Gate("stk", "@"), Gate("tai khoan")
    assert gate(Page("STK 001"))
    assert gate(Page("a@b"))
    assert not gate(Page("tài khoản"))
    assert other(Page("tài khoản"))


@pytest.mark.parametrize(
    ("gate", "pattern", "texts"),
    [
        (handle._NAMED, handle._PLATFORM_NEAR, "tele|te le gram|t e l e|telegr4m|tlg|zalo|face book|fanpage|fb|mess|tik tok|ytb|whats app|insta|ig"),
        (handle._AT_WORDS, handle._AT_WORD, "(at)|[at]|{at}|a cong x"),
        (email._SIGNS, email._GATE, "a@b|a_at_b|a-at-b|a a cong b|a a vong b|a a moc b|a [at] b|a (at) b|a at b|a(a)b|a[a]b"),
        (file._ENDINGS, file._HINT, "a.apk|a.xapk|a.apks|a.aab|a.ipa|a.exe|a.mobileconfig|a.plist|a.ps1"),
        (phone_prefix._CUED, phone_prefix._CUE, "dau so: 1|ma vung la 0|tien to (+8|bat dau bang 0|co dang 0|mo dau bang 0"),
    ],
)  # fmt: skip
def test_gates_of_the_kinds_open_where_their_patterns_match(gate: Gate, pattern: re.Pattern[str], texts: str) -> None:
    for text in texts.split("|"):
        assert pattern.search(text), text
        assert gate(Page(text)), text


@given(ANYWHERE)
def test_shut_gates_hide_nothing(text: str) -> None:
    page = Page(text)
    for gate, pattern in (
        (handle._NAMED, handle._PLATFORM_NEAR),
        (handle._AT_WORDS, handle._AT_WORD),
        (email._SIGNS, email._GATE),
        (file._ENDINGS, file._HINT),
        (phone_prefix._LANDLINE, phone_prefix._SHORT_LANDLINE),
        (phone_partial._SIGNS, phone_partial._HEAD),
        (phone_partial._SIGNS, phone_partial._DOTS),
        (phone_partial._SIGNS, phone_partial._TAIL),
    ):
        assert gate(page) or not pattern.search(page.base)


@given(st.text(alphabet="019 .a(x*", max_size=60))
def test_codes_and_cards_are_matched_at_whole_groups_of_digits(text: str) -> None:
    page = Page(text)
    for pattern in (shortcode._CODE, shortcode._KNOWN_CODE):
        starts = [match.start() for match in re.finditer("[0-9]+", page.base)]
        tried = [match.span() for match in shortcode._matches(pattern, page, starts)]
        assert tried == [match.span() for match in pattern.finditer(page.base)]
    assert card._is_dense(figures(page)) == bool(re.search("[0-9](?:[^0-9]{0,4}[0-9]){14}", page.base))


def test_addresses_fill_a_piece_wherever_they_begin() -> None:
    address = "0x" + "a1" * 20
    for before in range(30):
        text = " " * before + address
        assert [mention.value for mention in crypto.Crypto().find(Page(text))] == [f"ETH:{address}"]


def test_places_are_where_the_strings_begin() -> None:
    places = Places("mot", "ko")
    assert sorted(places(Page("Một ko một"))) == [0, 4, 7]
    assert places(Page("không có gì")) == []


@given(st.text(alphabet="aceghimnoqstuv :5", max_size=40))
def test_the_last_word_before_a_code_is_one_that_a_call_ends_with(text: str) -> None:
    for before in (text, f"goi {text}", f"soan tin {text} gui "):
        if shortcode._DIALLED.search(before):
            last = shortcode._LAST_WORD.search(before[-10:])
            assert last
            assert last.group(1) in shortcode._LAST_WORDS
