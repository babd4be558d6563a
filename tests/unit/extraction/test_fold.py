"""One fold for every engine."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extraction.fold import TOKEN_LIMIT, _exact_any, _fold_any, exact, fold, fold_map, fold_tokens


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Lừa  đảo!", "lua dao"), ("LỪA ĐẢO", "lua dao"), ("lu\u031b\u0300a \u0111a\u0309o", "lua dao"), ("l\u200bừa", "lua"), ("ﬁ ① ½", "fi 1 1 2"), ("中文x", "中 文 x"),
        ("カタカナabc", "カタカナ abc"), ("ไทยabc", "ไทย abc"), ("a_b-c", "a b c"), ("Straße Ærø Łódź", "strasse aero lodz"), ("", ""),
    ],
)  # fmt: skip
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=80))
def test_folding_is_stable_and_ignores_composition(text: str) -> None:
    assert fold(fold(text)) == fold(text) == fold(unicodedata.normalize("NFD", text))


@given(st.text(max_size=80))
def test_the_map_points_at_the_character_each_letter_came_from(text: str) -> None:
    folded, offsets = fold_map(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded)
    assert offsets == sorted(offsets)


@example("㊀¼")
@example("㏼ⴶ")
@example("ⓡㅅ㏷")
@given(st.text(max_size=80))
def test_exact_has_the_word_breaks_of_fold(text: str) -> None:
    assert len(exact(text).split()) == len(fold(text).split())


def test_exact_keeps_marks() -> None:
    assert exact("LỪA  đảo, zz\u200bx") == "lừa đảo zzx"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vay ❤️ nhanh 2️⃣ lần", "vay nhanh 2\u20e3 lần"),
        ("#️⃣ lừa \u0323 đảo", "lừa đảo"),
        ("a\u200b\u0300b \u1100\u200b\u1161", "àb 가"),
        ("vayｶﾀｶﾅnhanh ㍿", "vay ｶﾀｶﾅ nhanh 株 式 会 社"),
    ],
)
def test_exact_breaks_words_where_fold_does(text: str, expected: str) -> None:
    assert exact(text) == expected


@given(st.text(max_size=60) | st.text(alphabet="aĐ \u0301\u200b\ufe0f\u20e3❤ｶカ漢ไ็2.", max_size=40))
def test_a_mark_alone_is_no_word_in_exact(text: str) -> None:
    assert not [word for word in exact(text).split() if fold(word) == ""]


def test_tokens_are_cut() -> None:
    assert [len(token) for token in fold_tokens("x" * 600 + " y")] == [TOKEN_LIMIT, 1]


@given(st.text(max_size=40) | st.text(alphabet="aĐđÀàảeÊế \u0301\u0323\u200b🔥½ﬁ中жＡ.9", max_size=40))
def test_the_quick_way_gives_what_the_general_one_gives(text: str) -> None:
    assert fold(text) == _fold_any(text)
    assert exact(text) == _exact_any(text)


def test_the_quick_way_on_every_character() -> None:
    differing = [point for point in range(0x30000) if fold(f"a{chr(point)}b") != _fold_any(f"a{chr(point)}b")]
    assert differing == []
    texts = (f"a{chr(point)}b {chr(point)}" for point in range(0x30000))
    assert [text for text in texts if exact(text) != _exact_any(text)] == []


def test_the_quick_way_cuts_tokens() -> None:
    assert fold("đ" * 300 + " b") == _fold_any("đ" * 300 + " b") == "d" * TOKEN_LIMIT + " b"
