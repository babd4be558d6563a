"""The table of fields: what a document version shows to every engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from extraction.kinds.base import kinds
from indexer.fields import FIELDS, KEYWORD_LIMIT, FieldType, from_milliseconds, index_values, keyword, milliseconds
from model.document import DocumentVersion, Mention, Picture, Role

Make = Callable[..., DocumentVersion]


def mention(kind: str, value: str, role: Role = Role.SUSPECT, **attributes: str) -> Mention:
    return Mention(kind=kind, value=value, raw=value, role=role, attributes=attributes)


def test_every_field_of_the_design_is_there() -> None:
    named = (
        "text title exact headline content source source_kind author url language regions published collected updated phones "
        "hotlines shortcodes accounts banks holders wallets cards crypto links domains handles emails files partials suspects "
        "narratives queries leads likes comments shares views family fingerprint seq version"
    )
    assert set(FIELDS) == set(named.split())
    assert {kind.field for kind in kinds().values()} <= set(FIELDS)
    assert all(field.label for field in FIELDS.values())


def test_absent_values_are_left_out(make_version: Make) -> None:
    values = index_values(make_version(3, text="tin"))
    assert set(values) == {
        "text", "exact", "content", "source", "source_kind", "collected", "updated", "seq", "version",
    }  # fmt: skip
    assert values["seq"] == 3


def test_text_keeps_title_body_and_pasted_values_apart(make_version: Make) -> None:
    version = make_version(
        1,
        title="Cảnh báo",
        text="Gọi O9I2…",
        mentions=(mention("phone", "+84912345678"), mention("phone", "+84900000001", Role.VICTIM)),
    )
    text = str(index_values(version)["text"])
    assert text.startswith("canh bao zzbreak goi o9i2 zzbreak ")
    assert {"0912345678", "84912345678"} <= set(text.split())
    assert "0900000001" not in text


def test_text_read_from_images_is_searched_apart_from_the_body(make_version: Make) -> None:
    version = make_version(1, text="Xem ảnh", pictures=(Picture(text="Vay tiền"), Picture(), Picture(text="gọi ngay")))
    assert index_values(version)["text"] == "zzbreak xem anh zzbreak vay tien goi ngay"
    assert index_values(version)["content"] == "Xem ảnh"


def test_exact_keeps_accents(make_version: Make) -> None:
    assert index_values(make_version(1, title="Đà Lạt", text="LỪA\u200b ĐẢO"))["exact"] == "đà lạt zzbreak lừa đảo"


def test_identifiers_by_role(make_version: Make) -> None:
    hidden = [
        mention("phone", f"+8491234567{n}", role) for n, role in enumerate((Role.CHROME, Role.EXAMPLE, Role.VICTIM))
    ]
    shown = mention("phone", "+84900000009", Role.OFFICIAL)
    version = make_version(1, mentions=(*hidden, shown, mention("phone_prefix", "024999")))
    values = index_values(version)
    assert values["phones"] == ("+84900000009",)
    assert values["partials"] == ("phone_prefix:024999",)
    assert values["suspects"] == ("phone_prefix:024999",)


def test_accounts_give_banks_holders_and_links_domains(make_version: Make) -> None:
    version = make_version(
        1,
        mentions=(
            mention("account", "VCB:1010000000001", holder="NGUYỄN VĂN A"),
            mention("account", "?:999900001111"),
            mention("link", "a.zq9.top/x", domain="zq9.top"),
        ),
    )
    values = index_values(version)
    assert (values["banks"], values["holders"], values["domains"]) == (("VCB",), ("NGUYỄN VĂN A",), ("zq9.top",))


def test_only_reads_what_is_asked_for(make_version: Make) -> None:
    assert index_values(make_version(1, text="tin"), {"text", "likes"}) == {"text": "zzbreak tin"}


def test_keywords_are_nfc_and_cut() -> None:
    assert keyword("La\u0301n") == "Lán"
    long = "x" * 2000
    assert len(keyword(long)) == KEYWORD_LIMIT + 17
    assert keyword(long) != keyword(long + "y")


def test_milliseconds_cut_and_come_back() -> None:
    moment = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert milliseconds(moment) == -1
    assert from_milliseconds(-1) == moment.replace(microsecond=999000)


def test_types_of_the_table() -> None:
    by_type = {kind: [name for name, field in FIELDS.items() if field.type is kind] for kind in FieldType}
    assert by_type[FieldType.TEXT] == ["text", "title", "exact"]
    assert by_type[FieldType.STORED] == ["headline", "content"]
    assert by_type[FieldType.DATE] == ["published", "collected", "updated"]
