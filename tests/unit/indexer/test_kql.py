"""The query language: what is accepted, how it is printed, and where and how the rest is refused."""

from __future__ import annotations

import os
import re
import statistics
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.compile_elastic import compile_elastic
from indexer.compile_sql import compile_sql
from indexer.fields import FIELDS
from indexer.kql import And, Compare, Exists, Is, Node, Not, Or, StartsWith, depth, parse, print_kql
from indexer.matcher import Matcher
from indexer.plan import plan
from indexer.predicate import matches
from indexer.refusals import REFUSALS
from model.errors import QuerySyntaxError
from model.query import SavedQuery

PROVE = bool(os.environ.get("CANHGIAC_PROVE"))
"""Six times the made-up queries: `make prove`."""


def refused(query: str) -> QuerySyntaxError:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(query)
    return caught.value


class TestAccepted:
    @pytest.mark.parametrize(
        ("query", "tree"),
        [
            ("zalo", Is("", "zalo")),
            ('"lừa đảo"', Is("", "lừa đảo", True)),
            ("miễn*", StartsWith("", "miễn")),
            ("phones: *", Exists("phones")),
            ("source : vov", Is("source", "vov")),
            ('"source": vov', Is("source", "vov")),
            ("likes>=10", Compare("likes", ">=", "10")),
            ("likes: 10", Is("likes", "10")),
            (
                'published < "2026-06-01T00:00:00+07:00"',
                Compare("published", "<", "2026-06-01T00:00:00+07:00"),
            ),
            ("a or b and not c", Or((Is("", "a"), And((Is("", "b"), Not(Is("", "c"))))))),
            ("(a or b) and c", And((Or((Is("", "a"), Is("", "b"))), Is("", "c")))),
            ("a OR b AND NOT c", Or((Is("", "a"), And((Is("", "b"), Not(Is("", "c"))))))),
            ("a or (b or c)", Or((Is("", "a"), Or((Is("", "b"), Is("", "c")))))),
            ("source: (vov or not ab*)", Or((Is("source", "vov"), Not(StartsWith("source", "ab"))))),
            (r'author: "a\"b\\c"', Is("author", 'a"b\\c', True)),
            (r"author: a\:b\(c\)", Is("author", "a:b(c)")),
            (r'author: "\u0061\tb"', Is("author", "a\tb", True)),
            ('author: "a*b"', Is("author", "a*b", True)),
            ("0912.345.678", Is("", "0912.345.678", True)),
            ("0912 345 678 and zalo", And((Is("", "0912 345 678", True), Is("", "zalo")))),
            ("phones: 0912 345 678", Is("phones", "0912 345 678", True)),
            ("notary", Is("", "notary")),
            ("cannot", Is("", "cannot")),
            ("\u00a0 zalo \t", Is("", "zalo")),
        ],
    )
    def test_tree(self, query: str, tree: Node) -> None:
        assert parse(query) == tree
        assert parse(print_kql(tree)) == tree

    def test_not_not_in_parentheses(self) -> None:
        tree = parse("not (not zalo)")
        assert tree == Not(Not(Is("", "zalo")))
        assert print_kql(tree) == "not (not zalo)"

    def test_lone_surrogates_become_replacement_characters(self) -> None:
        assert parse('author: "a\ud800"') == Is("author", "a\ufffd", True)
        assert parse('author: "a\\ud800"') == Is("author", "a\ufffd", True)


class TestRefused:
    @pytest.mark.parametrize(
        ("query", "position", "problem"),
        [
            ("", 0, "empty"),
            ("   ", 0, "empty"),
            ("lua dao", 4, "several words"),
            ("source: a b", 10, "several words"),
            ("0912.345", 0, "several words to the search"),
            ("don't", 0, "several words to the search"),
            ('"!!!"', 0, "no letter or digit"),
            ("source: ", 8, "missing"),
            ("source: ()", 9, "missing"),
            ("a or", 2, "stands where a condition"),
            ("and a", 0, "stands where a condition"),
            ("cannot x", 3, "ends in 'not'"),
            ("a not b", 2, "not needs and / or"),
            ("not(a)", 0, "needs a space"),
            ("not not a", 4, "twice"),
            ("source: not a", 8, "between a field and its value"),
            ("(a or b", 0, "never closed"),
            ("a)", 1, "without its opening"),
            ('a and "b', 6, "never closed"),
            ('"a" "b"', 4, "side by side"),
            ('"a"or "b"', 3, "side by side"),
            ("a}", 1, "nested"),
            ("source: {a: b}", 8, "nested"),
            ("*", 0, "* stands only"),
            ("a*", 0, "* stands only"),
            ("ab*c", 2, "* stands only"),
            ("source: *ab", 8, "* stands only"),
            ("likes: 1*", 8, "* stands only"),
            ("nguon: a", 0, "unknown field"),
            ("ph*: a", 0, "field names"),
            ("source: (a or title: b)", 14, "inside the list"),
            ("content: a", 0, "cannot be searched"),
            ("headline: *", 0, "cannot be searched"),
            ("text: *", 6, "not possible on text"),
            ("source: true", 8, "constant"),
            ("null", 0, "constant"),
            ("source > 5", 7, "numbers and dates"),
            ("text >= 5", 5, "numbers and dates"),
            ("likes: >10", 7, "no colon"),
            ("likes > nhiều", 8, "not a whole number"),
            ("likes: 1.5", 7, "not a whole number"),
            ("likes > 99999999999999999999", 8, "not a whole number"),
            ("published > 2026", 12, "not a date"),
            ('published > "2026-06-01"', 12, "not a date"),
            ('published > "2026-06-01T00:00:00"', 12, "not a date"),
            ('published > "2026-02-30T00:00:00Z"', 12, "not a date"),
            ("published > 2026-06-01T00:00:00", 12, "'2026-06-01T00:00:00' is not a date"),
            ("(published > 2026-06-01T00:00:00+07:00)", 13, "in quotes"),
            ("published >= now-7d", 13, "not a date"),
            ('published: "2026-06-01T00:00:00Z"', 11, "compared"),
            ("phones: abc", 8, "cannot be a value"),
            ('source: ""', 8, "cannot be a value"),
            ("https://vi.du", 0, "unknown field"),
            (r"a\b", 1, "cannot stand here"),
            ("a < b", 0, "unknown field"),
        ],
    )
    def test_place_and_reason(self, query: str, position: int, problem: str) -> None:
        error = refused(query)
        assert (error.position, problem in error.problem) == (position, True), error
        assert error.hint
        assert error.hint_vi
        assert error.problem_vi != error.problem

    def test_a_deep_parenthesis_is_refused_where_it_gets_too_deep(self) -> None:
        error = refused("(" * 2000 + "a" + ")" * 2000)
        assert (error.position, "20 levels" in error.problem) == (20, True)
        assert depth(parse("(" * 20 + "a" + ")" * 20)) == 0

    def test_bounds_of_size(self) -> None:
        parse(" or ".join(f"w{n}" for n in range(200)))
        assert "200" in refused(" or ".join(f"w{n}" for n in range(201))).problem
        assert "20000" in refused("a" * 20_001).problem
        nested = "a"
        for _ in range(12):
            nested = f"not (b or {nested})"
        assert "levels" in refused(nested).problem

    def test_long_runs_of_spaces_take_no_time(self) -> None:
        assert refused("a" + " " * 19_000 + "b").position == 19_001

    def test_a_mistyped_field_gets_its_neighbour(self) -> None:
        error = refused("phone: 0912345678")
        assert "phones" in error.hint
        assert "phones" in error.hint_vi

    def test_every_refusal_speaks_both_languages(self) -> None:
        for code, refusal in REFUSALS.items():
            assert all((refusal.problem, refusal.hint, refusal.problem_vi, refusal.hint_vi)), code
            assert set(re.findall(r"\{(\w+)", refusal.problem_vi)) <= set(
                re.findall(r"\{(\w+)", refusal.problem + refusal.hint)
            ) | {"near_vi", "char"}, code


LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from([Is("", "zalo"), StartsWith("", "miễn"), Exists("phones"), Compare("likes", ">=", "10")]),
    st.builds(
        Is, st.just("author"), st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()), st.just(True)
    ),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=12,
)


@given(TREES)
@settings(max_examples=300 if PROVE else 100, deadline=None)
def test_printing_and_reading_give_the_same_tree(tree: Node) -> None:
    if depth(tree) <= 6:
        assert parse(print_kql(tree)) == tree


@given(st.text(alphabet='ab not or and():<>="*{}\\ \n\u00a0đ', max_size=40))
@settings(max_examples=500, deadline=None)
def test_junk_is_read_or_refused_inside_the_text(text: str) -> None:
    try:
        tree = parse(text)
    except QuerySyntaxError as error:
        inside = 0 <= error.position <= len(text)
    else:
        inside = parse(print_kql(tree)) == tree
    assert inside


PIECES = (
    *'()":*<>={}\\ \t\u00a0-+./@?&|[]',
    *("and", "or", "not", "AND", " and ", " or ", "not ", "NOT ", " not "),
    *("a", "đảo", "lua dao", '"lừa đảo"', "a*", "*a", "a*b", "*", "**", "true", "null", "x" * 300),
    *("0912345678", "0912 345 678", "+84912345678", "(091) 234-5678", "10", "-5", "9" * 25, "１２", "①", "Ⅷ"),
    *('"2026-01-01T00:00:00Z"', "2026-01-01", "now-1d", "VCB", "TCB:1903", "?:123", "zalo:84900000001", "@abc"),
    *("https://a.b/c?d=e", "hxxps://a[.]b", "t.me/abc", "a@b.co", "file.apk", "phone:+84900000001"),
    *(
        "ß",
        "İ",
        "ſ",
        "ﬁ",
        "東京",
        "カナ",
        "ไทย",
        "🔥",
        "\u200b",
        "e\u0301",
        "\ud800",
        "\x00",
        "\u2028",
        "\u3000",
        "\x1c",
    ),
    *('\\"', "\\\\", "\\(", "\\*", "\\u0041", "\\ud800", "\\n", "“", "”", "＂", "（", "：", "＊"),
)


@st.composite
def odd_queries(draw: st.DrawFn) -> str:
    """Texts of the pieces that queries are made of and of what people paste, with and without a field or a list around."""
    glue = draw(st.sampled_from(("", " ")))
    text = glue.join(draw(st.lists(st.sampled_from(PIECES), max_size=14)))
    around = draw(st.sampled_from(("{}", "{}", "{field}: {}", "{field}:({})", "not {field}: {}", "{field} >= {}")))
    return around.replace("{field}", draw(st.sampled_from(sorted(FIELDS)))).replace("{}", text)


@given(odd_queries())
@settings(max_examples=3000 if PROVE else 500, deadline=None)
def test_whatever_is_typed_is_refused_with_place_and_cure_or_means_something_everywhere(text: str) -> None:
    refusal = None
    try:
        tree = parse(text)
    except QuerySyntaxError as error:
        refusal = error
    if refusal is not None:
        assert 0 <= refusal.position <= len(text)
        assert all((refusal.problem, refusal.hint, refusal.problem_vi, refusal.hint_vi))
        return
    printed = print_kql(tree)
    assert parse(printed) == tree
    assert print_kql(parse(printed)) == printed
    made = plan(tree)
    sql = compile_sql(made)
    assert sql.source.count("?") == len(sql.values)
    assert compile_elastic(made)
    assert isinstance(matches(made, {}), bool)
    assert bool(Matcher([SavedQuery(id="q", title="q", query=text)]).match_values([{}])) is matches(made, {})


@pytest.mark.parametrize(
    "query", ["lừa đảo qua mạng", "phone: 0912345678", "(" * 2000 + "a" + ")" * 2000, "published >= 2026-06-01"]
)
def test_a_refusal_takes_a_millisecond_of_the_processor(query: str) -> None:
    spent = []
    for _ in range(21):
        started = time.process_time()
        refused(query)
        spent.append(time.process_time() - started)
    assert statistics.median(spent) < 0.001
