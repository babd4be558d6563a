"""What a query met, where it stands: the places, and what people see of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.web.highlight import pieces
from extraction.fold import fold
from indexer.highlight import CLOSING, OPENING, Highlighter, excerpt, sentinels
from indexer.ingest import prepare
from indexer.matcher import Matcher
from model.document import Document, DocumentVersion
from model.query import SavedQuery

THEN = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def read() -> Callable[..., DocumentVersion]:
    """A document as ingest keeps it, with its mentions."""

    def make(text: str, title: str = "") -> DocumentVersion:
        draft = Document(source="vov", source_kind="social", external_id="1", title=title, text=text, collected=THEN)
        return DocumentVersion(document=prepare(draft), seq=1, revision=1, first_seen=THEN, updated=THEN)

    return make


POST = (
    "Đối tượng tự xưng Công an gọi từ 0912.345.678, LỪA  ĐẢO qua Zalo, bắt chuyển tiền vào tài khoản 1010000000001 Vietcombank, "
    "xem vcb-xacminh.zq9.top/vn"
)


class TestPlaces:
    @pytest.mark.parametrize(
        ("query", "hits"),
        [
            ('"lua dao"', ["LỪA  ĐẢO"]),
            ('"lừa đảo" or zalo', ["LỪA  ĐẢO", "Zalo"]),
            ("not zalo or tin", []),
            ('"chuyển tiền" and not (bitcoin or "công an")', ["chuyển tiền"]),
            ("chuy*", ["chuyển"]),
            ("0912345678", ["0912.345.678"]),
            ('"0912 345 678"', ["0912.345.678"]),
            ("phones: 0912345678", ["0912.345.678"]),
            ("phones: 0912*", ["0912.345.678"]),
            ("accounts: 1010000000001", ["1010000000001"]),
            ("banks: VCB", ["1010000000001"]),
            ("domains: zq9.top", ["vcb-xacminh.zq9.top/vn"]),
            ("zq9", ["vcb-xacminh.zq9.top/vn"]),
            ("phones: *", []),
            ("source: vov", []),
            ("source_kind: social and zalo", ["Zalo"]),
            ('exact: "công an"', ["Công an"]),
            ('exact: "cong an"', []),
            ("title: zalo", []),
        ],
    )
    def test_in_a_post(self, read: Callable[..., DocumentVersion], query: str, hits: list[str]) -> None:
        version = read(POST)
        marks = Highlighter(query).marks(version)
        assert [version.document.text[start:end] for start, end in marks.text] == hits
        assert marks.title == ()

    def test_of_decomposed_letters_the_marks_belong_to_it(self, read: Callable[..., DocumentVersion]) -> None:
        version = read("báo lu\u031b\u0300a đa\u0309o, l\u200bua dao")
        text = version.document.text
        found = [text[start:end] for start, end in Highlighter('"lừa đảo"').marks(version).text]
        assert len(found) == 2
        assert [fold(one) for one in found] == ["lua dao", "lua dao"]
        assert found[0][-1] in "oỏ\u0309"

    def test_titles_are_read_too(self, read: Callable[..., DocumentVersion]) -> None:
        version = read("tin", title="Cảnh báo lừa đảo")
        assert [version.document.title[slice(*span)] for span in Highlighter("title: đảo").marks(version).title] == [
            "đảo"
        ]

    def test_words_of_a_script_without_spaces(self, read: Callable[..., DocumentVersion]) -> None:
        version = read("詐欺電話に注意")
        marks = Highlighter('"電話"').marks(version)
        assert [version.document.text[slice(*span)] for span in marks.text] == ["電話"]

    def test_pictures_are_read_by_what_reads_them(self, read: Callable[..., DocumentVersion]) -> None:
        assert Highlighter("zalo").marks(read("x")).image == ()


@given(
    st.text(alphabet="aàđ ́.,-🔥東0912<>&\ue000\n", max_size=60),
    st.sampled_from(["a", "a*x", '"a a"', "đ", "0912*", "東"]),
)
@settings(max_examples=400, deadline=None)
def test_marks_stand_inside_the_text_where_the_query_is_met(text: str, query: str) -> None:
    query = query.replace("a*x", '"a" or đ')
    document = Document(source="s", source_kind="social", external_id="1", text=text, collected=THEN)
    version = DocumentVersion(document=document, seq=1, revision=1, first_seen=THEN, updated=THEN)
    spans = Highlighter(query).marks(version).text
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    met = bool(Matcher([SavedQuery(id="q", title="q", query=query)]).match([version]))
    assert met is bool(spans)
    marked = sentinels(text, spans)
    plain = text.replace(OPENING, "").replace(CLOSING, "")
    assert marked.replace(OPENING, "").replace(CLOSING, "") == plain
    assert marked.count(OPENING) == marked.count(CLOSING) == len(spans)
    assert "".join(piece.text for piece in pieces(text, (), field="text", hits=spans)).replace("[", "").replace(
        "]", ""
    ) == text.replace("[", "").replace("]", "")


class TestShown:
    def test_an_excerpt_begins_before_the_hit(self) -> None:
        text = "dài quá " * 40 + "lừa đảo ở cuối"
        start = text.index("lừa")
        shown = excerpt(text, [(start, start + 7)], width=60)
        assert shown.startswith("… ")
        assert f"{OPENING}lừa đảo{CLOSING}" in shown
        assert len(shown) < 70

    @pytest.mark.parametrize("text", ["", "ngắn", "x" * 500])
    def test_of_a_text_without_hits_its_beginning(self, text: str) -> None:
        assert excerpt(text, [], width=60).rstrip("…") == text[:60]

    def test_what_an_author_writes_makes_no_mark(self) -> None:
        assert sentinels(f"a{OPENING}b{CLOSING}c", [(2, 3)]) == f"a{OPENING}b{CLOSING}c"
        assert sentinels(f"{OPENING}b", []) == "b"

    def test_a_mention_is_a_hit_as_a_whole_and_an_address_is_never_cut(
        self, read: Callable[..., DocumentVersion]
    ) -> None:
        version = read(POST)
        marks = Highlighter("zq9 or zalo").marks(version)
        shown = pieces(version.document.text, version.document.mentions, field="text", hits=marks.text)
        assert [piece.text for piece in shown if piece.hit] == ["Zalo", "vcb-xacminh[.]zq9[.]top/vn"]
        bare = pieces(version.document.text, (), field="text", hits=marks.text)
        assert [piece.text for piece in bare if piece.hit] == ["Zalo", "vcb-xacminh[.]zq9[.]top/vn"]
