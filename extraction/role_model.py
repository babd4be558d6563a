"""What the words around an identifier say about its role: a linear model, trained on labelled texts, read as a table.

Every word and pair of words of the document, of the sentence and of the few words before and behind the identifier has
a weight for each role, and so have the identifier's kind, its place among the others, and what the hand-made evidence of
`roles` says. The weights are in `data/role_weights.tsv`; `tests/corpus/train_roles.py` makes them from the labelled texts
of `tests/corpus/roles.jsonl`, with the features that are made by `role_words` and `roles`, so that training and reading
cannot differ.

The weights of a feature for all roles are one whole number, a field of bits for each role: to add such numbers, or to
multiply one by an amount, does the same to the weights of all roles at once.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from operator import mul
from struct import Struct
from typing import Any

from extraction.role_words import SENTENCE_WEIGHT, UNIT, Lexicon, Near, Whole
from model.document import Role

Sign = tuple[str, float]
"""What is known of the identifier itself, and how much of it."""

_BITS = 64
"""Of the sum of one role: thousandths of weight times UNITs of amount take less than 50."""
_COUNT = len(Role)
_HALF = 1 << (_BITS - 1)
_FIELDS = Struct(f"<{_COUNT}Q")


def packed(weights: Iterable[int]) -> int:
    """Weights of all roles, each of which may be negative, as one number."""
    return sum(weight << (_BITS * place) for place, weight in enumerate(weights))


_LIFT = packed(_HALF for _ in Role)
"""Makes the weight of each role positive, so that none borrows from the next one."""


def unpacked(total: int) -> list[int]:
    """The weights that were packed, or sums of them."""
    lifted = (total + _LIFT).to_bytes(_FIELDS.size, "little")
    return [field - _HALF for field in _FIELDS.unpack(lifted)]


_SHOWN = 12
"""Grams that a reason is chosen from."""


class _Weights(dict[Any, int]):
    """Packed weights by number or name, 0 for what has none; read from the line of the table when first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Any, str] = {}

    def __missing__(self, key: Any) -> int:
        found = self[key] = packed(map(int, self.lines[key].split("\t"))) if key in self.lines else 0
        return found


class _Column(dict[int, int]):
    """The weights of a table for one role."""

    def __init__(self, weights: _Weights, place: int) -> None:
        super().__init__()
        self._weights, self._place = weights, place

    def __missing__(self, gram: int) -> int:
        found = self[gram] = unpacked(self._weights[gram])[self._place]
        return found


class RoleModel:
    """Weights of features for each role. roles: in the order of the weights; lexicon: the grams that have weights."""

    def __init__(self, lines: Sequence[str], lexicon: Lexicon | None = None) -> None:
        """lines: of roles, then of table (`d` whole document, `s` sentence, `c` part of it, `b` before, `a` after, `x` signs), feature
        and weights in thousandths, parted by tabs. lexicon: one that numbers texts already."""
        self.roles = tuple(Role(name) for name in lines[0].split("\t"))
        self.lexicon = lexicon or Lexicon()
        self._tables = {table: _Weights() for table in "dscbax"}
        for line in lines[1:]:
            table, seen, amounts = line.split("\t", 2)
            self._tables[table].lines[seen if table == "x" else self.lexicon.add(seen)] = amounts
        self._columns = {
            (table, role): _Column(self._tables[table], place)
            for table in "bac" for place, role in enumerate(self.roles)
        }  # fmt: skip

    def of_document(self, whole: Whole) -> int:
        """What a text weighs as a whole."""
        return whole.amount * sum(map(self._tables["d"].__getitem__, whole.grams))

    def of_words(self, words: Near) -> int:
        """What the words around an identifier weigh."""
        inside = chain(
            map(self._tables["s"].__getitem__, words.sentence), map(self._tables["c"].__getitem__, words.clause)
        )
        total = SENTENCE_WEIGHT * sum(inside)
        for table, (grams, amounts) in (("b", words.before), ("a", words.after)):
            total += sum(map(mul, amounts, map(self._tables[table].__getitem__, grams)))
        return total

    def of_signs(self, signs: Iterable[Sign]) -> int:
        """What signs weigh together."""
        weights = self._tables["x"]
        return sum(weights[name] * round(UNIT * amount) for name, amount in signs)

    def strongest(self, words: Near, role: Role) -> list[str]:
        """The grams near an identifier that speak most for a role, the first most."""
        clause = (words.clause, [SENTENCE_WEIGHT] * len(words.clause))
        names, found = self.lexicon.names, []
        for table, (grams, amounts) in (("b", words.before), ("a", words.after), ("c", clause)):
            weights = map(self._columns[table, role].__getitem__, grams)
            for speaks, gram in zip(map(mul, amounts, weights), grams, strict=True):
                if speaks > 0:
                    found.append((-speaks, table, names[gram]))
        found.sort()
        return [name for _, _, name in found[:_SHOWN]]

    def likeliest(self, total: int, possible: Container[Role]) -> tuple[Role, float]:
        """The likeliest of the possible roles and its share among them, from what all features weigh together."""
        weights = [
            (weight / (1000 * UNIT), role)
            for weight, role in zip(unpacked(total), self.roles, strict=True)
            if role in possible
        ]
        top, role = max(weights)
        return role, 1.0 / sum([math.exp(weight - top) for weight, _ in weights])


@cache
def role_model() -> RoleModel:
    """The model of `data/role_weights.tsv`."""
    return RoleModel((files("extraction") / "data" / "role_weights.tsv").read_text("utf-8").splitlines())
