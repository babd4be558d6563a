"""What literals mean: spellings of numbers, synonyms, flattening, and how a plan is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.fold import fold
from indexer.fields import FIELDS, FieldType, index_values, keyword
from indexer.literals import equal_values, is_pasted_number
from indexer.plan import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Comparison,
    NotOf,
    Phrase,
    Present,
    Term,
    TermPrefix,
    WordPrefix,
    plan_query,
    print_lucene,
    print_plan,
    within,
)
from indexer.port import SearchRequest
from indexer.predicate import matches
from indexer.synonyms import MAX_SPELLINGS, SYNONYMS, spellings
from model.document import DocumentVersion, Mention, Role


class TestLiterals:
    @pytest.mark.parametrize(
        "text", ['"0912 345 678"', "0912.345.678", '"+84 912-345-678"', "84912345678", '"(0912) 345 678"']
    )
    def test_a_pasted_phone_finds_its_posts_in_any_spelling(
        self, text: str, make_version: Callable[..., DocumentVersion]
    ) -> None:
        mention = Mention(kind="phone", value="+84912345678", raw="o9l2 ba bốn năm…")
        values = index_values(make_version(1, text="gọi o9l2 ba bốn năm", mentions=(mention,)))
        assert matches(plan_query(text), values)
        assert matches(plan_query(f"phones: {text}"), values)

    def test_a_pasted_account_finds_its_posts(self, make_version: Callable[..., DocumentVersion]) -> None:
        mention = Mention(kind="account", value="VCB:1010000000001", raw="1010.0000.00001")
        values = index_values(make_version(1, text="ck 1010.0000.00001", mentions=(mention,)))
        for text in ("1010000000001", '"1010 000 000 001"', '"1010-0000-00001"'):
            assert matches(plan_query(text), values), text
        assert matches(plan_query("accounts: vcb\\:1010000000001"), values)
        assert matches(plan_query("accounts: vcb\\:1010*"), values)
        assert matches(plan_query("banks: vcb"), values)

    @pytest.mark.parametrize(
        ("query", "plan"),
        [
            ("phones: 0912*", TermPrefix("phones", "+84912")),
            ("phones: 84912*", TermPrefix("phones", "+84912")),
            ("phones: +8491*", TermPrefix("phones", "+8491")),
            ("domains: ZQ9.top", Term("domains", "zq9.top")),
            ('links: "HXXPS://Zq9[.]top/Vn"', Term("links", "zq9.top/Vn")),
            ("author: LAN", Term("author", "LAN")),
            ('author: "La\u0301n"', Term("author", "Lán")),
            ("likes: 10", Comparison("likes", "=", 10)),
            ('collected >= "1970-01-01T07:00:00.0019+07:00"', Comparison("collected", ">=", 1)),
            ("MIỄN*", WordPrefix("text", "mien")),
            ('exact: "Lừa ĐẢO"', Phrase("exact", "lừa đảo")),
        ],
    )
    def test_values_are_read_by_field(self, query: str, plan: object) -> None:
        assert plan_query(query) == plan

    @pytest.mark.parametrize(
        ("query", "kind", "value"),
        [
            ('accounts: "1010 0000 00001"', "account", "VCB:1010000000001"),
            ("accounts: 1010000000001", "account", "?:1010000000001"),
            ('accounts: "vietcombank 1010000000001"', "account", "VCB:1010000000001"),
            ("banks: vietcombank", "account", "VCB:1010000000001"),
            ("wallets: 0900000001", "wallet", "MOMO:0900000001"),
            ('wallets: "ví momo 0900 000 001"', "wallet", "MOMO:0900000001"),
            ("handles: @CSKH_zq9", "handle", "telegram:cskh_zq9"),
            ('handles: "https://t.me/CSKH_zq9"', "handle", "telegram:cskh_zq9"),
            ('handles: "zalo:0900000001"', "handle", "zalo:84900000001"),
            ("handles: Telegram\\:CSKH*", "handle", "telegram:cskh_zq9"),
            ("phones: 14155550100", "phone", "+14155550100"),
            ('phones: "(+84) 900 000 001"', "phone", "+84900000001"),
            ('partials: "0900000xxx"', "phone_partial", "+84900000xxx"),
            ('suspects: "phone:0900 000 001"', "phone", "+84900000001"),
            ("suspects: 0900000001", "phone", "+84900000001"),
            ('links: "zq9.top?A=B#c"', "link", "zq9.top?A=B#c"),
            ('links: "zq9.top/a•bhttps://x.vn/C"', "link", "zq9.top/a•bhttps://x.vn/C"),
            ('"hxxps://vcb[.]zq9.top/Vn"', "link", "vcb.zq9.top/Vn"),
            ('"(+84) 900 000 001"', "phone", "+84900000001"),
            ('"o9oo.ooo.oo1"', "phone", "+84900000001"),
            ('phones: "O9O0 OOO OOl"', "phone", "+84900000001"),
            ("suspects: o900000001", "phone", "+84900000001"),
            ("I9oo1234", "hotline", "19001234"),
        ],
    )
    def test_an_identifier_in_the_spelling_of_people_finds_its_posts(
        self, query: str, kind: str, value: str, make_version: Callable[..., DocumentVersion]
    ) -> None:
        mention = Mention(kind=kind, value=value, raw="…", role=Role.SUSPECT)
        assert matches(plan_query(query), index_values(make_version(1, mentions=(mention,))))
        assert not matches(plan_query(query), index_values(make_version(2, text="việc nhẹ lương cao")))

    @pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.type is FieldType.KEYWORD])
    @given(text=st.text(alphabet="aB1đ:./?@+-_ \u0301", min_size=1, max_size=20))
    def test_a_value_as_the_index_keeps_it_is_asked_for_as_it_is(self, name: str, text: str) -> None:
        kept = keyword(text)
        if name in ("accounts", "banks"):
            kept = kept.upper()
        elif name in ("links", "domains", "emails", "handles", "files"):
            kept = kept.lower()
        assert kept in equal_values(FIELDS[name], kept) or name == "phones"

    @pytest.mark.parametrize("text", ["0912.345", "12/11/2026", "5.000.000đ", "0912345a78"])
    def test_what_is_not_a_pasted_number(self, text: str) -> None:
        assert not is_pasted_number(text)


class TestSynonyms:
    def test_the_plain_word_finds_its_disguises_and_not_the_reverse(self) -> None:
        assert plan_query('"chuyển khoản"') == AnyOf(
            tuple(Phrase("text", words) for words in ("chuyen khoan", "ck", "chuyenkhoan", "chuyen khoang"))
        )
        assert plan_query("ck") == Phrase("text", "ck")
        assert plan_query('exact: "chuyển khoản"') == Phrase("exact", "chuyển khoản")

    def test_inside_a_longer_phrase(self) -> None:
        assert "nhan tien qua tk rieng" in spellings("nhan tien qua tai khoan rieng")
        assert spellings("tai khoanh") == ("tai khoanh",)

    def test_many_table_words_stay_bounded(self) -> None:
        assert len(spellings("lien he zalo nhan tin chuyen khoan tai khoan lua dao")) == MAX_SPELLINGS

    def test_the_table_is_folded(self) -> None:
        for plain, disguises in SYNONYMS.items():
            assert [fold(text) for text in (plain, *disguises)] == [plain, *disguises]


class TestShape:
    def test_operators_are_flat_and_repeats_gone(self) -> None:
        assert plan_query("a or (b or a)") == AnyOf((Phrase("text", "a"), Phrase("text", "b")))
        assert plan_query("not (not a)") == Phrase("text", "a")
        assert plan_query("a and a") == Phrase("text", "a")
        assert plan_query(" ") == EVERYTHING

    def test_a_range_of_time_joins_the_conjunction(self) -> None:
        request = SearchRequest(start=datetime(1970, 1, 1, tzinfo=UTC), time_field="collected")
        assert within(plan_query("a and b"), request) == AllOf(
            (Phrase("text", "a"), Phrase("text", "b"), Comparison("collected", ">=", 0))
        )
        assert within(NotOf(Present("likes")), SearchRequest()) == NotOf(Present("likes"))

    def test_shown_as_kql_and_as_lucene(self) -> None:
        plan = plan_query('"lừa" and not (source: vov or likes > 5) and phones: 0912* and leads: *')
        assert print_plan(plan) == (
            '(text: "lua" and not (source: "vov" or likes > 5) and phones: +84912* and leads: *)'
        )
        assert print_lucene(plan) == (
            '(text:"lua" AND (*:* AND NOT (source:"vov" OR likes:{5 TO *])) AND phones:\\+84912* AND _exists_:leads)'
        )
        bounds = [print_lucene(plan_query(f"likes {sign} 5")) for sign in ("<", "<=", ">", ">=")]
        assert bounds == ["likes:[* TO 5}", "likes:[* TO 5]", "likes:{5 TO *]", "likes:[5 TO *]"]
