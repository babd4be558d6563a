"""The quick fold with offsets is the plain one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extraction.fold import fold, fold_map
from extraction.folded import folded, joined, words_of


@given(st.text(alphabet="aăâđĐ êÀ \n,.-!?01🔥\ufe0f\u200b\u0301ßﬁ½漢ไ\u00adİı"))
def test_folds_as_fold_map(text: str) -> None:
    found = folded(text)
    assert (found.text, list(found.offsets)) == fold_map(text)


def test_characters_that_vanish_and_that_multiply_do_not_balance() -> None:
    text = "\u00ad\u00ad½ a"
    assert (folded(text).text, list(folded(text).offsets)) == fold_map(text)


def test_long_words_are_cut() -> None:
    text = "a" * 300 + " b"
    assert (folded(text).text, list(folded(text).offsets)) == fold_map(text)


def test_a_long_word_is_found_wherever_it_begins() -> None:
    for before in range(0, 300, 7):
        text = "b " * before + "a" * 256 + " b"
        assert folded(text).text == fold_map(text)[0] == fold(text)


def test_words() -> None:
    assert words_of("lua dao qua") == [(0, "lua"), (4, "dao"), (8, "qua")]
    assert words_of("") == []
    assert folded("Lừa, đảo").words == [(0, "lua"), (4, "dao")]


def test_joined() -> None:
    assert joined("a", "b") == "a\nb"
    assert joined("", "b") == "b"


@given(st.text(alphabet="aăâđ êÀ \n,.-!?01🔥\u200bß½漢"))
def test_words_have_their_places_in_the_original(text: str) -> None:
    found = folded(text)
    offsets = fold_map(text)[1]
    assert found.starts == [offsets[first] for first, _ in found.words]
    assert found.ends == [offsets[first + len(word) - 1] + 1 for first, word in found.words]
    assert found.tokens == [word for _, word in found.words]
    for place, between in found.gaps:
        assert text[found.ends[place - 1] : found.starts[place]] == between != " "
