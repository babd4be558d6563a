"""The Vietnamese guide to searching in Kibana: what it tells people to type is in the subset, what it says is refused is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from indexer.fields import FIELDS, FieldType
from indexer.kibana.sessions import SESSIONS
from indexer.kql import And, Is, Node, Not, Or, StartsWith, parse
from indexer.literals import equal_values, prefix_value
from model.errors import QuerySyntaxError

GUIDE = (Path(__file__).parents[3] / "docs" / "vi" / "tim-kiem-trong-kibana.md").read_text("utf-8")
BEFORE, REFUSED = GUIDE.split("## Khi truy vấn bị từ chối")
ROWS = re.findall(r"^\| `([^`]+)` \| [^|`]+ \| `([^`]+)` \|$", REFUSED, re.MULTILINE)
NOT_QUERIES = re.compile(r"CG-|\[CB\]|canhgiac |\+07|^\w+$|\.\d|\d{3} ")


def told() -> list[str]:
    """Everything that the guide tells to type."""
    inline = [text for text in re.findall(r"`([^`\n]+)`", BEFORE) if '"' in text or not NOT_QUERIES.search(text)]
    return [*inline, *re.findall(r"```\n(.+?)\n```", BEFORE), *(good for _, good in ROWS)]


@pytest.mark.parametrize("query", told())
def test_what_it_tells_to_type_is_understood(query: str) -> None:
    parse(query)


@pytest.mark.parametrize("query", [bad for bad, _ in ROWS])
def test_what_it_says_is_refused_is_refused(query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        parse(query)


@pytest.mark.parametrize("query", told())
def test_kibana_reads_it_as_we_do(query: str) -> None:
    """Kibana does not bring values into the spelling of the index, so the guide writes them in it."""
    for node in conditions(parse(query)):
        if isinstance(node, Is) and FIELDS[node.field or "text"].type is FieldType.KEYWORD:
            assert equal_values(FIELDS[node.field], node.value)[0] == node.value
        if isinstance(node, StartsWith) and FIELDS[node.field or "text"].type is FieldType.KEYWORD:
            assert prefix_value(FIELDS[node.field], node.value) == node.value


def conditions(node: Node) -> list[Node]:
    """The conditions of a query, without its operators."""
    if isinstance(node, And | Or):
        return [inner for item in node.items for inner in conditions(item)]
    return conditions(node.item) if isinstance(node, Not) else [node]


def test_it_knows_every_session_and_holds_enough_examples() -> None:
    assert all(f"| {session.title} |" in GUIDE for session in SESSIONS)
    assert len(ROWS) >= 5
    assert len(told()) > 20
