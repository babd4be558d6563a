"""The literal parts of a regular expression: where it can match at all, and in which texts.

A pattern that begins with `(?:so|sdt) (?:nay|kia)` can match only where `so nay`, `so kia`, `sdt nay` or `sdt kia` stands,
and one that goes on with `(?: [a-z]+){0,4} lua` only in a text that holds ` lua`. A machine that looks for many strings at
once finds all of them in one pass, and the pattern is tried at those places alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LIMIT = 64
"""Beginnings of one pattern; where the next part would make more, the beginnings end before it."""

DIGIT = "#"
"""Stands at the end of a beginning behind which any digit may follow."""


Step = tuple[set[str], set[str]]
"""What one node adds to a beginning: strings behind which more can be told, and strings behind which nothing can."""


@lru_cache(maxsize=4)
def _parsed(source: str) -> tuple[list[tuple[Any, Any]], list[Step]]:
    """The nodes of a pattern, and what each adds."""
    nodes = list(parser.parse(source))
    return nodes, [_step(*node) for node in nodes]


def beginnings(source: str) -> frozenset[str]:
    """Strings with one of which every match begins; `` among them when it may begin with anything.

    What is known of the first word alone is taken for the whole word: `thu[^.]{0,9}gia` begins with `thu `, not `thue`.
    """
    return _shortest({_whole(text) for text in _all(source)})


def literals(source: str) -> frozenset[str]:
    """`beginnings`, the last of its characters anywhere in a word; DIGIT stands for any digit."""
    return _shortest(_all(source))


def _all(source: str) -> set[str]:
    growing, done = _grown(_parsed(source)[1], {""})
    return growing | done


def _shortest(found: set[str]) -> frozenset[str]:
    """The strings that begin with no other one."""
    return frozenset(text for text in found if not any(text[:size] in found for size in range(len(text))))


def needles(source: str) -> frozenset[str]:
    """Strings one of which every match holds behind its first part; none when that cannot be told."""
    nodes, steps = _parsed(source)
    begun = next((place for place, (operation, _) in enumerate(nodes) if operation is not code.LITERAL), len(nodes))
    best: frozenset[str] = frozenset()
    for first in range(max(1, begun), len(nodes)):
        if nodes[first - 1][0] is code.LITERAL:
            continue  # what begins earlier is longer
        if "" in steps[first][0] or "" in steps[first][1]:
            continue  # what begins later is as long
        growing, done = _grown(steps[first:], {""})
        found = frozenset(text.removesuffix(DIGIT) for text in growing | done)
        if min(map(len, found)) > max(_SHORTEST, min(map(len, best), default=0)):
            best = found
    return best


_SHORTEST = 2
"""Characters of a needle that more than every other text holds."""


def _whole(beginning: str) -> str:
    if beginning in ("", DIGIT) or " " in beginning:
        return beginning
    return beginning.removesuffix(DIGIT) + " "


def _grown(steps: Iterable[Step], growing: set[str]) -> Step:
    """Beginnings followed by what some nodes add: those that may grow on, and those that end here."""
    done: set[str] = set()
    for following, ended in steps:
        if len(growing) * len(following) + len(growing) * len(ended) > LIMIT:
            return set(), done | growing
        done |= {left + right for left in growing for right in ended}
        growing = {left + right for left in growing for right in following}
        if not growing:
            break
    return growing, done


def _steps(nodes: Iterable[tuple[Any, Any]]) -> Iterator[Step]:
    return (_step(operation, argument) for operation, argument in nodes)


def _step(operation: Any, argument: Any) -> Step:
    if operation is code.LITERAL:
        return {chr(argument)}, set()
    if operation in (code.AT, code.ASSERT, code.ASSERT_NOT):
        return {""}, set()
    if operation is code.SUBPATTERN:
        return _grown(_steps(argument[-1]), {""})
    if operation is code.BRANCH:
        parts = [_grown(_steps(branch), {""}) for branch in argument[1]]
        return set().union(*(part[0] for part in parts)), set().union(*(part[1] for part in parts))
    if operation in (code.MAX_REPEAT, code.MIN_REPEAT):
        return _repeated(*argument)
    if operation is code.IN and all(kind is code.LITERAL for kind, _ in argument):
        return {chr(point) for _, point in argument}, set()
    if operation is code.IN and list(argument) == [(code.CATEGORY, code.CATEGORY_DIGIT)]:
        return set(), {DIGIT}
    return set(), {""}


def _repeated(least: int, most: int, nodes: Any) -> Step:
    growing, ended = _grown(_steps(nodes), {""})
    if most == 1:
        return (growing if least else growing | {""}), ended
    return (set() if least else {""}), ended | growing
