"""Where a pattern can match at all."""

from __future__ import annotations

import re

import pytest
import regex

from extraction.beginnings import LIMIT, beginnings, needles
from extraction.cues import read_sections


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("lua dao", {"lua dao"}),
        ("(?:so|sdt) (?:nay|kia)", {"so nay", "so kia", "sdt nay", "sdt kia"}),
        (r"(?:bi )?lua(?: \w+){0,2} tien", {"bi lua ", "lua "}),
        (r"(?P<chỉ>chi) [a-z]+", {"chi "}),
        (r"(?<!khong )lua\b", {"lua "}),
        (r"\d{2,3} ?k", {"#"}),
        (r"(?:so )?\d+", {"#", "so #"}),
        ("thu[^.]{0,60}gia", {"thu ", "thugia "}),
        (r"\d+ a|1 b", {"#", "1 b"}),
        ("t(?:oi|ui|)(?: em)? xai", {"toi em xai", "toi xai", "tui em xai", "tui xai", "t em xai", "t xai"}),
        (r"\w+ a", {""}),
        ("a+", {"a "}),
    ],
)
def test_beginnings(source: str, expected: set[str]) -> None:
    assert beginnings(source) == expected


def test_they_end_before_they_are_too_many() -> None:
    found = beginnings("(?:a|b|c|d|e|f|g|h|i) (?:a|b|c|d|e|f|g|h|i) (?:a|b|c)")
    assert 0 < len(found) <= LIMIT
    assert all(text[1] == " " for text in found)


@pytest.mark.parametrize("name", ["role_cues.txt", "narrative_cues.txt"])
def test_shipped_patterns_have_every_word_that_can_begin_them(name: str) -> None:
    for section, lines in read_sections(name).items():
        for line in lines:
            source = line.lstrip("~")
            if not line.startswith("~") or section in ("own_after", "behind"):
                continue
            found = beginnings(source)
            partial = regex.compile(rf"(?:{source})(?![^ ])")
            for word in set(re.findall(r"[a-z]+", source)):
                can = partial.match(f"{word} ", partial=True) is not None
                by_its_beginning = any(word.startswith(text.strip()) for text in found)  # `thuong` because of `thu`
                known = any(text.startswith(f"{word} ") for text in found)
                assert known == can or (can and by_its_beginning), (section, source, word)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("(?:so|sdt)(?: [a-z]+){0,4} (?:lua|gat)", {" lua", " gat"}),
        (r"kiem[^.]{0,9}\d{2,3} ?k[^.]{0,9}(?:ngay|gio)", {"ngay", "gio"}),
        ("lua dao", set()),
        (r"lua(?: \w+)?", set()),
        (r"(?:a|b)\d+k", set()),
    ],
)
def test_needles(source: str, expected: set[str]) -> None:
    assert needles(source) == expected
