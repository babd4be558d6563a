"""Nouns to JSON text and back."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from model.document import SOURCE_KINDS, Document, Mention, Role
from model.errors import BadDocumentError
from model.lead import Lead
from model.message import Hours, Recipient
from model.query import SavedQuery
from model.source import Cursor, Source
from store import base, codec

NOW = datetime(2026, 7, 1, tzinfo=UTC)
_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_moments = st.integers(-(10**12), 10**13).map(lambda value: base.from_ms(value) + timedelta(microseconds=value % 1000))
_counts = st.none() | st.integers(-(2**63) + 1, 2**63 - 1)
_mentions = st.builds(
    Mention,
    kind=_text,
    value=_text,
    raw=_text,
    role=st.sampled_from(Role),
    attributes=st.dictionaries(_text, _text, max_size=3),
)
_lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=20)
_documents = st.builds(
    Document,
    source=_text.map(lambda text: text.replace("\0", "")),
    source_kind=st.sampled_from(SOURCE_KINDS),
    external_id=_text.map(lambda text: text.replace("\0", "")),
    text=_text,
    title=_text,
    collected=_moments,
    published=st.none() | _moments,
    likes=_counts,
    comments=_counts,
    shares=_counts,
    views=_counts,
    mentions=st.lists(_mentions, max_size=3).map(tuple),
    bands=st.lists(_lines, max_size=3).map(tuple),
    regions=st.lists(_text, max_size=2).map(tuple),
)


@given(_documents)
def test_a_document_survives(document: Document) -> None:
    payload, counts = codec.document_payload(document), codec.counts_column(document)
    assert "likes" not in payload
    assert codec.document(payload, bands=codec.joined(document.bands), counts=counts) == document


@pytest.mark.parametrize(
    "noun",
    [
        Source(
            id="a", title="t", kind="news", interval=timedelta(minutes=7, seconds=1), options={"a": [1, {"b": None}]}
        ),
        SavedQuery(id="q", title="t", query="x", rule={"type": "spike", "over": 2.5}, realert=timedelta(days=1.5)),
        Recipient(
            id="r", name="n", addresses=("a@example.vn",), hours=Hours(days=("mon",), start=time(7, 30)), stand_in="s"
        ),
        Recipient(id="r", name="n", addresses=(), escalate_after=timedelta(hours=1)),
        Cursor(etags={"u": "e"}, marks={"m": "1"}),
        Lead(id="l", title="t", key="k", created=NOW, first_seen=NOW, last_seen=NOW, warning_gap_hours=0.5),
    ],
)
def test_other_nouns_survive(noun: object) -> None:
    assert codec.loads(codec.dumps(noun), type(noun)) == noun


def test_an_older_program_reads_a_newer_payload() -> None:
    assert codec.loads('{"etags":{"a":"b"},"from_the_future":[1]}', Cursor) == Cursor(etags={"a": "b"})


def test_what_no_database_takes_is_named() -> None:
    document = Document(source="s", source_kind="forum", external_id="1", text="x", collected=NOW)
    for changes, problem in (
        ({"text": "a\ud800b"}, "surrogate"),
        ({"external_id": "\0"}, "external_id"),
        ({"source": "\0"}, "source"),
        ({"mentions": ({"role": object()},)}, "JSON"),
    ):
        with pytest.raises(BadDocumentError, match=problem):
            codec.document_payload(evolve(document, **changes))
    for count in (2**63, "9", 1.5):
        with pytest.raises(BadDocumentError, match="views"):
            codec.counts_column(evolve(document, views=count))  # type: ignore[arg-type]


def test_long_keys_are_cut_and_stay_different() -> None:
    assert codec.short("phone:1") == "phone:1"
    long = [codec.short("link:" + "x" * 500 + end) for end in "ab"]
    assert long[0] != long[1]
    assert all(len(key) <= 200 for key in long)


@given(_moments)
def test_times_are_kept_to_the_millisecond(moment: datetime) -> None:
    assert base.from_ms(base.to_ms(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
