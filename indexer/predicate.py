"""The plain meaning of a plan, one document at a time: slow, obvious, and the judge of every engine in the tests."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.fields import Value
from indexer.plan import AllOf, AnyOf, Comparison, NotOf, Phrase, Plan, Present, Term, TermPrefix, WordPrefix


def matches(plan: Plan, values: Mapping[str, Value]) -> bool:
    """Whether a document with these field values (`indexer.fields.index_values`) is what the plan asks for."""
    match plan:
        case AnyOf(items):
            return any(matches(item, values) for item in items)
        case AllOf(items):
            return all(matches(item, values) for item in items)
        case NotOf(item):
            return not matches(item, values)
        case Phrase(field, words):
            return _has_phrase(_words(values, field), words.split(" "))
        case WordPrefix(field, word):
            return any(found.startswith(word) for found in _words(values, field))
        case Term(field, value):
            return value in _keywords(values, field)
        case TermPrefix(field, value):
            return any(found.startswith(value) for found in _keywords(values, field))
        case Present(field):
            return field in values
        case Comparison(field, operator, number):
            return field in values and _compare(values[field], operator, number)


def _words(values: Mapping[str, Value], field: str) -> list[str]:
    text = values.get(field, "")
    assert isinstance(text, str)
    return text.split(" ")


def _has_phrase(words: list[str], phrase: list[str]) -> bool:
    length = len(phrase)
    return any(words[at : at + length] == phrase for at in range(len(words) - length + 1) if words[at] == phrase[0])


def _keywords(values: Mapping[str, Value], field: str) -> tuple[str, ...]:
    value = values.get(field, ())
    return value if isinstance(value, tuple) else (str(value),)


def _compare(value: Value, operator: str, number: int) -> bool:
    assert isinstance(value, int)
    return {
        "<": value < number,
        "<=": value <= number,
        ">": value > number,
        ">=": value >= number,
        "=": value == number,
    }[operator]
