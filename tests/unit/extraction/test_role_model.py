"""Words as numbers, weights of all roles as one number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.extract import extract
from extraction.role_model import RoleModel, packed, role_model, unpacked
from extraction.role_words import Lexicon, beside, in_document, near, read_words
from model.document import Mention, Role

ROLES = "\t".join(Role)


def lexicon(*grams: str) -> Lexicon:
    known = Lexicon()
    for gram in grams:
        known.add(gram)
    return known


@given(st.lists(st.integers(-(10**9), 10**9), min_size=len(Role), max_size=len(Role)), st.integers(0, 2**24))
def test_packed_weights_are_added_and_multiplied_together(weights: list[int], amount: int) -> None:
    assert unpacked(packed(weights)) == weights
    assert unpacked(amount * packed(weights) + packed(weights)) == [(amount + 1) * weight for weight in weights]


def test_grams_are_numbered_once_and_unknown_ones_are_nothing() -> None:
    known = lexicon("lua dao", "so nay", "lua")
    words = known.words(["so", "nay", "la", "lua", "dao"])
    pairs = known.pairs(words)
    assert [known.names[number] for number in words] == ["so", "nay", "", "lua", "dao"]
    assert [known.names[number] for number in pairs] == ["so nay", "", "", "lua dao"]
    assert known.add("lua dao") == pairs[3]


def test_a_mention_is_one_token_and_marks_stand_between_words() -> None:
    text = "Gọi (0912 345 678), ngay.\nHết 3tr"
    words = read_words(
        text, [Mention(kind="phone", value="+84912345678", raw="0912 345 678", start=5, end=17)], Lexicon()
    )
    assert words.tokens == ["goi", "(", "<phone>", ")", "ngay", "¶", "het", "#tr"]
    assert words.place(5) == 2
    assert words.stops == [5]


def test_what_stands_near_and_in_the_sentence() -> None:
    known = lexicon("a b", "b c", "d e", "x")
    words = read_words("x. a, b c 1 d e. x", [Mention(kind="phone", value="1", raw="1", start=10, end=11)], known)
    place = words.place(10)
    found = near(words, place)
    names = known.names
    assert [names[gram] for gram in found.before[0] if gram] == ["c", "b", "a", "x", "b c"]
    assert [names[gram] for gram in found.after[0] if gram] == ["d", "e", "x", "d e"]
    assert [names[gram] for gram in found.sentence if gram] == ["a", "b", "c", "d", "e", "b c", "d e"]
    assert [names[gram] for gram in found.clause if gram] == ["b", "c", "d", "e", "b c", "d e"]
    assert found.before[1][0] == found.after[1][0] > found.before[1][1]
    assert list(beside(words, place)) == [
        "before c",
        "behind d",
        "before b c",
        "behind d e",
        "before , b c",
        "behind d e .",
    ]


def test_the_document_says_each_gram_once() -> None:
    known = lexicon("a b")
    words = read_words("a b a b a b", (), known)
    assert sorted(known.names[gram] for gram in in_document(words, read_words("", (), known)).grams if gram) == [
        "a",
        "a b",
        "b",
    ]


def test_the_likeliest_of_the_possible_roles() -> None:
    model = RoleModel([ROLES, "x\tbias\t3000\t1000\t0\t0\t0\t0\t0\t0"])
    total = model.of_signs([("bias", 1.0), ("never seen", 1.0)])
    role, share = model.likeliest(total, frozenset(Role))
    assert role is Role.SUSPECT
    assert share == pytest.approx(0.697, abs=0.001)
    assert model.likeliest(total, {Role.OFFICIAL, Role.CHROME})[0] is Role.OFFICIAL


def test_the_words_that_speak_most_come_first() -> None:
    rows = [
        "b\tso\t100\t-100\t0\t0\t0\t0\t0\t0",
        "b\tlua\t300\t-300\t0\t0\t0\t0\t0\t0",
        "a\tnha\t-90\t90\t0\t0\t0\t0\t0\t0",
    ]
    model = RoleModel([ROLES, *rows])
    words = read_words("so lua 1 nha", [Mention(kind="phone", value="1", raw="1", start=7, end=8)], model.lexicon)
    found = near(words, 2)
    assert model.strongest(found, Role.SUSPECT) == ["lua", "so"]
    assert model.strongest(found, Role.OFFICIAL) == ["nha"]
    assert unpacked(model.of_words(found))[0] == -unpacked(model.of_words(found))[1] > 0


def test_the_shipped_table_is_read() -> None:
    assert set(role_model().roles) == set(Role)
    assert extract("Cảnh giác số 0900000001 tự xưng cán bộ thuế")[0].role is Role.SUSPECT
