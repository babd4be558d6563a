"""Hosts: well-formed, meant as one, and whose name they wear."""

from __future__ import annotations

import pytest

from extraction.extract import extract
from extraction.hosts import bare_is_meant, is_host, look_alike, registrable_domain, to_ascii
from extraction.syllables import are_syllables, is_syllable


@pytest.mark.parametrize(
    ("host", "domain"),
    [("acb.com.vn-zq9.life", "vn-zq9.life"), ("a.b.vercel.app", "b.vercel.app"), ("www.vietcombank.com.vn", "vietcombank.com.vn"), ("203.0.113.7:80", "203.0.113.7")],
)  # fmt: skip
def test_registrable_domain(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    "joined", ["hàng.Liên", "nhé.Me", "xong.Vip", "TP.HCM", "PGS.TS", "baocao.zip", "lam.to", "Q.Tân"]
)
def test_joined_sentences_and_abbreviations_are_no_hosts(joined: str) -> None:
    assert [mention for mention in extract(f"Em bán {joined} nha") if mention.kind == "link"] == []


@pytest.mark.parametrize("bare", ["zq9.me", "vcb24h.co", "abcxyz.in", "kmzq.to", "zalo.me", "tuoitre.vn", "xoso66.vip"])
def test_bare_hosts_are_kept(bare: str) -> None:
    assert bare_is_meant(bare, bare, path=False)


@pytest.mark.parametrize(
    ("host", "base", "brand"),
    [
        ("acb.com.vn-zq9.life", "acb.com.vn-zq9.life", "ACB"), ("vietc0mbannk.top", "vietc0mbannk.top", "Vietcombank"), ("www.vietcombank.com.vn", "www.vietcombank.com.vn", ""),
        ("dichvucong-x.top", "dichvucong-x.top", "Cổng Dịch vụ công Quốc gia"), ("xn--vietcmbank-xxx.top", "vietcombank.top", "Vietcombank"), ("hoaqua.vn", "hoaqua.vn", ""), ("techcombnak.vip", "techcombnak.vip", "Techcombank"),
    ],
)  # fmt: skip
def test_look_alike_names_the_brand(host: str, base: str, brand: str) -> None:
    assert look_alike(host, base) == brand


def test_look_alike_letters_become_punycode() -> None:
    (mention,) = extract("vào vietc\u043embank.top nhé")
    assert mention.value.startswith("xn--")
    assert mention.attributes["look_alike"] == "Vietcombank"
    assert to_ascii("ABC.vn") == "abc.vn"


def test_hosts_need_a_real_top_level_domain() -> None:
    assert is_host("abc.vn")
    assert not is_host("abc.hcm")
    assert not is_host("-.vn")


def test_syllables() -> None:
    assert all(map(is_syllable, ["nghieng", "lua", "dao", "chuyen", "khoan", "gi", "quynh", "thuoc"]))
    assert not any(map(is_syllable, ["vcb", "zq", "bank", "com24"]))
    assert are_syllables("dichvucong")


@pytest.mark.parametrize(
    "text",
    [
        "STK: 309667192394 - sacombank - HO HUU PHUC. Shop em chuyên hàng chính hãng", "Hôm nay mình học asp.net, vb.net và socket.io",
        "shop zq5 (hàng vip). Online 24/7", "bảng `crash`), one là tên", "Văn phòng - tầng 5 . Top đầu", "x y z . n m p là biến số",
        "Đăng bài trên facebook - group mua bán xe, telegram - kênh tin tức",
    ],
)  # fmt: skip
def test_a_sentence_is_no_hidden_host(text: str) -> None:
    assert [mention for mention in extract(text) if mention.kind in ("link", "handle")] == []


@pytest.mark.parametrize(
    "text",
    [
        "vcb - xac minh1 . top vào ngay", "vào vcb-xacminh1.<b></b>top", "vcb-xacminh1&period;top", "vào vcb%2Dxacminh1%2Etop", "v c b - x a c m i n h 1 . t o p",
        "vào vcb-xacminh1 chấm t o p", "vào vcb-xacminh1.t-o-p", "vào vcb-xacminh1 . t0p", "vào (vcb-xacminh1)(.)(top)", "vào vcb-xacminh1 chamtop",
        "vào vcb-xacminh1\n.top", "vào vcb-xacminh1.ᴛᴏᴘ", "vcb-xacminh1.topĐăng ký ngay", "web vcb-xacminh1 top",
    ],
)  # fmt: skip
def test_a_hidden_host_is_read(text: str) -> None:
    hosts = [mention.value for mention in extract(text) if mention.kind == "link"]
    assert hosts in (["vcb-xacminh1.top"], ["vcb-xac-minh1.top"])


@pytest.mark.parametrize(
    "text", ["xem facebook.com/shop.abc.vn", "t.me/abc.vip nha", "t.me/nhiem_vu_vip", "abc.com/tin.vn"]
)
def test_a_path_is_no_second_host(text: str) -> None:
    assert len([mention for mention in extract(text) if mention.kind == "link"]) == 1
