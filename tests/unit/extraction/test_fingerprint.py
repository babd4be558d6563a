"""Canonical addresses; reposts found with their number changed; strangers kept apart."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from extraction.fingerprint import SIMILAR, canonical_url, content_hash, minhash_bands, similar

CORPUS = Path(__file__).parents[2] / "corpus" / "roles.jsonl"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://VnExpress.net:443/Abc-1.html?utm_source=x&b=2&a=1#top", "https://vnexpress.net/Abc-1.html?a=1&b=2"),
        ("http://x.vn", "http://x.vn/"),
        ("http://x.vn:8080/a", "http://x.vn:8080/a"),
        ("https://user:pw@x.vn./A%7Eb", "https://x.vn/A~b"),
        ("https://tuổitrẻ.vn/a", "https://xn--tuitr-351b8g.vn/a"),
        ("https://x.vn/?fbclid=1&zarsrc=2", "https://x.vn/"),
        ("https://x.vn/tin?id=&p=2", "https://x.vn/tin?id=&p=2"),
        ("  https://x.vn/a\n", "https://x.vn/a"),
        ("khong phai url", "khongphaiurl"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("http://x:99999999/", "http://x:99999999/"),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


def test_content_hash_sees_words_only() -> None:
    assert content_hash("Lừa đảo!", "a  b") == content_hash("lua dao", "A, B.")
    assert content_hash("a", "b") != content_hash("a b", "")


def texts() -> list[str]:
    rows = (json.loads(line) for line in CORPUS.read_text("utf-8").splitlines())
    return [row["text"] for row in rows if len(row["text"]) >= 110]


def reposts(text: str, dice: random.Random) -> list[str]:
    """The text as it is posted again: another number, no marks, a few words changed, words added, a sentence dropped."""
    words = text.split()
    changed = [dice.choice(("nhé", "ạ", "luôn", "nha")) if dice.random() < 0.08 else word for word in words]
    other = "".join(str(dice.randrange(10)) if letter.isdigit() else letter for letter in text)
    import unicodedata

    bare = "".join(c for c in unicodedata.normalize("NFD", text).replace("đ", "d") if not unicodedata.combining(c))
    return [
        other,
        bare.upper(),
        " ".join(changed),
        f"🔥 {text} Chia sẻ giúp mình với cả nhà ơi 🔥",
        " ".join(words[: int(len(words) * 0.8)]),
    ]


def test_reposts_join_and_strangers_do_not() -> None:
    dice = random.Random(7)
    known = texts()
    bands = [set(minhash_bands("", text)) for text in known]
    found = asked = wrong = 0
    for place, text in enumerate(known):
        for repost in reposts(text, dice):
            mine = set(minhash_bands("", repost))
            family = [
                other for other in range(len(known)) if mine & bands[other] and similar(repost, known[other]) >= SIMILAR
            ]
            asked += 1
            found += place in family
            wrong += len([other for other in family if other != place])
    assert asked > 500
    assert found / asked >= 0.97
    assert wrong / asked <= 0.003


def test_a_repost_with_another_number_is_the_same() -> None:
    first = "Tuyển cộng tác viên làm tại nhà, thu nhập 300k mỗi ngày, nhắn zalo 0900000001 nhận việc ngay hôm nay"
    second = first.replace("0900000001", "0911.222.333").replace("300k", "500k")
    assert similar(first, second) == 1.0
    assert minhash_bands("", first) == minhash_bands("", second)


def test_short_texts_join_only_their_equals() -> None:
    assert len(minhash_bands("", "vay nhanh 0900000001")) == 1
    assert minhash_bands("", "vay nhanh 0900000001") == minhash_bands("", "Vay nhanh: 0911222333")
    assert similar("vay nhanh 1", "vay lẹ 1") == 0.0
    assert minhash_bands("", "") == ()


def test_bands_are_the_same_on_every_machine() -> None:
    assert (
        minhash_bands("", "cảnh báo thủ đoạn giả danh cán bộ thuế gọi điện yêu cầu cài ứng dụng")[0]
        == minhash_bands("", "CANH BAO thu doan gia danh can bo thue goi dien yeu cau cai ung dung")[0]
    )
