"""What every search index promises, asked of each adapter: the embedded one and a real Elasticsearch."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from indexer.index import open_index
from indexer.port import Histogram, SearchIndex, SearchRequest
from indexer.search import batch
from model.document import DocumentVersion, Mention, Role
from model.errors import QuerySyntaxError, SearchError, SearchUnavailableError

Make = Callable[..., DocumentVersion]
LOCAL = timezone(timedelta(hours=7))


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    """A fresh, empty index of each kind."""
    if request.param == "embedded":
        opened = open_index(f"sqlite:///{tmp_path / 'index' / 'search.db'}")
        yield opened
        opened.close()
        return
    url: str = request.getfixturevalue("elasticsearch_url")
    opened = open_index(url, prefix=f"test-{uuid.uuid4().hex[:10]}")
    yield opened
    opened.clear()
    opened.close()


def ids(versions: list[DocumentVersion]) -> list[str]:
    return [version.document.id for version in versions]


def put(index: SearchIndex, *versions: DocumentVersion) -> None:
    index.put(versions)
    index.refresh()


def found(index: SearchIndex, query: str) -> list[str]:
    return list(index.iterate(query))


def hour(number: int) -> datetime:
    return datetime(2026, 6, 10, tzinfo=UTC) + timedelta(hours=number)


class TestEmpty:
    def test_answers_nothing(self, index: SearchIndex) -> None:
        assert index.count() == 0
        assert found(index, "seq: *") == []
        request = SearchRequest(query="not zalo", facets=("source",), histogram=Histogram())
        result = index.search(request)
        assert (result.total, result.ids, result.next, dict(result.facets), result.histogram) == (
            0,
            (),
            "",
            {"source": ()},
            (),
        )


class TestWords:
    def test_accents_are_optional_and_exact_keeps_them(self, index: SearchIndex, make_version: Make) -> None:
        accented = make_version(1, text="Cảnh báo lừa đảo qua Zalo")
        plain = make_version(2, text="canh bao lua dao qua zalo")
        put(index, accented, plain)
        assert found(index, '"lua dao"') == found(index, '"LỪA ĐẢO"') == ids([plain, accented])
        assert found(index, 'exact: "lừa đảo"') == ids([accented])

    def test_phrases_do_not_cross_title_and_body(self, index: SearchIndex, make_version: Make) -> None:
        version = make_version(1, title="Công an cảnh báo", text="Lừa đảo tăng")
        put(index, version)
        assert found(index, '"cảnh báo lừa đảo"') == []
        assert found(index, 'title: "cảnh báo" and "lừa đảo"') == ids([version])
        assert found(index, 'title: "lừa đảo"') == []

    def test_beginning_of_a_word(self, index: SearchIndex, make_version: Make) -> None:
        version = make_version(1, text="nhận quà miễn phí")
        put(index, version)
        assert found(index, "miễ*") == ids([version])
        assert found(index, "iễn*") == []

    def test_decomposed_and_hidden_characters(self, index: SearchIndex, make_version: Make) -> None:
        version = make_version(1, text="L\u200bư\u0300a đa\u0309o 🔥🔥 𝐯𝐚𝐲 tiền")
        put(index, version)
        assert found(index, '"vay tiền"') == ids([version])


class TestKeywords:
    def test_case_and_code_points_count(self, index: SearchIndex, make_version: Make) -> None:
        versions = [make_version(n, author=name) for n, name in enumerate(["Lan", "lan", "a:b-c.d+e", "Lán"], start=1)]
        put(index, *versions)
        assert found(index, "author: Lan") == ids([versions[0]])
        assert found(index, 'author: "a:b-c.d+e"') == ids([versions[2]])
        assert found(index, 'author: "La\u0301n"') == ids([versions[3]])
        assert found(index, "author: La*") == ids([versions[0]])

    def test_many_values_and_absence(self, index: SearchIndex, make_version: Make) -> None:
        both = make_version(1, regions=("VN-35", "VN-SG"))
        none = make_version(2)
        put(index, both, none)
        assert found(index, "regions: VN-35 and regions: VN-SG") == ids([both])
        assert found(index, "not regions: VN-35") == ids([none])
        assert found(index, "regions: *") == ids([both])
        assert found(index, "not regions: *") == ids([none])

    def test_a_number_without_its_bank_is_one_condition_however_many_there_are(
        self, index: SearchIndex, make_version: Make
    ) -> None:
        number = "1010000000001"
        versions = [
            make_version(
                at, mentions=(Mention(kind="account", value=f"{bank}:{number}", raw=number, role=Role.SUSPECT),)
            )
            for at, bank in enumerate(("VCB", "?", "TCB"), start=1)
        ]
        other = make_version(9, mentions=(Mention(kind="account", value="VCB:2020000000002", raw="…"),))
        put(index, *versions, other)
        many = " or ".join(f"{10**12 + at}" for at in range(180))
        assert found(index, 'accounts: "1010 0000 00001"') == ids(versions[::-1])
        assert found(index, f"accounts: ({many} or {number})") == ids(versions[::-1])
        assert found(index, f"not accounts: ({many} or {number})") == ids([other])
        assert found(index, f"source: town and accounts: ({many} or {number}) and accounts: TCB*") == ids([versions[2]])

    def test_long_values_are_cut_alike(self, index: SearchIndex, make_version: Make) -> None:
        long = "https://vi.du/" + "á" * 3000
        version = make_version(1, url=long)
        put(index, version)
        assert found(index, f'url: "{long}"') == ids([version])
        assert found(index, f'url: "{long[:-1]}"') == []
        assert found(index, "url: https\\://vi*") == ids([version])

    def test_suspects_are_kind_and_value(self, index: SearchIndex, make_version: Make) -> None:
        mention = Mention(kind="phone", value="+84900000001", raw="0900000001", role=Role.SUSPECT)
        version = make_version(1, text="gọi 0900000001", mentions=(mention,))
        put(index, version)
        assert found(index, 'suspects: "phone:+84900000001"') == ids([version])


class TestNumbersAndDates:
    def test_comparison_on_an_absent_value_is_false_and_its_not_true(
        self, index: SearchIndex, make_version: Make
    ) -> None:
        few, many, unknown = make_version(1, likes=5), make_version(2, likes=500), make_version(3)
        put(index, few, many, unknown)
        assert found(index, "likes >= 5 and likes < 500") == ids([few])
        assert found(index, "not likes > 5") == ids([unknown, few])
        assert found(index, "likes: 500") == ids([many])
        assert found(index, "likes: *") == ids([many, few])

    def test_dates_are_compared_in_milliseconds(self, index: SearchIndex, make_version: Make) -> None:
        moment = datetime(2026, 6, 10, 3, 0, 0, 123000, tzinfo=UTC)
        version = make_version(1, published=moment)
        put(index, version)
        assert found(index, 'published >= "2026-06-10T10:00:00.123+07:00"') == ids([version])
        assert found(index, 'published > "2026-06-10T03:00:00.123Z"') == []
        assert found(index, 'published < "2026-06-10T03:00:00.124Z"') == ids([version])


class TestOrderAndPages:
    def test_newest_first_then_seq_and_undated_last(self, index: SearchIndex, make_version: Make) -> None:
        same, other, undated, later = (
            make_version(1, published=hour(5)),
            make_version(2, published=hour(5)),
            make_version(3),
            make_version(4, published=hour(6)),
        )
        put(index, same, other, undated, later)
        assert found(index, "seq: *") == ids([later, other, same, undated])
        assert list(index.iterate("seq: *", sort="oldest")) == ids([same, other, later, undated])
        assert list(index.iterate("seq: *", sort="collected")) == ids([later, undated, other, same])

    @pytest.mark.parametrize("sort", ["newest", "oldest", "collected"])
    def test_pages_join_without_gap_or_repeat(self, index: SearchIndex, make_version: Make, sort: str) -> None:
        versions = [make_version(n, published=hour(n // 3) if n % 4 else None) for n in range(1, 40)]
        put(index, *versions)
        collected, after = list[str](), ""
        while True:
            result = index.search(SearchRequest(query="seq: *", limit=7, after=after, sort=sort))
            assert result.total == 39
            collected += result.ids
            after = result.next
            if not after:
                break
        assert collected == list(index.iterate("seq: *", sort=sort))
        assert len(set(collected)) == 39

    @pytest.mark.parametrize("sort", ["newest", "oldest", "collected"])
    def test_what_changes_between_pages_is_neither_repeated_nor_does_it_hide_others(
        self, index: SearchIndex, make_version: Make, sort: str
    ) -> None:
        """Documents are rewritten, deleted and added while somebody reads page after page."""
        versions = [make_version(n, text=f"tin {n}", published=hour(n // 2) if n % 5 else None) for n in range(1, 31)]
        put(index, *versions)
        order = list(index.iterate("tin", sort=sort))
        request = SearchRequest(query="tin", limit=6, sort=sort, facets=("source",), histogram=Histogram())
        first = index.search(request)
        by_id = {version.document.id: version for version in versions}
        rewritten = [by_id[key] for key in (order[2], order[8], order[20])]
        put(
            index,
            *(
                make_version(
                    one.seq,
                    text=f"tin {one.seq} đã sửa",
                    published=one.document.published,
                    position=100 + one.seq,
                    leads=("CG-1",),
                )
                for one in rewritten
            ),
        )
        index.delete([order[1], order[10]])
        index.refresh()
        pages, after = [list(first.ids)], first.next
        while after:
            result = index.search(
                SearchRequest(query="tin", limit=6, sort=sort, after=after, facets=("source",), histogram=Histogram())
            )
            assert result.total == 28, "totals and counts are of the whole answer, whatever the page"
            assert dict(result.facets["source"]) == {"town": 28}
            pages.append(list(result.ids))
            after = result.next
        assert [key for page in pages for key in page] == [key for key in order if key != order[10]]

    def test_a_foreign_cursor_is_refused(self, index: SearchIndex) -> None:
        with pytest.raises(SearchError, match="cursor"):
            index.search(SearchRequest(query="seq: *", after="nonsense"))

    def test_limit_zero_counts_only(self, index: SearchIndex, make_version: Make) -> None:
        put(index, *(make_version(n) for n in range(1, 4)))
        result = index.search(SearchRequest(query="seq: *", limit=0))
        assert (result.total, result.ids, result.next) == (3, (), "")

    def test_range_of_time_is_half_open(self, index: SearchIndex, make_version: Make) -> None:
        versions = [make_version(n, published=hour(n)) for n in range(1, 5)]
        put(index, *versions)
        result = index.search(SearchRequest(start=hour(2), end=hour(4)))
        assert list(result.ids) == ids([versions[2], versions[1]])


class TestCounts:
    def test_facets_are_exact_and_ties_go_by_value(self, index: SearchIndex, make_version: Make) -> None:
        names = ["b", "a", "c", "c", "d"]
        put(index, *(make_version(n, source=name, text="tin") for n, name in enumerate(names, start=1)))
        request = SearchRequest(query="tin", facets=("source", "regions"), facet_size=3, limit=0)
        assert dict(index.search(request).facets) == {"source": (("c", 2), ("a", 1), ("b", 1)), "regions": ()}
        assert index.search(SearchRequest(facets=("source",), facet_size=1)).facets["source"] == (("c", 2),)

    def test_facets_of_text_are_refused(self, index: SearchIndex) -> None:
        with pytest.raises(SearchError, match="keyword"):
            index.search(SearchRequest(facets=("text",)))

    @pytest.mark.parametrize(
        ("interval", "starts"),
        [
            ("hour", [(2026, 6, 14, 23), (2026, 6, 15, 0), (2026, 7, 1, 0)]),
            ("day", [(2026, 6, 14, 0), (2026, 6, 15, 0), (2026, 7, 1, 0)]),
            ("week", [(2026, 6, 8, 0), (2026, 6, 15, 0), (2026, 6, 29, 0)]),
            ("month", [(2026, 6, 1, 0), (2026, 7, 1, 0)]),
        ],
    )
    def test_histogram_in_local_time(
        self, index: SearchIndex, make_version: Make, interval: str, starts: list[tuple[int, ...]]
    ) -> None:
        moments = [datetime(2026, 6, 14, 23, 59, tzinfo=LOCAL), datetime(2026, 6, 15, tzinfo=LOCAL)]
        moments.append(datetime(2026, 7, 1, tzinfo=LOCAL))
        put(index, *(make_version(n, published=at) for n, at in enumerate(moments, start=1)), make_version(9))
        for query in ("", "seq >= 1"):
            result = index.search(SearchRequest(query=query, histogram=Histogram(interval=interval), limit=0))
            assert [start for start, _ in result.histogram] == [datetime(*start, tzinfo=LOCAL) for start in starts]  # type: ignore[arg-type]
            assert sum(count for _, count in result.histogram) == 3

    def test_histogram_before_1970(self, index: SearchIndex, make_version: Make) -> None:
        put(index, make_version(1, published=datetime(1969, 12, 31, 16, 30, tzinfo=UTC)))
        result = index.search(SearchRequest(histogram=Histogram(interval="day")))
        assert result.histogram == ((datetime(1969, 12, 31, tzinfo=LOCAL), 1),)


class TestWriting:
    def test_a_newer_position_replaces_and_an_older_one_changes_nothing(
        self, index: SearchIndex, make_version: Make
    ) -> None:
        put(index, make_version(1, text="bản đầu", source="a"))
        newer = make_version(1, text="bản sửa", position=5, source="a", queries=("q1",))
        assert index.put([newer]).written == 1
        stale = index.put([make_version(1, text="bản cũ", position=3, source="a")])
        index.refresh()
        assert (stale.written, stale.stale) == (0, 1)
        assert found(index, '"bản sửa"') == ids([newer])
        assert found(index, '"bản đầu"') == found(index, '"bản cũ"') == []
        assert found(index, "queries: q1") == ids([newer])
        assert index.count() == 1

    def test_keywords_change_without_the_words(self, index: SearchIndex, make_version: Make) -> None:
        put(index, make_version(1, text="tin", leads=("CG-1", "CG-2")))
        changed = make_version(1, text="tin", position=2, leads=("CG-3",))
        put(index, changed)
        assert found(index, "leads: CG-1") == []
        assert found(index, "leads: CG-3 and tin") == ids([changed])
        assert index.search(SearchRequest(facets=("leads",))).facets["leads"] == (("CG-3", 1),)

    def test_one_document_twice_in_a_batch(self, index: SearchIndex, make_version: Make) -> None:
        put(index, make_version(1, text="trước"), make_version(1, text="sau", position=2))
        assert found(index, "trước") == []
        assert len(found(index, "sau")) == 1

    def test_deleted_documents_are_gone(self, index: SearchIndex, make_version: Make) -> None:
        kept, gone = make_version(1, text="tin"), make_version(2, text="tin")
        put(index, kept, gone)
        assert index.delete([gone.document.id, "unknown"]) == 1
        index.refresh()
        assert found(index, "tin") == ids([kept])
        assert index.count() == 1

    def test_clear_gives_a_new_identity(self, index: SearchIndex, make_version: Make) -> None:
        put(index, make_version(1))
        before = index.identity
        index.clear()
        assert index.identity != before
        assert index.count() == 0
        put(index, make_version(1, text="lại"))
        assert len(found(index, "lại")) == 1

    def test_odd_values_are_taken(self, index: SearchIndex, make_version: Make) -> None:
        odd = make_version(1, text="a\ud800b\x00c", author="\udcffx\x00", likes=2**70, url="", views=-3)
        assert index.put([odd]).refused == ()
        index.refresh()
        assert found(index, "likes: *") == []
        assert found(index, "views < 0") == ids([odd])
        assert index.health().problems == ()


class TestRetention:
    def test_whole_months_go_and_nothing_else(self, index: SearchIndex, make_version: Make) -> None:
        seen = [
            datetime(2026, 1, 31, 23, 59, tzinfo=UTC),
            datetime(2026, 2, 1, tzinfo=UTC),
            datetime(2026, 2, 28, tzinfo=UTC),
            # Already March in Viet Nam; months are UTC's, for both indexes alike.
            datetime(2026, 2, 28, 20, 0, tzinfo=UTC),
            datetime(2026, 3, 1, tzinfo=UTC),
        ]
        versions = [make_version(n, text="tin cũ", first_seen=moment) for n, moment in enumerate(seen, start=1)]
        put(index, *versions)
        assert index.drop_before(datetime(2026, 1, 1, tzinfo=UTC)) == {}
        assert index.drop_before(datetime(2026, 3, 1, tzinfo=UTC)) == {"2026-01": 1, "2026-02": 3}
        index.refresh()
        assert found(index, "tin") == ids(versions[4:])
        assert found(index, "source: *") == ids(versions[4:])
        assert (index.count(), index.drop_before(datetime(2026, 3, 1, tzinfo=UTC))) == (1, {})
        result = index.search(SearchRequest(query="tin", facets=("source",), histogram=Histogram(field="collected")))
        assert (result.total, sum(hits for _, hits in result.facets["source"])) == (1, 1)

    def test_a_document_of_a_dropped_month_may_come_again(self, index: SearchIndex, make_version: Make) -> None:
        version = make_version(1, text="tin", first_seen=datetime(2026, 1, 5, tzinfo=UTC))
        put(index, version)
        index.drop_before(datetime(2026, 2, 1, tzinfo=UTC))
        put(index, version)
        assert found(index, "tin") == ids([version])


class TestRefusals:
    def test_a_query_outside_the_subset(self, index: SearchIndex) -> None:
        with pytest.raises(QuerySyntaxError) as caught:
            index.search(SearchRequest(query="lua dao"))
        assert caught.value.position == 4

    def test_batch_answers_every_line(self, index: SearchIndex, make_version: Make) -> None:
        versions = [make_version(n, text="tin", published=hour(n)) for n in (1, 2)]
        put(index, *versions)
        answers = list(batch(index, ["tin\n", "", "không: có", 'exact: "tin" and seq > 1']))
        assert answers[0] == {"query": "tin", "total": 2, "ids": ids(versions[::-1])}
        assert (answers[1]["query"], answers[1]["position"]) == ("", 0)
        assert set(answers[2]) == {"query", "error", "position"}
        assert answers[3]["ids"] == ids(versions[1:])


def test_an_embedded_index_says_when_it_has_grown_too_large(
    tmp_path: Path, make_version: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_index(f"sqlite:///{tmp_path / 'search.db'}")
    module = importlib.import_module(type(index).__module__)
    assert module.WARN_DOCUMENTS == 2_000_000
    put(index, *(make_version(n, text="tin") for n in range(1, 5)))
    assert index.health().problems == ()
    monkeypatch.setattr(module, "WARN_DOCUMENTS", 3)
    (problem,) = index.health().problems
    assert "Elasticsearch" in problem
    assert "reindex" in problem
    index.close()


def test_more_hits_than_one_page_of_elasticsearch(index: SearchIndex, make_version: Make) -> None:
    versions = [
        make_version(n, text="tin", published=hour(n % 50) if n % 7 else None, source=f"s{n % 3}")
        for n in range(1, 12_001)
    ]
    for start in range(0, len(versions), 2000):
        index.put(versions[start : start + 2000])
    index.refresh()
    ordered = sorted(
        versions,
        key=lambda item: (item.document.published or datetime.min.replace(tzinfo=UTC), item.seq),
        reverse=True,
    )
    assert found(index, "tin") == ids(ordered)
    result = index.search(SearchRequest(query="tin", limit=11_000))
    assert (result.total, list(result.ids)) == (12_000, ids(ordered[:11_000]))
    rest = index.search(SearchRequest(query="tin", limit=5000, after=result.next))
    assert (list(rest.ids), rest.next) == (ids(ordered[11_000:]), "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "sqlite:////proc/nowhere/index.db"])
def test_an_index_that_does_not_answer(url: str) -> None:
    with pytest.raises(SearchUnavailableError):
        open_index(url).count()
