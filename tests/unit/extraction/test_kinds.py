"""What every entity kind declares, whichever file it stands in."""

from __future__ import annotations

import pytest

from extraction.extract import extract
from extraction.kinds.base import EntityKind, kinds
from extraction.kinds.card import luhn
from extraction.kinds.crypto import address

EXAMPLES = {
    "phone": "gọi 0912345678", "hotline": "gọi 19001234", "shortcode": "gọi 113", "phone_prefix": "đầu số 024999", "phone_partial": "số 0900 000 xxx", "link": "vào zq9.top/x",
    "handle": "tele @cskh_zq9", "account": "STK 1010000000001 VCB", "account_partial": "STK 190100... Techcombank", "card": "thẻ 9704 3600 0000 0016", "wallet": "momo 0912345678",
    "crypto": "ví TSMtMmwNAGcU6FxAnjW1HuZX7afTnjgx9N", "email": "mail a.b@gmail.com", "file": "cài zq9.apk",
}  # fmt: skip


def test_every_kind_of_the_design_is_there() -> None:
    assert set(kinds()) == set(EXAMPLES)


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_a_kind_declares_itself_and_reads_its_own_values(kind: EntityKind) -> None:
    assert kind.label
    assert kind.plural_label
    assert kind.field
    (mention, *_) = [mention for mention in extract(EXAMPLES[kind.name]) if mention.kind == kind.name]
    assert kind.paste_forms(mention.value)
    assert all(":" in key for key in kind.keys(mention))
    assert kind.field_value(mention.value).endswith(mention.value)


def test_partial_values_join_nothing() -> None:
    mentions = [
        mention for name in ("phone_partial", "phone_prefix", "account_partial") for mention in extract(EXAMPLES[name])
    ]
    assert [key for mention in mentions for key in kinds()[mention.kind].keys(mention)] == []


def test_the_full_card_number_is_never_a_value() -> None:
    (mention,) = extract(EXAMPLES["card"])
    assert mention.value == "970436******0016"
    assert luhn("9704360000000016")


def test_addresses_are_verified_by_their_checksums() -> None:
    assert address("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq") == "BTC:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
    assert address("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp") is None
    assert address("0xb3cc0475bb78A5026098858e9889ACf666d31063") is None
