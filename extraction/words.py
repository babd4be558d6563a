"""Word lists written as text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def whole_words(alternatives: str) -> str:
    """The pattern `(?<![a-z])(?:...)(?![a-z])` of alternatives that begin with a letter, made so that a search runs over first letters.

    A pattern that begins by looking back is tried at every character; one that begins with a class of letters is not.
    """
    branches: dict[str, list[str]] = {}
    for alternative in _alternatives(alternatives):
        branches.setdefault(alternative[0], []).append(alternative[1:])
    grouped = "|".join(f"(?<={first})(?:{'|'.join(rests)})" for first, rests in branches.items())
    return rf"[{''.join(branches)}](?<![a-z].)(?:{grouped})(?![a-z])"


def _alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern that stand outside all brackets."""
    found, depth, escaped = [""], 0, False
    for character in pattern:
        if character == "|" and not depth and not escaped:
            found.append("")
            continue
        if not escaped:
            depth += (character in "([") - (character in ")]")
        escaped = character == "\\" and not escaped
        found[-1] += character
    return found
