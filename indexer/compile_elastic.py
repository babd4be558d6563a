"""Plans to Elasticsearch's query DSL, and the table of fields to its mapping; nothing beyond the minimal distribution.

Query words are folded here and index words before they are sent, so the field needs no more than the whitespace
analyzer, and the hits are the same whether or not the server has the Vietnamese search analyzer for people in Kibana.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.fields import FIELDS, FieldType, Value, from_milliseconds
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

ID_FIELD = "id"
"""The document's id beside `_id`, as doc values."""

Dsl = dict[str, Any]
"""JSON of a query, a mapping or a document."""

_RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


def compile_elastic(plan: Plan) -> Dsl:
    """The plan as a query in filter context; scores mean nothing."""
    match plan:
        case AnyOf():
            return _any_of(plan)
        case AllOf(()):
            return {"match_all": {}}
        case AllOf(items):
            return _all_of(items)
        case NotOf(item):
            return {"bool": {"must_not": [compile_elastic(item)]}}
        case Phrase(field, words) if " " in words:
            return {"match_phrase": {field: {"query": words, "analyzer": "whitespace"}}}
        case Phrase(field, value) | Term(field, value):
            return {"term": {field: {"value": value}}}
        case WordPrefix(field, value) | TermPrefix(field, value):
            return {"prefix": {field: {"value": value}}}
        case Present(field):
            return {"exists": {"field": field}}
        case Comparison(field, "=", number):
            return {"term": {field: {"value": number}}}
        case Comparison(field, operator, number):
            return {"range": {field: _range(field, operator, number)}}


def _any_of(plan: AnyOf) -> Dsl:
    """Alternatives; several values of one field are one `terms`, for the server bounds how many clauses there are."""
    groups = terms_by_field(plan)
    grouped = {term for terms in groups for term in terms}
    should: list[Dsl] = [{"terms": {terms[0].field: [term.value for term in terms]}} for terms in groups]
    should += [compile_elastic(item) for item in plan.items if item not in grouped]
    return should[0] if len(should) == 1 else {"bool": {"should": should, "minimum_should_match": 1}}


def _all_of(items: tuple[Plan, ...]) -> Dsl:
    """One bool for the conjunction and its exclusions: the server refuses more than 30 nested ones."""
    wanted = [compile_elastic(item) for item in items if not isinstance(item, NotOf)]
    barred = [compile_elastic(item.item) for item in items if isinstance(item, NotOf)]
    clauses: Dsl = {}
    if wanted:
        clauses["filter"] = wanted
    if barred:
        clauses["must_not"] = barred
    return {"bool": clauses}


def _range(field: str, operator: str, number: int) -> Dsl:
    if FIELDS[field].type is FieldType.DATE:
        return {_RANGES[operator]: str(number), "format": "epoch_millis"}
    return {_RANGES[operator]: number}


def properties(fields: Mapping[str, FieldType], search_analyzer: str = "whitespace") -> Dsl:
    """How each field is indexed. search_analyzer: what reads the words that people type in Kibana."""
    types: Mapping[FieldType, Dsl] = {
        FieldType.TEXT: {"type": "text", "analyzer": "whitespace", "search_analyzer": search_analyzer, "norms": False},
        FieldType.KEYWORD: {"type": "keyword"},
        FieldType.DATE: {"type": "date", "format": "strict_date_optional_time||epoch_millis"},
        FieldType.LONG: {"type": "long"},
        FieldType.STORED: {"type": "text", "index": False, "norms": False},
    }
    return {name: dict(types[type_]) for name, type_ in fields.items()}


def mapping(search_analyzer: str = "whitespace") -> Dsl:
    """The mapping of an index of documents."""
    found = properties({name: field.type for name, field in FIELDS.items()}, search_analyzer)
    # `exact` keeps its accents, so the analyzer that drops them in what people type would find nothing.
    found["exact"]["search_analyzer"] = "whitespace"
    # Ids are read from here: `_id` is a stored field, and inflating one block for each hit took 20 times longer.
    found[ID_FIELD] = {"type": "keyword", "index": False}
    return {"dynamic": "strict", "properties": found}


def source(document_id: str, values: Mapping[str, Value]) -> Dsl:
    """A document as it is sent: dates as ISO 8601 in UTC, several values as a list."""
    found: Dsl = {ID_FIELD: document_id}
    for name, value in values.items():
        if FIELDS[name].type is FieldType.DATE:
            assert isinstance(value, int)
            found[name] = from_milliseconds(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        else:
            found[name] = list(value) if isinstance(value, tuple) else value
    return found
