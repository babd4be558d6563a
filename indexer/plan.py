"""A query as the engines see it: literals read per field, synonyms spelled out, operators flattened.

`plan` is the one step between the tree of `indexer.kql` and the compilers to SQL, Elasticsearch and the matcher, so that
they cannot differ in what a literal means.
"""

from __future__ import annotations

from attrs import frozen

from indexer.fields import DEFAULT_FIELD, FIELDS, Field, FieldType, milliseconds
from indexer.kql import And, Compare, Exists, Is, Node, Not, Or, StartsWith, parse, quote
from indexer.literals import (
    date_value,
    equal_values,
    is_pasted_number,
    long_value,
    number_spellings,
    prefix_value,
    undisguised,
    without_scheme,
)
from indexer.port import SearchRequest
from indexer.synonyms import spellings


@frozen
class AnyOf:
    """At least one of `items`; never nested in another AnyOf."""

    items: tuple[Plan, ...]


@frozen
class AllOf:
    """All of `items`; never nested in another AllOf. No item: every document."""

    items: tuple[Plan, ...]


@frozen
class NotOf:
    """Everything but `item`."""

    item: Plan


@frozen
class Phrase:
    """Folded words, one space between, next to each other in a text field."""

    field: str
    words: str


@frozen
class WordPrefix:
    """A word of a text field that begins so."""

    field: str
    word: str


@frozen
class Term:
    """A keyword field has this value."""

    field: str
    value: str


@frozen
class TermPrefix:
    """A keyword field has a value that begins so."""

    field: str
    value: str


@frozen
class Present:
    """The field has at least one value."""

    field: str


@frozen
class Comparison:
    """operator: <, <=, >, >= or = on a number, or on a date in UTC milliseconds. False when absent."""

    field: str
    operator: str
    value: int


Atom = Phrase | WordPrefix | Term | TermPrefix | Present | Comparison
Plan = AnyOf | AllOf | NotOf | Atom

EVERYTHING = AllOf(())


def plan_query(text: str) -> Plan:
    """The plan of a query as typed; blank text is every document. Raises QuerySyntaxError."""
    return plan(parse(text)) if text.strip() else EVERYTHING


def within(plan: Plan, request: SearchRequest) -> Plan:
    """The plan within the request's range of time."""
    limits = []
    for operator, moment in ((">=", request.start), ("<", request.end)):
        number = milliseconds(moment)
        if number is not None:
            limits.append(Comparison(request.time_field, operator, number))
    if not limits:
        return plan
    return AllOf((*(plan.items if isinstance(plan, AllOf) else (plan,)), *limits))


def plan(node: Node) -> Plan:
    """The plan of a parsed query."""
    match node:
        case Or(items):
            return _flat(AnyOf, [plan(item) for item in items])
        case And(items):
            return _flat(AllOf, [plan(item) for item in items])
        case Not(item):
            inner = plan(item)
            return inner.item if isinstance(inner, NotOf) else NotOf(inner)
        case Exists(field):
            return Present(field)
        case Compare(field, operator, value):
            return Comparison(field, operator, _number(FIELDS[field], value))
        case StartsWith(field, value):
            return _beginning(FIELDS[field or DEFAULT_FIELD], value)
        case Is(field, value):
            return _equal(FIELDS[field or DEFAULT_FIELD], value)


def _flat(make: type[AnyOf] | type[AllOf], items: list[Plan]) -> Plan:
    found: dict[Plan, None] = {}
    for item in items:
        found.update(dict.fromkeys(item.items if isinstance(item, make) else (item,)))
    return next(iter(found)) if len(found) == 1 else make(tuple(found))


def _number(field: Field, text: str) -> int:
    value = date_value(text) if field.type is FieldType.DATE else long_value(text)
    assert value is not None, "the parser refuses what is not a number or a date"
    return value


def _beginning(field: Field, text: str) -> Plan:
    if field.type is FieldType.TEXT:
        return WordPrefix(field.name, field.words(text))
    value = prefix_value(field, text)
    assert value is not None, "the parser refuses what no value begins with"
    return TermPrefix(field.name, value)


def _equal(field: Field, text: str) -> Plan:
    if field.type is FieldType.LONG:
        return Comparison(field.name, "=", _number(field, text))
    if field.type is FieldType.TEXT:
        return _flat(AnyOf, [Phrase(field.name, words) for words in _phrases(field, text)])
    values = equal_values(field, text)
    assert values, "the parser refuses what no value equals"
    return _flat(AnyOf, [Term(field.name, value) for value in values])


def _phrases(field: Field, text: str) -> tuple[str, ...]:
    words = field.words(text)
    if field.name == "exact":
        return (words,)
    others: tuple[str, ...] = ()
    if is_pasted_number(text):
        others = number_spellings(text)
    elif (number := undisguised(text)) != text:
        others = (number, *number_spellings(number))
    elif (bare := without_scheme(text)) != text:
        others = (bare,)
    else:
        return spellings(words)
    return tuple(dict.fromkeys((words, *filter(None, map(field.words, others)))))


def terms_by_field(plan: AnyOf) -> list[tuple[Term, ...]]:
    """The alternatives that ask one keyword field for several values, together; single ones are left out."""
    found: dict[str, list[Term]] = {}
    for item in plan.items:
        if isinstance(item, Term):
            found.setdefault(item.field, []).append(item)
    return [tuple(terms) for terms in found.values() if len(terms) > 1]


def atoms(item: Plan) -> tuple[Atom, ...]:
    """Every distinct atom, in order of appearance."""
    found: dict[Atom, None] = {}
    pending: list[Plan] = [item]
    while pending:
        current = pending.pop()
        if isinstance(current, AnyOf | AllOf):
            pending += reversed(current.items)
        elif isinstance(current, NotOf):
            pending.append(current.item)
        else:
            found[current] = None
    return tuple(found)


def print_plan(item: Plan) -> str:
    """The plan as KQL: what the query was taken to mean, values normalised. Dates and numbers are printed raw."""
    match item:
        case AnyOf(items):
            return "(" + " or ".join(print_plan(part) for part in items) + ")"
        case AllOf(items):
            return "(" + " and ".join(print_plan(part) for part in items) + ")" if items else "seq: *"
        case NotOf(inner):
            return f"not {print_plan(inner)}"
        case Phrase(field, value) | Term(field, value):
            return f"{field}: {quote(value)}"
        case WordPrefix(field, value) | TermPrefix(field, value):
            return f"{field}: {value}*"
        case Present(field):
            return f"{field}: *"
        case Comparison(field, operator, number):
            return f"{field}{':' if operator == '=' else ' ' + operator} {number}"


def print_lucene(item: Plan) -> str:
    """The plan in Lucene syntax, every operator explicit, for those who prefer it in Kibana."""
    match item:
        case AnyOf(items):
            return "(" + " OR ".join(print_lucene(part) for part in items) + ")"
        case AllOf(items):
            return "(" + " AND ".join(print_lucene(part) for part in items) + ")" if items else "*:*"
        case NotOf(inner):
            return f"(*:* AND NOT {print_lucene(inner)})"
        case Phrase(field, value) | Term(field, value):
            return f"{field}:{quote(value)}"
        case WordPrefix(field, value) | TermPrefix(field, value):
            escaped = "".join(f"\\{char}" if char in _LUCENE_SPECIAL else char for char in value)
            return f"{field}:{escaped}*"
        case Present(field):
            return f"_exists_:{field}"
        case Comparison(field, "=", number):
            return f'{field}:"{number}"'
        case Comparison(field, operator, number):
            opening, closing = ("{[" if "=" not in operator else "[["), ("}" if operator == "<" else "]")
            if operator.startswith("<"):
                return f"{field}:[* TO {number}{closing}"
            return f"{field}:{opening[0] if operator == '>' else '['}{number} TO *]"


_LUCENE_SPECIAL = frozenset('+-&|!(){}[]^"~*?:\\/<>= ')
