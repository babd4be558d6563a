"""Plans to SQL for the embedded index: what FTS5 can do goes into one MATCH, the rest into conditions on `docs`.

Every condition is two-valued (no NULL gets out of it), so that `not` means what it says. Tables: see
`indexer.backends.embedded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from attrs import frozen

from indexer.fields import FIELDS
from indexer.plan import (
    AllOf,
    AnyOf,
    Comparison,
    NotOf,
    Phrase,
    Plan,
    Present,
    Term,
    TermPrefix,
    WordPrefix,
    terms_by_field,
)
from model.ids import stable_id

FIELD_NUMBERS = {name: number for number, name in enumerate(FIELDS)}
"""Number of a field in the tables of terms."""

TERM_SPAN = 1 << 40
"""Numbers of the terms of one field lie together: field number * TERM_SPAN + n."""

COLUMNS = ("published", "collected", "updated", "likes", "comments", "shares", "views", "seq", "version")
"""Columns of `docs` that hold dates and numbers."""


@frozen
class Sql:
    """match: FTS5 expression that every hit meets, "" when there is none; where: condition on `docs`, "" when none."""

    match: str
    where: str
    parameters: tuple[object, ...]

    @property
    def source(self) -> str:
        """FROM and WHERE of all hits. CROSS JOIN keeps the words first: the planner alone chose 50 times worse orders."""
        if self.match:
            where = f" AND {self.where}" if self.where else ""
            return f"FROM words CROSS JOIN docs ON docs.doc = words.rowid WHERE words MATCH ?{where}"
        return f"FROM docs WHERE {self.where}" if self.where else "FROM docs"

    @property
    def values(self) -> tuple[object, ...]:
        """The parameters of `source`, in order."""
        return (self.match, *self.parameters) if self.match else self.parameters


def compile_sql(plan: Plan) -> Sql:
    """The plan as the embedded index asks it."""
    match, rest = _split(plan)
    compiled = [_condition(item, narrowed=bool(match)) for item in rest]
    where = " AND ".join(f"({text})" for text, _ in compiled)
    return Sql(match, where, tuple(value for _, values in compiled for value in values))


def present_token(field: str) -> str:
    """Word of the `filters` column that says: the field has a value."""
    return f"p{FIELD_NUMBERS[field]}"


@lru_cache(maxsize=4096)
def filter_token(field: str, value: str) -> str:
    """Word of the `filters` column for one value of a `filter` field."""
    return f"v{FIELD_NUMBERS[field]}x{stable_id(value)}"


def _split(plan: Plan) -> tuple[str, list[Plan]]:
    """The part that one MATCH expresses, and what is left to be checked on its hits."""
    whole = _match(plan)
    if whole:
        return whole, []
    if not isinstance(plan, AllOf):
        return "", [plan]
    positive = [(item, text) for item in plan.items if (text := _match(item))]
    if not positive:
        return "", list(plan.items)
    negative = [(item, text) for item in plan.items if isinstance(item, NotOf) and (text := _match(item.item))]
    taken = [item for item, _ in positive + negative]
    expression = _and([text for _, text in positive], [text for _, text in negative])
    return expression, [item for item in plan.items if item not in taken]


def _and(positive: Sequence[str], negative: Sequence[str]) -> str:
    text = " AND ".join(positive) if len(positive) == 1 else "(" + " AND ".join(positive) + ")"
    # All exclusions in one: FTS5's parser stack overflows where many NOTs nest (notes/search.md, 94 levels).
    return f"({text} NOT ({' OR '.join(negative)}))" if negative else text


def _match(plan: Plan) -> str:
    """The plan as an FTS5 expression, "" when FTS5 cannot express it."""
    match plan:
        case Phrase(field, words):
            return f'{field} : "{words}"'
        case WordPrefix(field, word):
            return f'{field} : "{word}" *'
        case Term(field, value) if FIELDS[field].filter:
            return f'filters : "{filter_token(field, value)}"'
        case Present(field) if field not in COLUMNS:
            return f'filters : "{present_token(field)}"' if has_present_token(field) else ""
        case AnyOf(items):
            parts = [_match(item) for item in items]
            return "(" + " OR ".join(parts) + ")" if all(parts) else ""
        case AllOf(items):
            positive = [_match(item) for item in items if not isinstance(item, NotOf)]
            negative = [_match(item.item) for item in items if isinstance(item, NotOf)]
            return _and(positive, negative) if positive and all(positive) and all(negative) else ""
        case _:
            return ""


def has_present_token(field: str) -> bool:
    """Whether presence of the field is among the filter tokens: keyword fields that only a new version changes."""
    return field not in COLUMNS and field not in ("queries", "leads", "family")


_Condition = tuple[str, tuple[object, ...]]


def _condition(plan: Plan, *, narrowed: bool) -> _Condition:
    """A condition on `docs`. narrowed: few rows are left to check, so probe for each rather than list all."""
    listed = _match(plan)
    if listed:
        return "docs.doc IN (SELECT rowid FROM words WHERE words MATCH ?)", (listed,)
    match plan:
        case AnyOf() | AllOf():
            parts = [_condition(item, narrowed=narrowed) for item in _gather(plan)]
            if isinstance(plan, AnyOf):
                parts = [_posting_of(terms, narrowed=narrowed) for terms in _listed(plan)] + parts
            word = " OR " if isinstance(plan, AnyOf) else " AND "
            text = word.join(f"({text})" for text, _ in parts)
            return (text or "1"), tuple(value for _, values in parts for value in values)
        case NotOf(item):
            text, values = _condition(item, narrowed=narrowed)
            return f"NOT ({text})", values
        case Comparison(field, operator, number):
            return f"docs.{field} IS NOT NULL AND docs.{field} {operator} ?", (number,)
        case Present(field) if field in COLUMNS:
            return f"docs.{field} IS NOT NULL", ()
        case Term() | TermPrefix() | Present():
            return _posting(*_terms(plan), narrowed=narrowed)
        case _:
            raise AssertionError(f"{plan} is expressed by MATCH")


def _gather(plan: AnyOf | AllOf) -> list[Plan]:
    """The items, those that FTS5 can express gathered into one, so that the index is asked once; those of `_listed` left out."""
    make = AnyOf if isinstance(plan, AnyOf) else AllOf
    grouped = {term for terms in _listed(plan) for term in terms} if isinstance(plan, AnyOf) else set()
    items = [item for item in plan.items if item not in grouped]
    able = [item for item in items if _match(item)]
    if len(able) < 2:
        return items
    return [make(tuple(able)), *(item for item in items if item not in able)]


def _listed(plan: AnyOf) -> list[tuple[Term, ...]]:
    """The values that are asked for in one field, where FTS5 does not hold them: one condition and not hundreds."""
    return [terms for terms in terms_by_field(plan) if not FIELDS[terms[0].field].filter]


def _posting_of(terms: Sequence[Term], *, narrowed: bool) -> _Condition:
    marks = ",".join("?" * len(terms))
    listed = f"IN (SELECT term FROM terms WHERE field = ? AND value IN ({marks}))"  # noqa: S608 - question marks
    return _posting(listed, (FIELD_NUMBERS[terms[0].field], *(term.value for term in terms)), narrowed=narrowed)


def _posting(terms: str, values: tuple[object, ...], *, narrowed: bool) -> _Condition:
    if narrowed:
        text = f"EXISTS (SELECT 1 FROM postings WHERE postings.doc = docs.doc AND postings.term {terms})"  # noqa: S608
        return text, values
    return f"docs.doc IN (SELECT doc FROM postings INDEXED BY by_term WHERE term {terms})", values  # noqa: S608


def _terms(plan: Term | TermPrefix | Present) -> _Condition:
    number = FIELD_NUMBERS[plan.field]
    match plan:
        case Term(_, value):
            return "= (SELECT term FROM terms WHERE field = ? AND value = ?)", (number, value)
        case TermPrefix(_, value):
            end = after_prefix(value)
            if end is None:
                return "IN (SELECT term FROM terms WHERE field = ? AND value >= ?)", (number, value)
            return "IN (SELECT term FROM terms WHERE field = ? AND value >= ? AND value < ?)", (number, value, end)
        case Present():
            return "BETWEEN ? AND ?", (number * TERM_SPAN, (number + 1) * TERM_SPAN - 1)


def after_prefix(prefix: str) -> str | None:
    """The least text behind all that begin with `prefix`, by code point; None when there is none."""
    for at in range(len(prefix) - 1, -1, -1):
        point = ord(prefix[at]) + 1
        if point == 0xD800:
            point = 0xE000
        if point <= 0x10FFFF:
            return prefix[:at] + chr(point)
    return None
