"""Nothing that a program links is left; victims are masked at the same length."""

from __future__ import annotations

import re

import pytest
from django.utils.html import urlize
from hypothesis import given
from hypothesis import strategies as st

from extraction.defang import defang, mask, mask_private, quiet_numbers
from extraction.fold import fold
from model.document import Mention, Role

TEXTS = [
    "http://a.b/c?x=1.2 user@x.com 2.500.000đ 1.2.3.4",
    "HTTPS://Vcb-Xacminh.ZQ9.top/vn",
    "www.vietcombank.com.vn và zalo.me/0900000001",
    "gọi tel:0900000001 hoặc mailto:a@b.vn",
    "vào tuổitrẻ.vn。com xn--tuitr-351b8g.vn",
    "hxxps://vcb[.]top",
    "//evil.example/x",
    "chấm.Cuối câu.Đầu câu",
    "a@b@c.d.e",
]


@pytest.mark.parametrize("text", TEXTS)
def test_no_linkifier_links_it(text: str) -> None:
    shown = defang(text)
    assert "<a " not in urlize(shown)
    assert not re.search(r"https?:", shown, re.IGNORECASE)
    assert not re.search(r"\w[.\u3002\uff0e\uff61][^\W\d]|\d\.\d+\.\d+\.\d|(?<!\[)@", shown.replace("1.2 ", ""))


@pytest.mark.parametrize("text", TEXTS)
def test_once_is_as_good_as_twice(text: str) -> None:
    assert defang(defang(text)) == defang(text)


def test_amounts_and_sentences_stay_readable() -> None:
    assert defang("Mất 2.500.000 đồng. Gọi 113.") == "Mất 2.500.000 đồng. Gọi 113."


@given(st.text(max_size=80))
def test_any_text_is_stable_and_unlinked(text: str) -> None:
    shown = defang(text)
    assert defang(shown) == shown
    assert "://" not in shown.replace("[:]//", "")


def test_numbers_are_quiet_and_still_found_when_pasted() -> None:
    quiet = quiet_numbers("gọi 0900.000.001 nhé")
    assert "0900" not in quiet
    assert fold(quiet) == fold("gọi 0900.000.001 nhé")


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+84900000567", "+8490••••567"),
        ("account", "VCB:1010000000001", "VCB:•••••••••0001"),
        ("wallet", "MOMO:0900000001", "MOMO:••••••0001"),
        ("email", "thuhang@gmail.com", "t••••••@gmail.com"),
        ("card", "970436******0016", "97•••••••••••016"),
    ],
)
def test_mask(kind: str, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


def test_short_values_show_next_to_nothing() -> None:
    assert mask("account", "MB:1234") == "MB:•••4"


def test_victims_are_hidden_and_offsets_stay() -> None:
    text = "kẻ gian 0900000004 gọi chị ở số 0900.000.005, số 0900000005 của chị"
    mentions = [
        Mention(kind="phone", value="+84900000004", raw="0900000004", start=8, end=18, role=Role.SUSPECT),
        Mention(kind="phone", value="+84900000005", raw="0900.000.005", start=32, end=44, role=Role.VICTIM),
        Mention(kind="phone", value="+84900000005", raw="0900000005", start=49, end=59, role=Role.UNKNOWN),
    ]
    hidden, kept = mask_private(text, mentions)
    assert len(hidden) == len(text)
    assert "0900000004" in hidden
    assert "000.005" not in hidden
    assert "0900000005" not in hidden
    assert [hidden[mention.start : mention.end] == mention.raw for mention in kept] == [True, True, True]
    assert kept[0] == mentions[0]
    assert [mention.role for mention in kept[1:]] == [Role.VICTIM, Role.VICTIM]
    assert all("00000" not in mention.value for mention in kept[1:])


def test_a_card_number_is_never_kept_whole() -> None:
    text = "chuyển tới thẻ 9704 3600 0000 0016 nhé"
    card = Mention(kind="card", value="970436******0016", raw=text[15:34], start=15, end=34, role=Role.SUSPECT)

    hidden, kept = mask_private(text, [card])

    assert hidden == "chuyển tới thẻ 9704 36•• •••• 0016 nhé"
    assert kept[0].raw == hidden[15:34]
    assert kept[0].value == "970436******0016"
