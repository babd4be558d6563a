"""The promises of `extract` on any text whatever."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.extract import extract, key_rank, keys, normalise
from model.document import Mention

_PIECES = st.sampled_from(
    ["0912345678", "0", "9", "không", "chín", " ", "\n", ".", "STK", "VCB", "1010000000001", "https://", "zq9", ".top", "[.]", "@", "x", "\u200b",
     "０", "①", "\u0301", "é", "…", "***", "+84", "tele @a_1b", "gọi 113", "đầu số 024", "&#48;", "\ud800", "\x00", "O", "l", "🔥", "-", "(", ")", "000201", "6304",
     "hai số ", "mười", "zalo ", "zq9 . top", "(chấm)", "&period;", "&#x30;", "<b>", "w w w", " - ", "v c b . t o p", " a còng ", "٠", "Ô", "x", "zz", "lẻ"]
)  # fmt: skip
_TEXT = st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=40).map("".join))


def _values(mentions: tuple[Mention, ...]) -> list[tuple[str, str]]:
    return sorted((mention.kind, mention.value) for mention in mentions)


@given(_TEXT)
@settings(max_examples=300, deadline=None)
def test_spans_slice_the_original_and_nothing_raises(text: str) -> None:
    for mention in extract(text):
        assert text[mention.start : mention.end] == mention.raw != ""


@given(_TEXT)
@settings(max_examples=200, deadline=None)
def test_composition_changes_spans_only(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert _values(extract(text)) == _values(extract(composed))


@given(_TEXT)
@settings(max_examples=100, deadline=None)
def test_reading_twice_gives_the_same(text: str) -> None:
    assert extract(text) == extract(text)


@given(st.lists(_TEXT, min_size=2, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_posts_does_not_matter(texts: list[str], order: random.Random) -> None:
    """Nothing that is kept between texts changes what is read in them."""
    known = [extract(text) for text in texts]
    places = list(range(len(texts)))
    order.shuffle(places)
    assert {place: extract(texts[place]) for place in places} == dict(enumerate(known))


def test_title_comes_first_and_keeps_its_own_spans() -> None:
    mentions = extract("gọi 0900000002", title="số 0900000001")
    assert [(mention.field, mention.value) for mention in mentions] == [
        ("title", "+84900000001"),
        ("text", "+84900000002"),
    ]


def test_a_flood_is_cut_and_says_so() -> None:
    mentions = extract(" ".join(f"gọi 09{index:08d}," for index in range(10_000_000, 10_000_500)))
    assert len(mentions) == 200
    assert mentions[-1].attributes["note"] == "entity_flood"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "0",
        "09 ",
        "a.",
        "khong 1 ",
        "[.]",
        "stk 1234567890 vcb ",
        "0x",
        "h",
        "a@",
        "0 o ",
        "NGUYEN VAN A ",
        "gui a ",
        "1.",
        "*",
        "http://a.b/",
    ],
)
def test_hostile_repetition_ends(piece: str) -> None:
    """Linear patterns only: these would not end in a test run if one of them were quadratic."""
    extract(piece * (60_000 // len(piece)))


def test_keys_join_a_wallet_a_handle_and_an_account_by_their_phone() -> None:
    texts = ["gọi 0912345678", "Momo 0912345678", "kết bạn zalo.me/84912345678", "STK 0912345678 MB"]
    joined = [{key for mention in extract(text) for key in keys(mention)} for text in texts]
    assert set.intersection(*joined) == {"phone:+84912345678"}


def test_shared_hosting_and_shorteners_join_nothing_by_domain() -> None:
    domains = [
        key
        for text in ("bit.ly/3zq9Ab", "https://sites.google.com/view/zq9", "vào abc.zq9.top/x")
        for mention in extract(text)
        for key in keys(mention)
        if key.startswith("domain:")
    ]
    assert domains == ["domain:zq9.top"]


def test_accounts_rank_above_phones_and_phones_above_links() -> None:
    assert key_rank("account:VCB:1") < key_rank("phone:+84912345678") < key_rank("domain:zq9.top")


@pytest.mark.parametrize(
    ("pasted", "kind", "value"),
    [
        ("0912.345.678", "phone", "+84912345678"), ("84912345678", "phone", "+84912345678"), ("VCB 1010000000001", "account", "VCB:1010000000001"),
        ("hxxps://ABC-zq9[.]top/x", "link", "abc-zq9.top/x"), ("19001234", "hotline", "19001234"), ("t.me/cskh_zq9", "handle", "telegram:cskh_zq9"),
        ("momo 0912345678", "wallet", "MOMO:0912345678"), ("TSMtMmwNAGcU6FxAnjW1HuZX7afTnjgx9N", "crypto", "TRON:TSMtMmwNAGcU6FxAnjW1HuZX7afTnjgx9N"),
        ("A.B@Gmail.com", "email", "a.b@gmail.com"), ("zq9.APK", "file", "zq9.apk"), ("9704360000000016", "card", "970436******0016"), ("156", "shortcode", "156"),
    ],
)  # fmt: skip
def test_a_pasted_value_is_read_in_any_spelling(pasted: str, kind: str, value: str) -> None:
    assert (kind, value) in {(entity.kind, entity.value) for entity in normalise(pasted)}


def test_a_mark_on_an_ampersand_is_no_character_reference() -> None:
    """`&` with a combining mark begins like a reference and is none; it once raised."""
    assert [mention.value for mention in extract("lh 0912 345 678 &\u0301 con")] == ["+84912345678"]
