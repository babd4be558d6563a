"""Canonical addresses and reposts; many of both: `tests/corpus/test_reposts.py`."""

from __future__ import annotations

import pytest

from extraction.fingerprint import canonical_url, content_hash, minhash_bands, similar


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
